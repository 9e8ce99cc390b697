"""A load generator: connections that each send a request, wait for its answer, and send the next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import perf_counter

Make = Callable[[int], bytes]  # the request's bytes, by its number


class _Client(asyncio.Protocol):
    """One connection: as little Python per request as will do."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._left = -1
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._send()

    def _send(self) -> None:
        request = self._run.next()
        if request is None:
            self._transport.close()
            return
        self._began = perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        if self._left < 0:
            self._data += data
            head_end = self._data.find(b"\r\n\r\n")
            if head_end < 0:
                return
            head = self._data[:head_end].lower()
            start = head.index(b"content-length:") + 15
            length = int(head[start:].split(b"\r\n", 1)[0])
            if not head.startswith(b"http/1.1 2"):
                self._run.failures.append(self._data[:500])
            self._left = length - (len(self._data) - head_end - 4)
        else:
            self._left -= len(data)
        if self._left <= 0:
            self._left, self._data = -1, b""
            self._run.times.append(perf_counter() - self._began)
            self._send()

    def connection_lost(self, error: Exception | None) -> None:
        self._run.ended()


class Run:
    """Many requests over some connections."""

    def __init__(self, make: Make, count: int) -> None:
        self._make = make
        self._count = count
        self._sent = 0
        self._open = 0
        self.times: list[float] = []
        self.failures: list[bytes] = []

    def next(self) -> bytes | None:
        if self._sent >= self._count:
            return None
        self._sent += 1
        return self._make(self._sent)

    def ended(self) -> None:
        self._open -= 1
        if self._open == 0:
            self._done.set_result(None)

    async def over(self, port: int, connections: int) -> Result:
        loop = asyncio.get_running_loop()
        self._done = loop.create_future()
        self._open = connections
        began = perf_counter()
        for _ in range(connections):
            await loop.create_connection(lambda: _Client(self), "127.0.0.1", port)
        await self._done
        if self.failures:
            raise AssertionError(f"{len(self.failures)} requests failed, the first: {self.failures[0]!r}")
        return Result(len(self.times) / (perf_counter() - began), sorted(self.times))


class Result:
    """Requests per second, and percentiles of their times."""

    def __init__(self, per_second: float, times: list[float]) -> None:
        self.per_second = per_second
        self._times = times

    def ms(self, percentile: float) -> float:
        return 1000 * self._times[min(len(self._times) - 1, int(len(self._times) * percentile / 100))]


def request(method: str, path: str, body: bytes = b"", *, service: str = "", **headers: str) -> bytes:
    """The bytes of a request as an SDK signs it (the signature itself is not looked at)."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1:4566", f"Content-Length: {len(body)}"]
    if service:
        lines.append(
            f"Authorization: AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/{service}/aws4_request, "
            f"SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature={'0' * 64}"
        )
        lines += ["X-Amz-Date: 20260101T000000Z", "User-Agent: Boto3/1.44 md/Botocore#1.44 ua/2.1 os/linux lang/python"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def json_request(service: str, target: str, body: bytes, version: str = "1.0") -> bytes:
    return request(
        "POST", "/", body, service=service, X_Amz_Target=target, Content_Type=f"application/x-amz-json-{version}"
    )
