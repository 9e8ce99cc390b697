"""A frame: one branch or iteration on its way through its states; frame 0 is the machine itself."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from undercast.engines.states.payloads import json_bytes

PENDING = "PENDING"  # an iteration that waits for its turn
READY = "READY"  # its state is to be entered
WAITING = "WAITING"  # for a time: a Wait, or before a retry
CALLING = "CALLING"  # for a task
CHILDREN = "CHILDREN"  # for branches, iterations or a map run
DONE, FAILED, ABORTED = "DONE", "FAILED", "ABORTED"
ENDED = (DONE, FAILED, ABORTED)

ROOT = 0
NO_PARENT = -1

_KEPT = (
    "pointer", "state", "input", "variables", "item", "attempts", "retries", "previous", "entered", "entered_at", "again",
    "serial", "work", "error", "cause", "left_map_run",
)  # fmt: skip


@dataclass(slots=True)
class Frame:
    """`serial` grows with everything it waits for, so that what comes late is known to be late."""

    id: int
    parent: int
    position: int  # among its siblings
    status: str
    pointer: str  # its machine within the definition
    state: str
    input: Any  # of its state; its output when it is done
    variables: dict[str, Any] | None = None  # None before it began: then they are its parent's
    item: list[Any] | None = (
        None  # [index, value] of the iteration it belongs to; [index, value, key] of an object's member
    )
    attempts: dict[int, int] = field(default_factory=dict)  # by retrier, of this visit to the state
    retries: int = 0
    previous: int = 0  # the event that its next one follows
    entered: int = 0  # the event of its entering the state; 0 when it has not yet
    entered_at: int = 0
    again: bool = False  # the state is entered once more: a retry, or a redrive
    serial: int = 0
    work: dict[str, Any] | None = None  # what it waits for
    error: str | None = None
    cause: str | None = None
    left_map_run: str | None = None  # the map run that failed, for a redrive
    text: str | None = None  # the input as JSON, when known

    def content(self) -> bytes:
        """What is kept of it besides its columns."""
        return json_bytes({name: getattr(self, name) for name in _KEPT if name != "attempts"} | {
            "attempts": [[retrier, count] for retrier, count in self.attempts.items()]
        })  # fmt: skip

    @classmethod
    def of(cls, id: int, parent: int, position: int, status: str, content: bytes) -> Frame:
        kept = orjson.loads(content)
        kept["attempts"] = dict(kept["attempts"])
        return cls(id, parent, position, status, **kept)


class Frames:
    """The frames of one execution in memory; `StoredFrames` keeps them in the database."""

    def __init__(self, next_id: Callable[[], int]) -> None:
        self._next_id = next_id
        self._frames: dict[int, Frame] = {}
        self._pending: dict[int, deque[Frame]] = {}

    def add(self, frames: Sequence[Frame]) -> None:
        """Take new frames; all but the root get their ids here."""
        for frame in frames:
            if frame.parent != NO_PARENT:
                frame.id = self._next_id()
            self._frames[frame.id] = frame
            if frame.status == PENDING:
                self._pending.setdefault(frame.parent, deque()).append(frame)

    def changed(self, frame: Frame) -> None:
        """To be told of every change."""

    async def find(self, id: int) -> Frame | None:
        return self._frames.get(id)

    async def children(self, parent: int) -> list[Frame]:
        """In their order."""
        found = [frame for frame in self._frames.values() if frame.parent == parent]
        return sorted(found, key=lambda frame: frame.position)

    async def next_pending(self, parent: int) -> Frame | None:
        """The first of a frame's children that waits for its turn."""
        waiting = self._pending.get(parent)
        while waiting:
            frame = waiting.popleft()
            if frame.status == PENDING:
                return frame
        return None

    async def remove_below(self, parent: int) -> None:
        """Forget a frame's children, and theirs."""
        for frame in await self.children(parent):
            await self.remove_below(frame.id)
            del self._frames[frame.id]
