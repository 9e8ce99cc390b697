"""A Runtimes on an event loop in a thread of its own, as the platform's tests run it, and functions to try it with."""

import asyncio
import itertools
import os
import shutil
import sys
import threading
import time
import uuid
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import uvloop

from undercast.runtime import FunctionSpec, Outcome, Runtimes

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:hello"


class Lab:
    """Runs functions in blocking style. `logs` holds every event by log stream."""

    def __init__(self, folder: Path, **options) -> None:
        self.folder = folder
        self.logs: dict[str, list[str]] = {}
        self._numbers = itertools.count()
        self.loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()
        options = {
            "on_log": self.on_log,
            "idle_s": 300,
            "visible": [Path(sys.prefix), Path(sys.base_prefix)],
            **options,
        }
        self.runtimes = self.run(self._make(options))

    async def _make(self, options) -> Runtimes:
        return Runtimes(
            endpoint_url="http://127.0.0.1:4566",
            work_dir=self.folder / "work",
            now=lambda: int(time.time() * 1000),
            ids=lambda: uuid.uuid4().hex,
            **options,
        )

    def on_log(self, spec: FunctionSpec, stream: str, events: list[tuple[int, str]]) -> None:
        self.logs.setdefault(stream, []).extend(text for _, text in events)

    def function(self, code: str, runtime: str = "python3.11", **settings) -> FunctionSpec:
        number = next(self._numbers)
        folder = self.folder / f"code{number}"
        name = {"p": "app.py", "n": "index.js"}[runtime[0]] if not runtime.startswith("provided") else "bootstrap"
        self.write(folder / settings.pop("file", name), code)
        handler = "index.handler" if runtime.startswith("nodejs") else "app.handler"
        defaults = {
            "key": f"key{number}",
            "arn": f"{ARN}:$LATEST",
            "name": "hello",
            "version": "$LATEST",
            "timeout_s": 20.0,
            "log_group": "/aws/lambda/hello",
            "region": "eu-west-1",
            "account_id": "123456789012",
        }
        return FunctionSpec(runtime=runtime, code_dir=folder, **{"handler": handler, **defaults, **settings})

    def seen_by(self, spec: FunctionSpec) -> str:
        """Where the function sees its code."""
        return "/var/task" if self.run(self.runtimes.isolated(spec.runtime)) else str(spec.code_dir)

    def write(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    async def start(self, spec: FunctionSpec, payload: bytes = b"{}", **more) -> Outcome:
        more = {"request_id": str(uuid.uuid4()), "invoked_arn": ARN, **more}
        return await self.runtimes.invoke(spec, payload, **more)

    def invoke(self, spec: FunctionSpec, payload: bytes = b"{}", **more) -> Outcome:
        return self.run(self.start(spec, payload, **more))

    def log_of(self, outcome: Outcome) -> list[str]:
        return self.logs[outcome.log_stream]

    def run(self, work: Coroutine, timeout: float = 60):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout)

    def close(self) -> None:
        self.run(self.runtimes.close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


@pytest.fixture
def make_lab(tmp_path) -> Iterator[Callable[..., Lab]]:
    labs: list[Lab] = []

    def make(**options) -> Lab:
        labs.append(Lab(tmp_path / f"lab{len(labs)}", **options))
        return labs[-1]

    yield make
    for lab in labs:
        lab.close()


@pytest.fixture(scope="module", params=[True, False], ids=["isolated", "open"])
def lab(tmp_path_factory, request) -> Iterator[Lab]:
    lab = Lab(tmp_path_factory.mktemp("lab"), isolation=request.param)
    yield lab
    lab.close()


@pytest.fixture(scope="session")
def node() -> None:
    if shutil.which("node") is None:
        pytest.skip("Node.js is not installed")


def alive(pid: int) -> bool:
    """Whether a process exists and is not a zombie."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def until(condition: Callable[[], object], what: str, within_s: float = 10.0) -> None:
    """Wait for what other processes do. Looks again at once after a moment of waiting on a pipe that stays silent."""
    limit = time.monotonic() + within_s
    silent = threading.Event()
    while not condition():
        assert time.monotonic() < limit, f"not within {within_s} s: {what}"
        silent.wait(0.005)


@pytest.fixture
def processes() -> SimpleNamespace:
    return SimpleNamespace(alive=alive, until=until, own=os.getpid())
