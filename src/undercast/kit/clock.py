"""The one clock: real time, moved forward by whoever tests or demonstrates what takes long."""

from __future__ import annotations

import asyncio
import bisect
import heapq
import itertools
import time
from collections.abc import Callable


class Timer:
    """Something that is called at a time, unless it is cancelled first."""

    __slots__ = ("action", "at")

    def __init__(self, at: int, action: Callable[[], None]) -> None:
        self.at = at
        self.action: Callable[[], None] | None = action

    def cancel(self) -> None:
        self.action = None


class Clock:
    """Milliseconds since the epoch, plus what `advance` added. Timers follow the clock, so nothing sleeps for real."""

    def __init__(self) -> None:
        self._offset = 0
        self._stopped_at: int | None = None
        self._jumps: list[tuple[int, int]] = []  # when the clock was moved, by the world's clock, and the offset since
        self._timers: list[tuple[int, int, Timer]] = []
        self._order = itertools.count()
        self._handle: asyncio.TimerHandle | None = None
        self._wake_at: int | None = None

    def now(self) -> int:
        """The time in milliseconds since the epoch."""
        if self._stopped_at is not None:
            return self._stopped_at
        return time.time_ns() // 1_000_000 + self._offset

    @property
    def stopped(self) -> bool:
        return self._stopped_at is not None

    @property
    def ahead(self) -> int:
        """How far this clock is ahead of the world's, in milliseconds."""
        return self.now() - time.time_ns() // 1_000_000

    def stop(self) -> None:
        """Stand still from now on; only `advance` moves it. For tests that must not depend on how fast they run."""
        self._stopped_at = self.now()

    def go(self) -> None:
        """Run again, from where it stands."""
        if self._stopped_at is not None:
            self._offset = self._stopped_at - time.time_ns() // 1_000_000
            self._stopped_at = None
            self._jumps.append((time.time_ns() // 1_000_000, self._offset))
            self._run_due()

    def when(self, world_ms: int) -> int:
        """What this clock showed when the world's (a client's) showed `world_ms`."""
        moved = bisect.bisect_right(self._jumps, (world_ms, self._offset))
        return world_ms + (self._jumps[moved - 1][1] if moved else 0)

    def call_at(self, at: int, action: Callable[[], None]) -> Timer:
        """Call `action` on the event loop at `at` (milliseconds), or in the loop's next turn when that is past."""
        timer = Timer(at, action)
        heapq.heappush(self._timers, (at, next(self._order), timer))
        self._schedule()
        return timer

    async def sleep_until(self, at: int) -> None:
        """Wait until the clock shows `at`."""
        reached = asyncio.Event()
        timer = self.call_at(at, reached.set)
        try:
            await reached.wait()
        finally:
            timer.cancel()

    def advance(self, milliseconds: int) -> None:
        """Move the clock forward; what falls due is called in order of its time."""
        if milliseconds < 0:
            raise ValueError("The clock goes forward only.")
        self._offset += milliseconds
        if self._stopped_at is not None:
            self._stopped_at += milliseconds
        self._jumps.append((time.time_ns() // 1_000_000, self._offset))
        self._run_due()

    def reset(self) -> None:
        """Show the world's time again."""
        self._offset, self._stopped_at = 0, None
        self._jumps.append((time.time_ns() // 1_000_000, 0))

    def _run_due(self) -> None:
        self._handle = self._wake_at = None
        now = self.now()
        while self._timers and self._timers[0][0] <= now:
            action = heapq.heappop(self._timers)[2].action
            if action:
                action()
        self._schedule()

    def _schedule(self) -> None:
        while self._timers and self._timers[0][2].action is None:
            heapq.heappop(self._timers)
        if not self._timers:
            return
        at = self._timers[0][0]
        if self._wake_at is not None and self._wake_at <= at and self._handle:
            return
        if self._handle:
            self._handle.cancel()
        self._wake_at = at
        delay_s = max(0, at - self.now()) / 1000
        if self._stopped_at is not None and delay_s:
            return  # the time does not come by itself
        self._handle = asyncio.get_running_loop().call_later(min(delay_s, 86_400), self._run_due)
