"""A platform in a process of its own, to be killed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Collection
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from tests.forks import Fork, undercast


def kills(part: int = 1) -> int:
    """How many kills a test makes: UNDERCAST_KILLS (20; 100 in CI) or a part of that, three at least."""
    return max(3, int(os.environ.get("UNDERCAST_KILLS", "20")) // part)


class Victim:
    """`undercast up`, killed with SIGKILL and started again on the same data and port."""

    def __init__(self, data: Path, postgres: str = "") -> None:
        self._data = data
        self._postgres = postgres
        self._process: Fork | subprocess.Popen[bytes] | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.restarts_s: list[float] = []

    def words(self) -> list[str]:
        words = ["up", "--quiet", "--port", str(self.port), "--data", str(self._data)]
        return [*words, "--postgres", self._postgres] if self._postgres else words

    def launch(self) -> Fork | subprocess.Popen[bytes]:
        return Fork(undercast, *self.words())

    def start(self) -> None:
        began = time.monotonic()
        self._process = self.launch()
        while not self.answers():
            assert self._process.poll() is None, "the platform did not come up again"
            time.sleep(0.01)  # another process begins: nothing tells this one when it listens
        self.restarts_s.append(time.monotonic() - began)

    def answers(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.url}/_undercast/health", timeout=5).close()
        except OSError:
            return False
        return True

    def kill(self) -> None:
        assert self._process
        self._process.kill()
        self._process.wait()

    def kill_after(self, acknowledged: Collection[object], more: int, seconds: float) -> None:
        """Kill it that long after so much more was acknowledged: a slow machine has its load, too."""
        enough, until = len(acknowledged) + more, time.monotonic() + 60
        while len(acknowledged) < enough and time.monotonic() < until:
            time.sleep(0.002)
        time.sleep(seconds)  # the moment of the kill is the test's chance, not a wait for something
        self.kill()

    def stop(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(30)

    def end_leases(self) -> None:
        """On PostgreSQL what a dead process had claimed is its own for a minute still."""
        self.advance(61)

    def advance(self, seconds: int) -> None:
        body = b'{"advance_ms": %d}' % (1000 * seconds)
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/_undercast/clock", body, method="POST")).close()

    def client(self, service: str, *, attempts: int = 1) -> Any:
        config = Config(
            retries={"total_max_attempts": attempts}, connect_timeout=2, read_timeout=10, max_pool_connections=32
        )
        return boto3.client(
            service, endpoint_url=self.url, region_name="us-east-1", aws_access_key_id="1" * 12,
            aws_secret_access_key="x", config=config,
        )  # fmt: skip


class Program(Victim):
    """One that begins from nothing, as people start it: how long its restarts take says something."""

    def command(self) -> list[str]:
        return [sys.executable, "-m", "undercast.cli.main", *self.words()]

    def launch(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self.command())
