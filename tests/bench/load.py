"""A load generator: connections that each send a request, wait for its answer, and send the next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import perf_counter

# From the body of the last answer (b"" at first) to the bytes of the next request; one such function per connection.
Talk = Callable[[bytes], bytes]


class _Client(asyncio.Protocol):
    """One connection: as little Python per request as will do."""

    def __init__(self, run: Run, talk: Talk) -> None:
        self._run = run
        self._talk = talk
        self._expected = -1
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._send(b"")

    def _send(self, body: bytes) -> None:
        if not self._run.more():
            self._transport.close()
            return
        request = self._talk(body)
        self._began = perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._data = self._data + data if self._data else data
        if self._expected < 0:
            end = self._data.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self._data[:end].lower()
            start = head.find(b"content-length:") + 15
            self._expected = end + 4 + (int(head[start:].split(b"\r\n", 1)[0]) if start > 14 else 0)
            self._body_at = end + 4
        if len(self._data) >= self._expected:
            self._run.answered(perf_counter() - self._began, self._data)
            body, self._data, self._expected = self._data[self._body_at :], b"", -1
            self._send(body)

    def connection_lost(self, error: Exception | None) -> None:
        self._run.ended()


class Run:
    """A number of requests over some connections."""

    def __init__(self, talk: Callable[[], Talk], count: int) -> None:
        self._talk = talk
        self._left = count
        self._open = 0
        self._times: list[float] = []
        self._failures: list[bytes] = []

    def more(self) -> bool:
        self._left -= 1
        return self._left >= 0

    def answered(self, seconds: float, answer: bytes) -> None:
        self._times.append(seconds)
        if answer[9:10] != b"2":
            self._failures.append(answer[:600])

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
            await loop.create_connection(lambda: _Client(self, self._talk()), "127.0.0.1", port)
        await self._done
        if self._failures:
            raise AssertionError(f"{len(self._failures)} requests failed, the first: {self._failures[0]!r}")
        return Result(len(self._times) / (perf_counter() - began), sorted(self._times))


class Result:
    """Requests per second, and percentiles of their times."""

    def __init__(self, per_second: float, times: list[float]) -> None:
        self.per_second = per_second
        self._times = times

    def ms(self, percentile: float) -> float:
        return 1000 * self._times[min(len(self._times) - 1, int(len(self._times) * percentile / 100))]


def always(request: bytes) -> Callable[[], Talk]:
    """The same request again and again."""
    return lambda: lambda _: request


def in_turn(*steps: Talk) -> Callable[[], Talk]:
    """Steps in turn on each connection, each made from the answer to the one before."""

    def begin() -> Talk:
        number = -1

        def talk(answer: bytes) -> bytes:
            nonlocal number
            number = (number + 1) % len(steps)
            return steps[number](answer)

        return talk

    return begin


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
