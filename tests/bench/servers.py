"""The server that is measured, in a process and on a core of its own."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import uvloop
from botocore.config import Config

from tests.bench.load import Result, Run

CONNECTIONS = (1, 16, 64)


class Server:
    """A server process on a core of its own."""

    def __init__(self, what: str) -> None:
        command = [sys.executable, "-m", "tests.bench.server", what]
        self._began = time.perf_counter()
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        self.port = int(self._process.stdout.readline())
        self.started_ms = 1000 * (time.perf_counter() - self._began)

    def client(self, service: str) -> Any:
        return boto3.client(
            service, endpoint_url=f"http://127.0.0.1:{self.port}", region_name="us-east-1",
            aws_access_key_id="000000000000", aws_secret_access_key="x",
            config=Config(inject_host_prefix=False),  # `sync-127.0.0.1` is no host
        )  # fmt: skip

    def memory_mb(self, key: str = "VmRSS") -> float:
        """Resident memory now, or at its peak (`VmHWM`); 0 where the system does not tell."""
        status = Path(f"/proc/{self._process.pid}/status")
        lines = status.read_text().splitlines() if status.exists() else []
        return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(key)), 0.0)

    def cpu_s(self) -> float:
        """Processor time until now, all threads; 0 where the system does not tell."""
        tasks = Path(f"/proc/{self._process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9

    def stop(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(60)


@contextmanager
def served(what: str) -> Iterator[Server]:
    server = Server(what)
    try:
        yield server
    finally:
        server.stop()


def measured(server: Server, talk: Any, connections: int, count: int) -> tuple[Result, float]:
    """What so many requests took, and the processor time of one in microseconds."""
    before = server.cpu_s()
    result = uvloop.run(Run(talk, count).over(server.port, connections))
    return result, 1e6 * (server.cpu_s() - before) / count
