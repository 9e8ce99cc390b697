"""One invocation of a version, and the stream of what it writes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from undercast.kit.call import Call
from undercast.runtime import Outcome, ShuttingDown

from . import errors, tracing
from .fleet import fleet
from .model import Function, Version
from .names import Reference


async def run(
    call: Call, reference: Reference, version: Version, function: Function, payload: bytes, *,
    context: str | None = None, trace: str | None = None, stream: Any = None, request_id: str = "",
) -> Outcome:  # fmt: skip
    """One invocation, under the name it was asked for."""
    try:
        return await fleet(call).run(
            call, version, function, payload, request_id=request_id or call.request_id,
            invoked_arn=reference.qualified_arn, client_context=context,
            trace_header=tracing.outgoing(call, version, function, trace), stream=stream,
        )  # fmt: skip
    except ShuttingDown:
        raise errors.ServiceException("Undercast is shutting down.") from None


class ChunkQueue:
    """A StreamSink that someone reads from; the function is held back while eight chunks wait."""

    def __init__(self) -> None:
        self.started = asyncio.Event()
        self.content_type = "application/octet-stream"
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._room = asyncio.Event()

    def start(self, content_type: str) -> None:
        self.content_type = content_type
        self.started.set()

    def write(self, chunk: bytes) -> Any:
        self._queue.put_nowait(chunk)
        if self._queue.qsize() < 8:
            return None
        self._room.clear()
        return self._room.wait()

    def end(self) -> None:
        self._queue.put_nowait(None)
        self.started.set()

    async def chunks(self) -> AsyncIterator[bytes]:
        while (chunk := await self._queue.get()) is not None:
            self._room.set()
            yield chunk
        self._room.set()
