"""An HTTP request and response as plain values, shared by the gateway, the wire and the few services that speak HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl


class Body:
    """The bytes of a request that arrive while the operation runs (streaming operations only).

    Iterate it once with `async for chunk in body`, or `await body.read()` for the rest of it.
    `trailers` holds the trailing headers (lower-case names) once the end has been reached.
    """

    def __init__(self, chunks: AsyncIterator[bytes], length: int | None) -> None:
        self._chunks = chunks
        self.length = length  # decoded length in bytes when the client declared one
        self.trailers: dict[str, str] = {}

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._chunks

    async def read(self) -> bytes:
        return b"".join([chunk async for chunk in self._chunks])


@dataclass(slots=True)
class Request:
    """One HTTP request. Header names are lower-case; `path` is raw (still percent-encoded), without the query."""

    method: str
    path: str
    query_string: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    stream: Body | None = None  # set instead of `body` for operations whose input streams
    raw_headers: list[tuple[str, str]] = field(default_factory=list)  # as sent: case and repetition kept
    source_ip: str = "127.0.0.1"
    scheme: str = "http"
    when_answered: Callable[[Response], None] | None = None  # told the response, for those who keep logs of requests
    _query: list[tuple[str, str]] | None = None

    @property
    def host(self) -> str:
        return self.headers.get("host", "")

    @property
    def query(self) -> list[tuple[str, str]]:
        """The decoded query parameters in order; a bare `?acl` is `("acl", "")`."""
        if self._query is None:
            self._query = parse_qsl(self.query_string, keep_blank_values=True) if self.query_string else []
        return self._query


@dataclass(slots=True)
class Response:
    """One HTTP response. `body` may be an async iterator of chunks; then it is streamed (chunked unless a length is set)."""

    status: int = 200
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes | AsyncIterator[bytes] = b""
