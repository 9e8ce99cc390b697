"""The nursery: a small process that forks every function's process, reaps it, and ends with the platform.

Run as `python -I nursery.py <control socket fd> <JSON settings>`. With a runtime script (Python functions) it
is a zygote: modules are imported once, and an environment is a fork. Otherwise an environment is a fork and an exec.
All are children of this one single-threaded process, so PR_SET_PDEATHSIG (which follows the parent's *thread*) is
safe, and when the platform dies in whatever way the control socket ends and every descendant is killed.
Messages both ways are 4 bytes of length and JSON; an fd rides on the first byte.
Standard library only; runs on Python 3.8 and later (annotations are never evaluated).
"""

from __future__ import annotations

import array
import contextlib
import ctypes
import gc
import importlib.util
import json
import os
import resource
import select
import signal
import socket
import struct
import sys
from types import ModuleType
from typing import Any

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
PRELOADED = (
    "datetime",
    "decimal",
    "http.client",
    "json",
    "logging",
    "random",
    "socket",
    "ssl",
    "urllib.request",
    "uuid",
)
SDK = ("boto3", "botocore.session", "botocore.httpsession", "botocore.auth", "botocore.parsers", "botocore.signers")


class Nursery:
    """Reads orders (spawn, kill) from the platform and reports what started and what ended."""

    def __init__(
        self, control: socket.socket, runtime: ModuleType | None, sandbox: ModuleType | None, visible: list[str]
    ) -> None:
        self.control = control
        self.runtime = runtime
        self.sandbox = sandbox
        self.visible = visible
        self.pids: dict[int, int] = {}
        self.wake_r, self.wake_w = os.pipe()
        os.set_blocking(self.wake_r, False)
        os.set_blocking(self.wake_w, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.wake_w, warn_on_full_buffer=False)

    def run(self) -> None:
        self.tell(op="ready", isolated=self.sandbox is not None)
        poll = select.poll()
        poll.register(self.control, select.POLLIN)
        poll.register(self.wake_r, select.POLLIN)
        while True:
            ready = [fd for fd, _ in poll.poll()]
            if self.wake_r in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(self.wake_r, 4096)
                self.reap()
            if self.control.fileno() in ready and not self.obey():
                return

    def obey(self) -> bool:
        """Do one order. False when the platform is gone."""
        fds = array.array("i")
        head, ancillary, _, _ = self.control.recvmsg(4, socket.CMSG_SPACE(fds.itemsize))
        if not head:
            return False
        for _, kind, data in ancillary:
            if kind == socket.SCM_RIGHTS:
                fds.frombytes(data[: len(data) - len(data) % fds.itemsize])
        head += self.exactly(4 - len(head))
        order = json.loads(self.exactly(struct.unpack(">I", head)[0]))
        if order["op"] == "spawn":
            self.spawn(order, fds[0])
        else:
            self.kill(order["id"])
        return True

    def exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            part = self.control.recv(size - len(data))
            if not part:
                raise EOFError
            data += part
        return data

    def spawn(self, order: dict[str, Any], output: int) -> None:
        parent = os.getpid()
        try:
            pid = os.fork()
        except OSError as error:  # no more processes, or no memory: this one fails, not all
            os.write(output, f"fork: {error.strerror}\n".encode())
            os.close(output)
            return self.tell(op="exited", id=order["id"], code=125)
        if pid == 0:
            self.become(order, output, parent)
        os.close(output)
        self.pids[pid] = order["id"]
        self.tell(op="started", id=order["id"], pid=pid)

    def become(self, order: dict[str, Any], output: int, parent: int) -> None:
        """In the child: turn into the function's process. Never returns."""
        status = 125
        try:
            os.setsid()
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self.control.close()
            os.close(self.wake_r)
            os.close(self.wake_w)
            redirect(output)
            if self.sandbox is not None:
                plan = order["sandbox"]
                self.sandbox.enter(plan["root"], {**plan, "visible": [*self.visible, *plan["visible"]]})
            os.chdir(order["cwd"])
            die_with_parent(parent)  # after the sandbox: the kernel forgets it when capabilities change
            limit(order["limits"])
            if self.runtime is not None:
                gc.enable()
                status = self.runtime.run(order["env"], order["python"])
            else:
                signal.signal(signal.SIGPIPE, signal.SIG_DFL)
                os.execve(order["argv"][0], order["argv"], order["env"])
        except OSError as error:
            os.write(2, f"{(order['argv'] or ['python'])[0]}: {error}\n".encode())
            status = 126
        finally:
            os._exit(status)

    def kill(self, number: int) -> None:
        for pid, owner in self.pids.items():
            if owner == number:
                kill_all(pid, descendants(pid))

    def reap(self) -> None:
        """Report every process that ended. Its group is killed before its pid is given back, so none else is hit."""
        while True:
            try:
                ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if ended is None:
                return
            pid = ended.si_pid
            if pid in self.pids:
                kill_all(pid, self.strays(pid))
            _, status = os.waitpid(pid, 0)
            if pid in self.pids:
                self.tell(op="exited", id=self.pids.pop(pid), code=exit_code(status))

    def strays(self, session: int) -> list[int]:
        """What an ended environment left behind: its orphans come to us and keep its session, and have children."""
        orphans = [pid for pid in children(os.getpid()) if pid not in self.pids and session_of(pid) == session]
        return [found for orphan in orphans for found in [orphan, *descendants(orphan)]]

    def tell(self, **message: Any) -> None:
        data = json.dumps(message).encode()
        with contextlib.suppress(OSError):  # the platform went away: the control socket's end says so
            self.control.sendall(struct.pack(">I", len(data)) + data)

    def end(self) -> None:
        """Kill all that descends from here, until nothing does."""
        while True:
            for pid in list(self.pids):
                kill_all(pid, descendants(pid))
            for pid in descendants(os.getpid()):
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            try:
                pid, _ = os.waitpid(-1, 0)
                self.pids.pop(pid, None)
            except ChildProcessError:
                return


