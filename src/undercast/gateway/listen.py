"""The front door's socket: HTTP and HTTPS on one port; the first byte tells which."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import ssl
from collections.abc import Callable
from time import monotonic

from undercast.gateway.http11 import App, Connection

_TLS_HANDSHAKE = 0x16
_FIRST_BYTE_S = 30.0
_SWEEP_S = 5.0  # or sooner, when limits are short


class PortTaken(Exception):
    """Someone else listens on the port."""


class Listener:
    """A listening socket and its connections. `tls` is called once, for the first client that speaks TLS."""

    def __init__(self, app: App, tls: Callable[[], ssl.SSLContext]) -> None:
        self._app = app
        self._tls = tls
        self._sweep_s = min(_SWEEP_S, app.limits.request_s / 2)
        self._first_byte_s = min(_FIRST_BYTE_S, app.limits.request_s)
        self._context: ssl.SSLContext | None = None
        self._connections: set[Connection] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self, host: str, port: int) -> int:
        """Listen; the answer is the port (useful for port 0). PortTaken when it is in use."""
        self._loop = asyncio.get_running_loop()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.setblocking(False)
        try:
            self._socket.bind((host, port))
        except OSError as error:
            self._socket.close()
            if error.errno == errno.EADDRINUSE:
                raise PortTaken(f"{host}:{port}") from error
            raise
        self._socket.listen(2048)
        self._loop.add_reader(self._socket, self._accept)
        self._sweep_handle = self._loop.call_later(self._sweep_s, self._sweep)
        return int(self._socket.getsockname()[1])

    async def close(self, grace_s: float = 3.0) -> None:
        """Take no more connections, let what is under way end, close."""
        self._sweep_handle.cancel()
        self._loop.remove_reader(self._socket)
        self._socket.close()
        for task in self._tasks:
            task.cancel()
        deadline = monotonic() + grace_s
        while self._connections and monotonic() < deadline:
            for connection in list(self._connections):
                connection.shut()
            await asyncio.sleep(0.005)
        for connection in list(self._connections):
            connection.transport.abort()

    def _accept(self) -> None:
        for _ in range(64):
            try:
                client, _address = self._socket.accept()
            except (BlockingIOError, InterruptedError):
                return
            except OSError:  # out of file descriptors: the client waits in the backlog
                return
            client.setblocking(False)
            if client.family != socket.AF_UNIX:
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            task = self._loop.create_task(self._greet(client))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _greet(self, client: socket.socket) -> None:
        """Look at the first byte without taking it, then hand the socket to HTTP or to TLS and HTTP."""
        try:
            first = await self._peek(client)
        except (OSError, TimeoutError):
            client.close()
            return
        if not first:
            client.close()
            return
        secure = first[0] == _TLS_HANDSHAKE
        if secure and self._context is None:
            self._context = self._tls()
        scheme = "https" if secure else "http"
        with contextlib.suppress(OSError):  # a handshake that fails is the client's affair (ssl.SSLError is an OSError)
            await self._loop.connect_accepted_socket(
                lambda: Connection(self._app, self._connections, scheme),
                client,
                ssl=self._context if secure else None,
                ssl_handshake_timeout=self._first_byte_s if secure else None,
            )

    async def _peek(self, client: socket.socket) -> bytes:
        with contextlib.suppress(BlockingIOError):
            return client.recv(1, socket.MSG_PEEK)
        readable = asyncio.Event()
        self._loop.add_reader(client, readable.set)
        try:
            async with asyncio.timeout(self._first_byte_s):
                await readable.wait()
        finally:
            self._loop.remove_reader(client)
        return client.recv(1, socket.MSG_PEEK)

    def _sweep(self) -> None:
        now = monotonic()
        for connection in list(self._connections):
            connection.check(now)
        self._sweep_handle = self._loop.call_later(self._sweep_s, self._sweep)
