"""Requests to servers outside: their answers, and none."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from undercast.kit.outgoing import Client, NoAnswer, Outgoing, send, with_headers, with_query

ANSWER = b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 2\r\n\r\nhi"


@asynccontextmanager
async def server(answer: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that answers every request with the same bytes, or not at all; its URL, and what it was sent."""
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        if answer:
            writer.write(answer)
            await writer.drain()
            writer.close()
        else:
            await reader.read()
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/path", seen


@pytest.fixture
def platform() -> Any:
    return SimpleNamespace(things={})


def ask(platform: Any, answer: bytes, timeout_s: float, method: str = "PUT") -> tuple[Any, list[bytes]]:
    async def run() -> tuple[Any, list[bytes]]:
        async with server(answer) as (url, seen):
            return await send(platform, Outgoing(method, url, {"X-A": "b"}, b"body"), timeout_s), seen

    return asyncio.run(run())


def test_an_answer_whatever_its_status(platform: Any) -> None:
    answer, seen = ask(platform, ANSWER, 5)
    assert (answer.status, answer.headers["location"], answer.body) == (302, "/x", b"hi")
    assert seen[0].startswith(b"PUT /path HTTP/1.1\r\n")
    assert b"X-A: b\r\n" in seen[0]
    assert b"user-agent" not in seen[0].lower()


def test_no_answer_in_time(platform: Any) -> None:
    with pytest.raises(NoAnswer) as caught:
        ask(platform, b"", 0.05)
    assert caught.value.late


def test_nobody_there(platform: Any) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/"
    with pytest.raises(NoAnswer) as caught:
        asyncio.run(send(platform, Outgoing("GET", url), 5))
    assert not caught.value.late


def test_a_url_that_is_none(platform: Any) -> None:
    with pytest.raises(NoAnswer):
        asyncio.run(send(platform, Outgoing("GET", "http://[no"), 5))


def test_headers_one_by_one_and_a_body_as_it_came(platform: Any) -> None:
    packed = gzip.compress(b"hi")
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b" % (len(packed), packed)

    async def run() -> list[Any]:
        client = Client("test", threads=1)
        async with server(answer) as (url, seen):
            request = Outgoing("GET", url, {"X-A": "1"}, lines=(("X-B", "2"), ("X-B", "3")))
            bodies = [(await client.send(request, 5, decode=decode)).body for decode in (False, True)]
        client.close()
        assert all(b"X-A: 1\r\nX-B: 2\r\nX-B: 3\r\n" in one for one in seen)
        return bodies

    assert asyncio.run(run()) == [packed, b"hi"]


def test_headers_and_queries_that_are_added() -> None:
    assert with_headers({"X-A": "1", "x-b": "2"}, {"X-B": "3", "c": "4"}) == {"X-A": "1", "X-B": "3", "c": "4"}
    assert with_query("http://h/?a=b", [("c", "1"), ("c", "2 3")]) == "http://h/?a=b&c=1&c=2+3"
    assert with_query("http://h/", {}) == "http://h/"
