"""The Lambda Runtime API, platform side: one small HTTP/1.1 protocol per connection of a function's runtime.

Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable
from typing import Protocol, cast

import httptools

PREFIX = "/2018-06-01/runtime"
RESPONSE_LIMIT_BYTES = 6_291_556  # 6 MiB and 100 bytes, the number AWS's error names
REASONS = {100: "Continue", 200: "OK", 202: "Accepted", 400: "Bad Request", 403: "Forbidden", 404: "Not Found"}
REASONS |= {413: "Payload Too Large"}
Refusal = tuple[int, str, str]  # status, errorType, errorMessage

WRONG_ID: Refusal = (400, "InvalidRequestID", "Invalid request ID")
WRONG_STATE: Refusal = (
    403,
    "InvalidStateTransition",
    "Transition from this state to the requested one is not allowed.",
)
TOO_LARGE: Refusal = (
    413,
    "RequestEntityTooLarge",
    f"Exceeded maximum allowed payload size ({RESPONSE_LIMIT_BYTES} bytes).",
)


class Host(Protocol):
    """What the API speaks for: one environment. Methods answer None when accepted, else why not."""

    def on_next(self, connection: RuntimeApi) -> Refusal | None: ...
    def on_response(self, request_id: str, body: bytes, content_type: str) -> Refusal | None: ...
    def on_too_large(self, request_id: str) -> None: ...
    def on_error(self, request_id: str, body: bytes, error_type: str) -> Refusal | None: ...
    def on_init_error(self, body: bytes, error_type: str) -> Refusal | None: ...
    def on_stream_start(self, request_id: str, content_type: str) -> Refusal | None: ...
    def on_stream_chunk(self, chunk: bytes) -> Awaitable[None] | None: ...
    def on_stream_end(self, error_type: str, error_body: str) -> None: ...
    def on_disconnect(self, connection: RuntimeApi) -> None: ...


class RuntimeApi(asyncio.Protocol):
    """One connection. Requests may be pipelined; answers go out in order."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._transport: asyncio.Transport
        self._parser = httptools.HttpRequestParser(self)
        self._tasks: set[asyncio.Task[None]] = set()
        self._reset()

    def _reset(self) -> None:
        self._url = b""
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._size = 0
        self._streaming = False
        self._refused: Refusal | None = None

    # what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are not of that class
        # asyncio leaves Nagle's algorithm on when the listener was made without naming TCP: 40 ms for every event
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._refuse((400, "InvalidRequest", str(error)))
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._host.on_disconnect(self)

    # what the parser calls

    def on_message_begin(self) -> None:
        self._reset()

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:  # trailers come here too
        self._headers[name.decode("latin-1").lower()] = value.decode("utf-8", "replace")

    def on_headers_complete(self) -> None:
        if self._headers.get("expect", "").lower() == "100-continue":
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if self._headers.get("lambda-runtime-function-response-mode", "").lower() != "streaming":
            return
        words = self._words()
        if len(words) == 3 and words[0] == "invocation" and words[2] == "response":
            self._streaming = True
            self._refused = self._host.on_stream_start(words[1], self._content_type())

    def on_body(self, chunk: bytes) -> None:
        if self._streaming:
            if self._refused is None and (wait := self._host.on_stream_chunk(chunk)) is not None:
                self._hold(wait)
            return
        self._size += len(chunk)
        if self._size <= RESPONSE_LIMIT_BYTES:
            self._body.append(chunk)

    def on_message_complete(self) -> None:
        refusal = self._finish_stream() if self._streaming else self._dispatch()
        if refusal is not None:
            self._refuse(refusal)
        elif not self._url.endswith(b"/next"):
            self._write(202, b'{"status":"OK"}\n')

    # answers

    def send_event(self, headers: list[tuple[str, str]], payload: bytes) -> None:
        """Answer a waiting `next` with an invocation."""
        self._write(200, payload, headers)

    def _write(self, status: int, body: bytes, headers: list[tuple[str, str]] | None = None) -> None:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers or ())
        head = f"HTTP/1.1 {status} {REASONS[status]}\r\nContent-Type: application/json\r\n{lines}"
        self._transport.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    def _refuse(self, refusal: Refusal) -> None:
        status, kind, message = refusal
        self._write(status, f'{{"errorMessage":"{message}","errorType":"{kind}"}}\n'.encode())

    # requests

    def _dispatch(self) -> Refusal | None:
        method, words, body = self._parser.get_method(), self._words(), b"".join(self._body)
        if method == b"GET" and words == ["invocation", "next"]:
            return self._host.on_next(self)
        if method == b"POST" and words == ["init", "error"]:
            return self._host.on_init_error(body, self._error_type())
        if method == b"POST" and len(words) == 3 and words[0] == "invocation":
            if words[2] == "error":
                return self._host.on_error(words[1], body, self._error_type())
            if words[2] == "response":
                if self._size <= RESPONSE_LIMIT_BYTES:
                    return self._host.on_response(words[1], body, self._content_type())
                self._host.on_too_large(words[1])
                return TOO_LARGE
        return (404, "NotFound", "There is nothing at this path of the Runtime API.")

    def _finish_stream(self) -> Refusal | None:
        if self._refused is None:
            body = self._headers.get("lambda-runtime-function-error-body", "")
            self._host.on_stream_end(self._error_type(), body)
        return self._refused

    def _words(self) -> list[str]:
        path = self._url.decode("latin-1").partition("?")[0]
        return path[len(PREFIX) + 1 :].split("/") if path.startswith(PREFIX + "/") else []

    def _content_type(self) -> str:
        return self._headers.get("content-type", "application/octet-stream")

    def _error_type(self) -> str:
        return self._headers.get("lambda-runtime-function-error-type", "")

    def _hold(self, wait: Awaitable[None]) -> None:
        """Read no more from the function until whoever takes its response has caught up."""

        async def resume() -> None:
            try:
                await wait
            finally:
                self._tasks.discard(task)
                if not self._tasks and not self._transport.is_closing():
                    self._transport.resume_reading()

        self._transport.pause_reading()
        task = asyncio.ensure_future(resume())
        self._tasks.add(task)
