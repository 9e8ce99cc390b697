"""A raw connection to the platform."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest


class Raw:
    """Bytes in, bytes out."""

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port), timeout=10)
        self._data = b""

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self, *, head_only: bool = False) -> tuple[int, dict[str, str], bytes]:
        """One response: status, headers, body."""
        while b"\r\n\r\n" not in self._data:
            self._more()
        head, _, self._data = self._data.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        length = 0 if head_only else int(headers.get("content-length", 0))
        while len(self._data) < length:
            self._more()
        body, self._data = self._data[:length], self._data[length:]
        return int(first.split()[1]), headers, body

    def closed(self) -> bool:
        """Whether the other side closes, with nothing more to say."""
        try:
            return self._data == b"" and self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def _more(self) -> None:
        data = self.socket.recv(65536)
        if not data:
            raise EOFError(f"closed after {self._data!r}")
        self._data += data


@pytest.fixture
def connect(undercast) -> Iterator[Callable[[], Raw]]:
    opened: list[Raw] = []
    parts = urlsplit(undercast.url)

    def open_one() -> Raw:
        opened.append(Raw(parts.hostname, parts.port))
        return opened[-1]

    yield open_one
    for raw in opened:
        raw.socket.close()


@pytest.fixture
def raw(connect) -> Raw:
    return connect()
