"""Changes: who wants to know that something changed, and telling them. It costs nothing while nobody listens."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

_READS = ("Get", "List", "Describe", "Head", "Query", "Scan", "BatchGet", "Search", "Lookup", "Validate", "Test")
_NAMES = ("arn", "url", "name", "bucket", "id", "execution")  # how parameters end that name a thing
_MOST = 50  # things that are named before it is "many"

Place = tuple[str, str, str]  # service, account, region


@dataclass(slots=True)
class Change:
    """What happened in one place since the listener last looked. `things` None: more than one cares to name."""

    operations: set[str] = field(default_factory=set)
    things: set[str] | None = field(default_factory=set)

    def add(self, operation: str, thing: str) -> None:
        self.operations.add(operation)
        if thing and self.things is not None:
            self.things.add(thing)
            if len(self.things) > _MOST:
                self.things = None


class Listener:
    """One that listens; what it has not yet taken is kept, summed up by place."""

    def __init__(self) -> None:
        self.waiting: dict[Place, Change] = {}
        self.woken = asyncio.Event()
        self.ended = False

    def take(self) -> dict[Place, Change]:
        self.woken.clear()
        taken, self.waiting = self.waiting, {}
        return taken


class Changes:
    """The listeners of this process; `if changes.listeners` comes before the work of telling them."""

    def __init__(self) -> None:
        self.listeners: set[Listener] = set()

    @contextmanager
    def listen(self) -> Iterator[Listener]:
        listener = Listener()
        self.listeners.add(listener)
        try:
            yield listener
        finally:
            self.listeners.discard(listener)

    def tell(self, service: str, operation: str, account: str, region: str, params: object) -> None:
        """Say that an operation or a job was done; those that only read change nothing."""
        if operation.startswith(_READS):
            return
        thing = _thing(params) if isinstance(params, Mapping) else ""
        for listener in self.listeners:
            listener.waiting.setdefault((service, account, region), Change()).add(operation, thing)
            listener.woken.set()

    def close(self) -> None:
        """The platform stops: nobody needs to wait any longer."""
        for listener in self.listeners:
            listener.ended = True
            listener.woken.set()


def _thing(params: Mapping[str, Any]) -> str:
    """The thing that an operation was about: the first parameter whose name says that it names something."""
    for key, value in params.items():
        if isinstance(value, str) and value and key.lower().endswith(_NAMES):
            return value
    return ""
