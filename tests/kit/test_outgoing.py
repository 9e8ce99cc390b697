"""Requests to servers outside: their answers, and none."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from undercast.kit.outgoing import NoAnswer, Outgoing, send

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
