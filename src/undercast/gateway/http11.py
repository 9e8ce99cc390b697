"""HTTP/1.1 over a connection: a thin protocol over httptools that keeps raw paths, header case and trailers.

Requests of one connection are answered in order, one at a time; while one is under way, reading pauses. A handler gets
the whole body as bytes, or, when the router says that the operation streams, a `Body` that fills as it is read.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from time import monotonic
from typing import Any

import httptools

from undercast.kit.http import Body, Request, Response

log = logging.getLogger("undercast.http")

_REASONS = {status.value: status.phrase for status in HTTPStatus}
_HIGH_WATER = 256 * 1024  # bytes of a streamed body that wait for their reader before reading pauses
_HALF_CLOSED_S = 0.5  # how long a client that sends no more is taken to listen still
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@dataclass(frozen=True)
class Limits:
    """What a client may send. Bytes and seconds."""

    header_bytes: int = 64 * 1024
    body_bytes: int = 72 * 1024 * 1024  # of a body that is held in memory; Lambda takes zips up to 70,167,211 in base64
    request_s: float = 120.0  # for headers, and between two pieces of a body or of an answer that is read
    idle_s: float = 300.0  # between requests


@dataclass(frozen=True)
class App:
    """What the protocol serves."""

    answer: Callable[[Request], Awaitable[Response]]
    streams: Callable[[Request], bool]  # asked once the headers are known
    limits: Limits = Limits()


class Connection(asyncio.Protocol):
    """One client connection."""

    def __init__(self, app: App, open_connections: set[Connection], scheme: str = "http") -> None:
        self._app = app
        self._open = open_connections
        self._scheme = scheme
        self._parser = httptools.HttpRequestParser(self)
        self._queue: deque[tuple[Request, bool]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._writable: asyncio.Future[None] | None = None
        self._stream: _StreamedBody | None = None
        self._closing = False
        self._unparsed = 0  # bytes since the last piece of a body: headers or trailers that have no end yet
        self._in_request = False
        self._dispatched = False
        self._ended = False  # the client sends no more
        self._responding = False  # a streamed answer has begun
        self._refusal = b""  # what is left to say when all before it is answered
        self._unsent = (0, 0.0)  # bytes that wait for the client to read, and since when they are that many
        self.last_heard = monotonic()

    # --- the transport ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        peer = transport.get_extra_info("peername")
        self._peer = peer[0] if isinstance(peer, tuple) else "127.0.0.1"
        self._open.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._open.discard(self)
        self._closing = True
        if self._stream:
            self._stream.fail(ConnectionResetError("the client went away"))
        if self._task:
            self._task.cancel()
        self.resume_writing()

    def data_received(self, data: bytes) -> None:
        if self._dispatched or not self._in_request:  # headers have to arrive in time as a whole
            self.last_heard = monotonic()
        if self._closing or self._refusal:
            return
        self._unparsed += len(data)
        try:
            while data:
                data = self._feed(data)
        except (httptools.HttpParserError, UnicodeDecodeError, ValueError):
            self._refuse(400, "The request is not valid HTTP/1.1.")
        else:
            if self._unparsed > self._app.limits.header_bytes:
                self._refuse(431, "The headers of the request are too large.")

    def _feed(self, data: bytes) -> bytes:
        """Parse; the bytes that are left when a request wanted another protocol: it gets its answer in this one."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._parser = httptools.HttpRequestParser(self)
            return data[upgrade.args[0] :]
        return b""

    def eof_received(self) -> bool:
        if self._stream:
            self._stream.fail(ConnectionResetError("the client stopped sending"))
        if self._task is None:
            return False
        # The answer to a complete request still goes out, but a client that went away cannot be told from one that
        # only listens: what takes longer (a long poll, above all) would hand a message to nobody.
        self._ended = True
        asyncio.get_running_loop().call_later(_HALF_CLOSED_S, self._leave)
        return True

    def _leave(self) -> None:
        if self._task is not None and not self._responding:
            self.transport.abort()

    def pause_writing(self) -> None:
        if self._writable is None:
            self._writable = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        if self._writable is not None:
            if not self._writable.done():
                self._writable.set_result(None)
            self._writable = None

    # --- the parser ---

    def on_message_begin(self) -> None:
        self._url = b""
        self._headers: list[tuple[str, str]] = []
        self._body: list[bytes] = []
        self._body_size = 0
        self._header_size = self._unparsed = 0
        self._in_request, self._dispatched = True, False

    def on_url(self, url: bytes) -> None:
        self._url += url
        self._header_size += len(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._header_size += len(name) + len(value)
        if not self._dispatched:
            self._headers.append((_text(name), _decode(value)))
        elif self._header_size > self._app.limits.header_bytes:
            self._refuse(431, "The trailers of the request are too large.")
        elif self._stream:
            self._stream.body.trailers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self._dispatched = True
        header_size, self._header_size, self._unparsed = self._header_size, 0, 0  # now of the trailers
        if self._closing or self._refusal:
            return
        if header_size > self._app.limits.header_bytes:
            return self._refuse(431, "The headers of the request are too large.")
        request = self._request()
        length = request.headers.get("content-length")
        if self._app.streams(request):
            self._stream = _StreamedBody(self, int(length) if length and length.isdigit() else None)
            request.stream = self._stream.body
            self._enqueue(request)
        elif length and int(length) > self._app.limits.body_bytes:
            return self._refuse(413, "The body of the request is too large.")
        self._pending = request
        if request.headers.get("expect", "").lower() == "100-continue" and not self._queue:
            self.transport.write(_CONTINUE)

    def on_body(self, chunk: bytes) -> None:
        self._unparsed = 0
        if self._stream:
            self._stream.feed(chunk)
            return
        self._body_size += len(chunk)
        if self._body_size > self._app.limits.body_bytes:
            self._refuse(413, "The body of the request is too large.")
        elif not self._closing:
            self._body.append(chunk)

    def on_message_complete(self) -> None:
        self._in_request = False
        self._unparsed = 0
        if self._closing or self._refusal:
            return
        if self._stream:
            self._stream.finish()
            self._stream = None
            return
        self._pending.body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        self._enqueue(self._pending)

    def _request(self) -> Request:
        method = self._parser.get_method().decode()
        target = _decode(self._url)
        if not target.startswith("/") and "://" in target:  # absolute form, as proxies send
            target = "/" + target.split("://", 1)[1].partition("/")[2]
        path, _, query = target.partition("?")
        headers: dict[str, str] = {}
        for name, value in self._headers:
            key = _lower(name)
            headers[key] = f"{headers[key]}, {value}" if key in headers else value
        return Request(
            method, path, query, headers, raw_headers=self._headers, source_ip=self._peer, scheme=self._scheme
        )

    # --- answering ---

    def _enqueue(self, request: Request) -> None:
        self._queue.append((request, self._parser.should_keep_alive()))
        if self._task is None:
            self._next()
        else:
            self.transport.pause_reading()

    def _next(self) -> None:
        request, keep_alive = self._queue.popleft()
        self._task = asyncio.get_running_loop().create_task(self._answer(request, keep_alive))

    async def _answer(self, request: Request, keep_alive: bool) -> None:
        try:
            response = await self._app.answer(request)
            if self._closing:
                return
            if isinstance(response.body, bytes):
                self.transport.write(_whole(response, request.method, keep_alive))
                if self._writable:
                    await self._writable
            else:
                keep_alive = await self._send_stream(response, response.body, request.method, keep_alive)
            if request.stream and self._stream and self._stream.body is request.stream:
                keep_alive = False  # the operation answered before it had read its input
        except ConnectionError:
            keep_alive = False
        finally:
            self._task, self._responding = None, False
        if not keep_alive or (self._ended and not self._queue and not self._refusal):
            self._closing = True
            self.transport.close()
        elif self._queue:
            self._next()
        elif self._refusal:
            self.transport.write(self._refusal)
            self._closing = True
            self.transport.close()
        else:
            self.last_heard = monotonic()
            self.transport.resume_reading()

    async def _send_stream(self, response: Response, body: AsyncIterator[bytes], method: str, keep_alive: bool) -> bool:
        sized = any(name.lower() == "content-length" for name, _ in response.headers)
        self._responding = True
        self.transport.write(_head(response, keep_alive, None if sized else b"Transfer-Encoding: chunked\r\n"))
        if method == "HEAD":
            return keep_alive
        try:
            async for chunk in body:
                if chunk:
                    self.transport.write(chunk if sized else b"%x\r\n%b\r\n" % (len(chunk), chunk))
                if self._writable:
                    await self._writable
                if self._closing:
                    return False
        except Exception:  # whatever its service raised: the status is sent, so that only a broken connection can tell
            log.exception("a streamed answer broke off")
            self.transport.abort()
            return False
        if not sized:
            self.transport.write(b"0\r\n\r\n")
        return keep_alive

    def _refuse(self, status: int, text: str) -> None:
        """Answer what is not a request and close."""
        if self._closing:
            return
        body = f'{{"message":"{text}"}}'.encode()
        refusal = _whole(Response(status, [("Content-Type", "application/json")], body), "GET", False)
        if self._task is not None and self._stream is None:
            self._refusal = refusal
            return
        self._closing = True
        if self._task is None:
            self.transport.write(refusal)
        self.transport.close()

    # --- time ---

    def check(self, now: float) -> None:
        """Close when the client has been silent for too long. Called every few seconds."""
        unsent = self.transport.get_write_buffer_size()
        if unsent != self._unsent[0]:
            self._unsent = (unsent, now)
        elif unsent and now - self._unsent[1] > self._app.limits.request_s:
            self.transport.abort()  # the client asked and does not read
            return
        silent_s = now - self.last_heard
        if self._task is not None and self._stream is None:
            return
        if self._in_request and silent_s > self._app.limits.request_s:
            self._refuse(408, "The request did not arrive in time.")
        elif not self._in_request and silent_s > self._app.limits.idle_s:
            self.shut()

    def shut(self) -> None:
        """Close once nothing is under way."""
        if self._task is None:
            self._closing = True
            self.transport.close()


class _StreamedBody:
    """The chunks of a request body on their way to the operation that reads them."""

    def __init__(self, connection: Connection, length: int | None) -> None:
        self._connection = connection
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self._arrived = asyncio.Event()
        self._ended = False
        self._error: BaseException | None = None
        self.body = Body(self._read(), length)

    def feed(self, chunk: bytes) -> None:
        self._chunks.append(chunk)
        self._size += len(chunk)
        self._arrived.set()
        if self._size > _HIGH_WATER:
            self._connection.transport.pause_reading()

    def finish(self) -> None:
        self._ended = True
        self._arrived.set()

    def fail(self, error: BaseException) -> None:
        self._error = error
        self.finish()

    async def _read(self) -> AsyncIterator[bytes]:
        while True:
            while self._chunks:
                chunk = self._chunks.popleft()
                self._size -= len(chunk)
                yield chunk
            if self._error:
                raise self._error
            if self._ended:
                return
            self._arrived.clear()
            self._connection.transport.resume_reading()
            await self._arrived.wait()


@lru_cache(maxsize=2048)
def _text(name: bytes) -> str:
    return name.decode("latin-1")


@lru_cache(maxsize=2048)
def _lower(name: str) -> str:
    return name.lower()


def _decode(value: bytes) -> str:
    """UTF-8 as SDKs send it, or else one character for each byte: whatever came can be written again."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _whole(response: Response, method: str, keep_alive: bool) -> bytes:
    body = response.body
    assert isinstance(body, bytes)
    bodiless = method == "HEAD" or response.status in (204, 304) or response.status < 200
    sized = response.status in (204, 304) or any(_lower(name) == "content-length" for name, _ in response.headers)
    length = b"" if sized else b"Content-Length: %d\r\n" % len(body)
    return _head(response, keep_alive, length) + (b"" if bodiless else body)


def _head(response: Response, keep_alive: bool, framing: bytes | None) -> bytes:
    lines = [f"HTTP/1.1 {response.status} {_REASONS.get(response.status, 'Unknown')}\r\n"]
    for name, value in response.headers:
        lines.append(f"{name}: {value}\r\n")
    if not keep_alive:
        lines.append("Connection: close\r\n")
    head = "".join(lines)
    if not len(lines) == head.count("\r") == head.count("\n"):
        head = _without_breaks(lines)
    return head.encode() + (framing or b"") + b"\r\n"


def _without_breaks(lines: list[str]) -> str:
    """Header values may hold what users stored; a line break in one must not become a header of its own."""
    return "".join(line[:-2].replace("\r", " ").replace("\n", " ") + "\r\n" for line in lines)
