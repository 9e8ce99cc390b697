"""Who in this process waits for what to change."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Signal:
    """Set when its channel is notified, from the moment it listens: nothing falls between looking and waiting."""

    __slots__ = ("_event",)

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        self._event.set()

    def take(self) -> bool:
        """Whether it was notified since the last look, without waiting; the next look begins anew."""
        was_set = self._event.is_set()
        self._event.clear()
        return was_set

    async def wait(self, timeout_s: float) -> bool:
        """Wait for the next notification; False after `timeout_s` seconds without one."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True


class Waiters:
    """Signals by channel; one `notify` sets them all."""

    def __init__(self) -> None:
        self._signals: dict[str, set[Signal]] = {}

    @contextmanager
    def listen(self, channel: str) -> Iterator[Signal]:
        signal = Signal()
        signals = self._signals.setdefault(channel, set())
        signals.add(signal)
        try:
            yield signal
        finally:
            signals.discard(signal)
            if not signals and self._signals.get(channel) is signals:
                del self._signals[channel]

    def notify(self, channel: str) -> None:
        for signal in self._signals.get(channel, ()):
            signal.set()

    def notify_all(self) -> None:
        """Let everyone look again: time was moved, or notifications may have been missed."""
        for channel in list(self._signals):
            self.notify(channel)
