"""The platform's side of a nursery: starts it, orders processes from it, hears of their end."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from undercast.runtime.interpreters import Interpreter

BOOTSTRAP = Path(__file__).parent / "bootstrap"
READY_S = 60.0  # the first import of a large SDK on a busy machine


class Process(Protocol):
    """Who is told about a process. `code` counts as subprocess does: negative for a signal."""

    def on_started(self, pid: int) -> None: ...
    def on_exited(self, code: int) -> None: ...


class Nursery:
    """One nursery process: a zygote for a Python interpreter, or a plain one for programs that are executed.

    `trial`: a folder to try namespaces in; None to do without. `visible`: what every function may read besides its own.
    `sdk`: modules for Python functions, by name, if the interpreter does not have them.
    """

    def __init__(
        self, interpreter: Interpreter, sdk: Mapping[str, str], trial: Path | None, visible: list[str]
    ) -> None:
        self._interpreter = interpreter
        self._sdk = sdk
        self._trial = trial
        self._visible = visible
        self._isolated = False
        self._numbers = itertools.count(1)
        self._processes: dict[int, Process] = {}
        self._buffer = b""
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._start()

    @property
    def alive(self) -> bool:
        return self._control is not None

    async def isolated(self) -> bool:
        """Whether processes get a root of their own, with /var/task, /opt and /tmp. Raises OSError when it ended."""
        await asyncio.wait_for(asyncio.shield(self._ready), READY_S)
        return self._isolated

    async def spawn(
        self,
        process: Process,
        *,
        argv: list[str],
        env: Mapping[str, str],
        cwd: str,
        output: int,
        limits: Mapping[str, int],
        python: Mapping[str, object],
        sandbox: Mapping[str, object],
    ) -> int:
        """Start a process that writes to the fd `output` (which this closes). Returns its number, for `kill`.

        An empty argv forks the Python runtime. Raises OSError when the nursery ended.
        """
        try:
            await asyncio.wait_for(asyncio.shield(self._ready), READY_S)
            number = next(self._numbers)
            order = {"op": "spawn", "id": number, "argv": argv, "env": env, "cwd": cwd, "limits": limits}
            self._processes[number] = process
            self._send({**order, "python": python, "sandbox": sandbox}, output)
        finally:
            os.close(output)
        return number

    def kill(self, number: int) -> None:
        """Kill a process, its group and all that descends from it. The process hears `on_exited`."""
        if number in self._processes:
            with contextlib.suppress(OSError):  # it ended, and all its processes with it
                self._send({"op": "kill", "id": number})

    async def close(self) -> None:
        """End the nursery and every process in it; returns when all are gone."""
        self._disconnect()
        await asyncio.to_thread(self._popen.wait)

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        python = self._interpreter.language == "python"
        settings = {
            "runtime": str(BOOTSTRAP / "python.py") if python else None,
            "sdk": self._sdk,
            "sandbox": str(BOOTSTRAP / "sandbox.py") if self._trial else None,
            "trial": str(self._trial),
            "visible": [*self._visible, str(BOOTSTRAP)],
        }
        argv = [self._interpreter.path if python else sys.executable, "-I", *([] if python else ["-S"])]
        argv += [str(BOOTSTRAP / "nursery.py"), str(theirs.fileno()), json.dumps(settings)]
        with theirs:
            self._popen = subprocess.Popen(
                argv,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={"LANG": "en_US.UTF-8", "LC_CTYPE": "C.UTF-8", "PATH": os.defpath},
                start_new_session=True,  # an interrupt typed at the platform's terminal is for the platform
            )
        self._control: socket.socket | None = ours
        asyncio.get_running_loop().add_reader(ours.fileno(), self._receive)

    def _send(self, order: Mapping[str, object], fd: int | None = None) -> None:
        # Blocking on purpose: the nursery only ever forks, and an order fits its socket's buffer.
        if self._control is None:
            raise ConnectionResetError("the nursery ended")
        data = json.dumps(order).encode()
        data = struct.pack(">I", len(data)) + data
        sent = socket.send_fds(self._control, [data], [fd]) if fd is not None else 0
        self._control.sendall(data[sent:])

    def _receive(self) -> None:
        assert self._control is not None
        try:
            data = self._control.recv(1 << 16, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            return self._lost()
        self._buffer += data
        while len(self._buffer) >= 4:
            end = 4 + struct.unpack(">I", self._buffer[:4])[0]
            if len(self._buffer) < end:
                return
            message, self._buffer = json.loads(self._buffer[4:end]), self._buffer[end:]
            self._hear(message)

    def _hear(self, message: dict[str, Any]) -> None:
        if message["op"] == "ready":
            self._isolated = message["isolated"]
            self._ready.set_result(None)
        elif message["op"] == "started":
            self._processes[message["id"]].on_started(message["pid"])
        else:
            self._processes.pop(message["id"]).on_exited(message["code"])

    def _lost(self) -> None:
        """The nursery was killed from outside: its processes died with it."""
        self._disconnect()
        if not self._ready.done():
            self._ready.set_exception(ConnectionResetError("the nursery did not start"))
            self._ready.exception()  # seen, even when nobody waits
        processes, self._processes = self._processes, {}
        for process in processes.values():
            process.on_exited(-9)
        self._popen.poll()

    def _disconnect(self) -> None:
        if self._control is not None:
            asyncio.get_running_loop().remove_reader(self._control.fileno())
            self._control.close()
            self._control = None
