"""The log of one environment: what its process prints, cut into events, and what the platform writes between."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from undercast.runtime.spec import FunctionSpec, OnLog

EVENT_LIMIT_BYTES = 262_144  # CloudWatch Logs splits longer lines
TAIL_BYTES = 4096
SYSTEM_LEVELS = ("DEBUG", "INFO", "WARN")


class EnvironmentLog:
    """Feeds `on_log` in batches; holds an incomplete line, the tail of the invocation, and what is not yet fed."""

    def __init__(self, spec: FunctionSpec, stream: str, on_log: OnLog, now: Callable[[], int]) -> None:
        self.stream = stream
        self._spec = spec
        self._on_log = on_log
        self._now = now
        self._partial = b""
        self._events: list[tuple[int, str]] = []
        self._tail = bytearray()
        self._flush_planned = False
        self._tasks: set[asyncio.Future[None]] = set()

    def feed(self, data: bytes) -> Awaitable[None] | None:
        """Take output of the process. An awaitable means: read on when it is done."""
        *lines, self._partial = (self._partial + data).split(b"\n")
        now = self._now()
        for line in lines:
            self._add_line(now, line + b"\n")
        if len(self._partial) > EVENT_LIMIT_BYTES:
            self._add_line(now, self._partial)
            self._partial = b""
        return self.flush()

    def finish_line(self) -> None:
        """What was printed without a line break at the end of an invocation is an event too."""
        if self._partial:
            self._add_line(self._now(), self._partial)
            self._partial = b""

    def system(self, text: str, kind: str, level: str, record: dict[str, object]) -> None:
        """An event of the platform: `text` in the Text format, an object of type platform.`kind` in JSON."""
        now = self._now()
        if self._spec.log_format != "JSON":
            self._add(now, text)
        elif SYSTEM_LEVELS.index(level) >= SYSTEM_LEVELS.index(self._spec.system_log_level or "INFO"):
            event = {"time": iso(now), "type": f"platform.{kind}", "record": record}
            self._add(now, json.dumps(event, separators=(",", ":")) + "\n")
        if not self._flush_planned:
            self._flush_planned = True
            asyncio.get_running_loop().call_soon(self._planned_flush)

    def line(self, text: str) -> None:
        """A line of the platform's that has no counterpart among the events of the JSON format."""
        if self._spec.log_format != "JSON":
            self._add(self._now(), text)

    def start_tail(self) -> None:
        self._tail.clear()

    def tail(self) -> bytes:
        return bytes(self._tail[-TAIL_BYTES:])

    def flush(self) -> Awaitable[None] | None:
        if not self._events:
            return None
        events, self._events = self._events, []
        try:
            wait = self._on_log(self._spec, self.stream, events)
        except Exception as error:  # noqa: BLE001 - a log that cannot be kept must not stop the function; it is reported
            context = {"message": "the log of a function was not taken", "exception": error}
            asyncio.get_running_loop().call_exception_handler(context)
            return None
        if wait is None:
            return None
        task = asyncio.ensure_future(wait)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _planned_flush(self) -> None:
        self._flush_planned = False
        self.flush()

    def _add_line(self, now: int, line: bytes) -> None:
        if line.endswith(b"\r\n"):  # an event of our runtimes with no line break at its end, as AWS's Python errors
            line = line[:-2]
        for start in range(0, len(line), EVENT_LIMIT_BYTES):
            self._add(now, line[start : start + EVENT_LIMIT_BYTES].replace(b"\r", b"\n").decode("utf-8", "replace"))

    def _add(self, now: int, text: str) -> None:
        self._events.append((now, text))
        self._tail += text[-TAIL_BYTES:].encode() + (b"" if text.endswith("\n") else b"\n")
        if len(self._tail) > 4 * TAIL_BYTES:
            del self._tail[:-TAIL_BYTES]


def iso(now: int) -> str:
    """Milliseconds since the epoch as `2026-11-21T07:46:00.123Z`."""
    return datetime.fromtimestamp(now / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
