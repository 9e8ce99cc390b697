"""The `aws-chunked` content encoding: chunks with signatures or trailing checksums around an object's bytes.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from undercast.kit.errors import ServiceError
from undercast.kit.http import Body, Request

_LONGEST_LINE = 8 * 1024


class IncompleteBody(ServiceError):
    """The request body terminated unexpectedly"""

    status = 400
    modelled = False


def is_chunked(request: Request) -> bool:
    """Whether the body is in aws-chunked encoding."""
    return request.headers.get("x-amz-content-sha256", "").startswith("STREAMING-") or "aws-chunked" in (
        request.headers.get("content-encoding", "")
    )


def decoded(request: Request) -> Body:
    """The body without its chunk framing; trailers appear on it once it has been read."""
    assert request.stream is not None
    length = request.headers.get("x-amz-decoded-content-length", "")
    reader = _Reader(request.stream)
    body = Body(reader.chunks(), int(length) if length.isdigit() else None)
    reader.trailers = body.trailers
    return body


class _Reader:
    def __init__(self, source: Body) -> None:
        self._source = aiter(source)
        self._buffer = b""
        self.trailers: dict[str, str] = {}

    async def chunks(self) -> AsyncIterator[bytes]:
        while True:
            size = _size(await self._line())
            if size == 0:
                break
            while size:
                data = await self._some()
                piece, self._buffer = data[:size], data[size:]
                size -= len(piece)
                yield piece
            if await self._line():
                raise IncompleteBody()
        while line := await self._line(at_end=True):
            name, _, value = line.partition(b":")
            self.trailers[name.decode("latin-1").strip().lower()] = value.decode("latin-1").strip()

    async def _some(self) -> bytes:
        if self._buffer:
            data, self._buffer = self._buffer, b""
            return data
        try:
            return await anext(self._source)
        except StopAsyncIteration:
            raise IncompleteBody() from None

    async def _line(self, *, at_end: bool = False) -> bytes:
        while b"\r\n" not in self._buffer:
            if len(self._buffer) > _LONGEST_LINE:
                raise IncompleteBody()
            try:
                self._buffer += await anext(self._source)
            except StopAsyncIteration:
                if at_end:
                    line, self._buffer = self._buffer, b""
                    return line.rstrip(b"\n")
                raise IncompleteBody() from None
        line, _, self._buffer = self._buffer.partition(b"\r\n")
        return line


def _size(line: bytes) -> int:
    try:
        return int(line.partition(b";")[0], 16)
    except ValueError:
        raise IncompleteBody() from None