def die_with_parent(parent: int) -> None:
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it was dead already
        os._exit(1)


def prctl(option: int, value: int) -> None:
    if sys.platform.startswith("linux"):
        LIBC.prctl(option, value, 0, 0, 0)


def redirect(output: int) -> None:
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(null)
    os.close(output)


def limit(limits: dict[str, int]) -> None:
    """Set resource limits by name ("NOFILE": 1024), never above what the platform itself may."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a file too large is an error of the write, not the end
    for name, value in limits.items():
        which = getattr(resource, "RLIMIT_" + name)
        hard = resource.getrlimit(which)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(which, (value, value))


def kill_all(group: int, others: list[int]) -> None:
    with contextlib.suppress(OSError):
        os.killpg(group, signal.SIGKILL)
    for pid in [group, *others]:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)


def children(pid: int) -> list[int]:
    found = []
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children") as file:
                found += [int(child) for child in file.read().split()]
    return found


def descendants(pid: int) -> list[int]:
    found = children(pid)
    for child in found:
        found += children(child)
    return found


def session_of(pid: int) -> int:
    try:
        return os.getsid(pid)
    except OSError:
        return 0


def exit_code(status: int) -> int:
    """As subprocess counts: negative for a signal."""
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def load(path: str) -> ModuleType:
    """Import one of our scripts under a name that no function uses."""
    name = "_undercast_" + os.path.basename(path)[:-3]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


class Sdk:
    """Finds the modules of an SDK where the platform has them, if the interpreter has none of its own."""

    def __init__(self, modules: dict[str, str]) -> None:
        self.modules = modules

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        place = self.modules.get(name)
        if place is None or place.endswith(".py"):
            return place and importlib.util.spec_from_file_location(name, place)
        init = os.path.join(place, "__init__.py")
        return importlib.util.spec_from_file_location(name, init, submodule_search_locations=[place])


def warm_up() -> None:
    """Import what functions use most, once for all of them."""
    for name in (*PRELOADED, *SDK):
        with contextlib.suppress(Exception):  # whatever an SDK in this interpreter raises, functions can do without
            __import__(name)
    with contextlib.suppress(Exception):  # as above
        share_data_files()
    gc.collect()
    gc.freeze()  # shared pages stay shared: the collector does not write to what was here before the fork
    gc.disable()  # enabled again in each environment


def share_data_files() -> None:
    """Let the loader of each session of the SDK begin with what every first client needs, read here once for all."""
    session: Any = sys.modules["botocore.session"]
    create, warm = session.create_loader, session.create_loader()
    warm.load_data("endpoints")
    for kind in ("service-2", "endpoint-rule-set-1"):
        warm.list_available_services(kind)

    def create_loader(path: Any = None) -> Any:
        loader = create(path)
        if not path:  # the function has no search path of its own (AWS_DATA_PATH)
            loader._cache.update(warm._cache)
        return loader

    session.create_loader = create_loader


LIBC = ctypes.CDLL(None)


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    settings = json.loads(sys.argv[2])
    sys.meta_path.append(Sdk(settings["sdk"]))
    runtime = load(settings["runtime"]) if settings["runtime"] else None
    sandbox = load(settings["sandbox"]) if settings["sandbox"] else None
    visible = [
        *settings["visible"],
        *settings["sdk"].values(),
        *([sys.prefix, sys.base_prefix, *sys.path] if runtime else []),
    ]
    if sandbox is not None and not sandbox.possible(settings["trial"], visible):
        sandbox = None
    if runtime is not None:
        warm_up()
    nursery = Nursery(control, runtime, sandbox, visible)
    try:
        nursery.run()
    except (EOFError, ConnectionError):
        pass
    finally:
        nursery.end()


if __name__ == "__main__":
    main()
