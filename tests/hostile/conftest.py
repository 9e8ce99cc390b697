"""A platform of these tests' own: what it logs, holds open and lets run is watched."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.hostile.raw import CALLS, Raw, Sent, query_request, sent_by
from undercast.gateway.http11 import Limits
from undercast.pytest_plugin import InProcessPlatform
from undercast.services import NAMES

HEALTH = b"GET /_undercast/health HTTP/1.1\r\nHost: x\r\n\r\n"
BODY_LIMIT = 2 * 1024 * 1024


class Watched(InProcessPlatform):
    """A platform whose sockets and tasks can be counted."""

    def counts(self) -> tuple[int, int]:
        """Connections that are not idle (boto3 keeps those) and unfinished tasks, but for the one that counts."""
        return self.run(self._counts())

    async def _counts(self) -> tuple[int, int]:
        connections = self.platform._listener._connections
        busy = sum(c._task is not None or c._in_request or c._ended for c in connections)
        return busy, len(asyncio.all_tasks()) - 1

    def settles(self, counts: tuple[int, int], within_s: float = 5) -> tuple[int, int]:
        """The counts once they are back to these, or what they are after a while."""
        return eventually(self.counts, lambda now: now[0] <= counts[0] and now[1] <= counts[1], within_s)


def eventually(look: Callable[[], Any], good: Callable[[Any], bool], within_s: float = 5) -> Any:
    """What `look` sees once it is good, or at the end of the time."""
    deadline = time.monotonic() + within_s
    while not good(seen := look()) and time.monotonic() < deadline:
        time.sleep(0.005)  # another thread's doing is waited for
    return seen


@pytest.fixture(scope="session")
def undercast() -> Iterator[Watched]:
    with closing(Watched(limits=Limits(body_bytes=BODY_LIMIT))) as platform:
        for name in NAMES:  # what a service keeps running from its first use on is no leak
            platform.run(platform.platform.service(name))
        yield platform


@pytest.fixture(scope="session")
def hasty() -> Iterator[Watched]:
    """A platform that waits for no one."""
    with closing(Watched(limits=Limits(request_s=0.2, idle_s=0.4))) as platform:
        yield platform


@pytest.fixture(autouse=True)
def unhurt(undercast: Watched, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """After every test: nothing logged as an error, nothing held open, and the next client is served."""
    before = undercast.counts()
    with caplog.at_level(logging.WARNING):
        yield
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
    after = undercast.settles(before)
    assert after[0] <= before[0] and after[1] <= before[1]
    with closing(Raw(undercast.url)) as client:
        client.send(HEALTH)
        assert client.answer()[0] == 200


@pytest.fixture
def connect(undercast: Watched) -> Iterator[Callable[[], Raw]]:
    opened: list[Raw] = []

    def open_one() -> Raw:
        opened.append(Raw(undercast.url))
        return opened[-1]

    yield open_one
    for raw in opened:
        raw.close()


@pytest.fixture
def raw(connect: Callable[[], Raw]) -> Raw:
    return connect()


_made: dict[str, Sent] = {}  # making a client of boto3 takes longer than most of these tests


@pytest.fixture
def valid(aws: Any, undercast: Watched) -> Callable[[str], Sent]:
    """The valid request of a service, by name; "sqs-query" is SQS in its old protocol."""

    def make(service: str) -> Sent:
        if service == "sqs-query":
            return query_request(undercast.url.partition("//")[2])
        if service not in _made:
            _made[service] = sent_by(aws(service), *CALLS[service])
        return _made[service]

    return make
