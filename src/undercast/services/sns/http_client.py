"""Sends one POST and reads the status of its answer, on the event loop.

The standard library has no asynchronous client, and its blocking one would hold a thread for as long as an endpoint
is slow. Only the status matters here, so a request is written and the first line of the answer is read.
"""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64encode
from functools import cache
from urllib.parse import SplitResult, unquote, urlsplit

_TIMEOUT_S = 15  # what SNS waits for an answer


class DeliveryFailed(Exception):
    """The endpoint did not take the message. `again`: whether it may do so later."""

    def __init__(self, reason: str, *, again: bool) -> None:
        super().__init__(reason)
        self.again = again


async def post(url: str, headers: dict[str, str], body: bytes) -> None:
    """POST `body` to an HTTP or HTTPS URL. DeliveryFailed unless the answer is 2xx."""
    try:
        status = await asyncio.wait_for(_exchange(urlsplit(url), headers, body), _TIMEOUT_S)
    except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError) as error:
        raise DeliveryFailed(f"{type(error).__name__}: {error}", again=True) from error
    if not 200 <= status < 300:
        # sns-message-delivery-retries.html: client errors are final, but for 429
        raise DeliveryFailed(f"HTTP status {status}", again=status >= 500 or status == 429)


async def _exchange(url: SplitResult, headers: dict[str, str], body: bytes) -> int:
    secure = url.scheme == "https"
    port = url.port or (443 if secure else 80)
    reader, writer = await asyncio.open_connection(url.hostname, port, ssl=_context() if secure else None)
    try:
        writer.write(_head(url, headers, len(body)) + body)
        await writer.drain()
        version, status, *_ = (await reader.readuntil(b"\n")).split()
        if not version.startswith(b"HTTP/"):
            raise ValueError("the answer is not HTTP")
        return int(status)
    finally:
        writer.close()


def _head(url: SplitResult, headers: dict[str, str], length: int) -> bytes:
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    host = url.netloc.rpartition("@")[2]
    fixed = {"Host": host, "Content-Length": str(length), "Connection": "close"}
    if url.username is not None:
        credentials = f"{unquote(url.username)}:{unquote(url.password or '')}"
        fixed["Authorization"] = f"Basic {b64encode(credentials.encode()).decode()}"
    lines = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in {**headers, **fixed}.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


@cache
def _context() -> ssl.SSLContext:
    return ssl.create_default_context()
