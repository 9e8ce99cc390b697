"""Clients that work while the platform is killed, and what was acknowledged to them."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError


class Ledger:
    """What the clients tried, and what was acknowledged to them."""

    def __init__(self) -> None:
        self._numbers = 0
        self._lock = threading.Lock()
        self.tried: set[str] = set()
        self.acknowledged: set[str] = set()
        self.deleting: set[str] = set()
        self.deleted: set[str] = set()

    def next(self, kind: str) -> str:
        with self._lock:
            self._numbers += 1
            name = f"{kind}-{self._numbers}"
            self.tried.add(name)
            return name


class Clients:
    """Threads that each repeat a job until they are told to stop; a broken connection is part of the game."""

    def __init__(self, jobs: Sequence[Callable[[], None]]) -> None:
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._repeat, args=(job,), daemon=True) for job in jobs]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive()

    def _repeat(self, job: Callable[[], None]) -> None:
        while not self._stop.is_set():
            try:
                job()
            except (BotoCoreError, ClientError) as error:
                if isinstance(error, ClientError) and error.response["ResponseMetadata"]["HTTPStatusCode"] < 500:
                    raise
                self._stop.wait(0.05)


def drain(sqs: Any, url: str) -> Counter[str]:
    """Everything that can be received, by body."""
    found: Counter[str] = Counter()
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=3600).get("Messages"):
        found.update(message["Body"] for message in messages)
    return found
