"""pytest fixtures: a platform for the run, an account and clients for each test, a clock that a test moves.

    def test_payment(aws, clock):
        sqs = aws("sqs")
        url = sqs.create_queue(QueueName="payments")["QueueUrl"]
        ...
        clock.advance(hours=1)

Set `UNDERCAST_URL` (or `--undercast-url`) to use a platform that runs already.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import itertools
import json
import os
import threading
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, Protocol

import pytest


class Platform(Protocol):
    """What the tests need to know of a platform."""

    url: str

    def advance(self, delta: timedelta, *, running: bool = True, stepwise: bool = False) -> None: ...


class RunningPlatform:
    """A platform that someone else started; its clock is moved through its own API."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def advance(self, delta: timedelta, *, running: bool = True, stepwise: bool = False) -> None:
        moved = {"advance_ms": round(delta / timedelta(milliseconds=1)), "running": running, "stepwise": stepwise}
        body = json.dumps(moved).encode()
        request = urllib.request.Request(f"{self.url}/_undercast/clock", body, method="POST")
        with urllib.request.urlopen(request) as answer:
            answer.read()


class InProcessPlatform:
    """A platform in a thread of this process, on a free port. `data` None: nothing is kept."""

    _open: ClassVar[set[InProcessPlatform]] = set()

    def __init__(self, data: Path | None = None, **config: Any) -> None:
        from undercast.app import Config, Undercast  # noqa: PLC0415  only who uses the fixture pays for the import

        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="undercast", daemon=True)
        self._thread.start()
        self.platform = self.run(_make(Undercast, Config(port=0, data=data, **config)))
        self.run(self.platform.start())
        self.url = self.platform.endpoint_url
        self._open.add(self)

    @classmethod
    def leave(cls, account: str) -> None:
        """Drop what was still to be done for an account: schedules of one test must not slow the clock of the next."""
        for platform in cls._open:
            platform.run(platform.platform.leave(account))

    def run(self, work: Any) -> Any:
        """Run a coroutine on the platform's event loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def advance(self, delta: timedelta, *, running: bool = True, stepwise: bool = False) -> None:
        self.run(self._advance(round(delta / timedelta(milliseconds=1)), running, stepwise))

    async def _advance(self, milliseconds: int, running: bool, stepwise: bool) -> None:
        self.platform.clock.go() if running else self.platform.clock.stop()
        await (self.platform.time.walk if stepwise else self.platform.time.jump)(milliseconds)

    def close(self) -> None:
        self._open.discard(self)
        self.run(self.platform.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)


async def _make(factory: Callable[..., Any], config: Any) -> Any:
    return factory(config)


class TestClock:
    """The platform's clock."""

    __test__ = False

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._running = True

    def advance(self, *, stepwise: bool = False, **units: float) -> None:
        """Move time forward: `clock.advance(minutes=5)`, with the units of `timedelta`.

        All that fell due begins together, unless it is `stepwise`: then each thing is done at its own time.
        """
        self._platform.advance(timedelta(**units), running=self._running, stepwise=stepwise)

    def stop(self) -> None:
        """Let time stand still but for `advance`, until the test ends."""
        self._running = False
        self.advance()

    def go(self) -> None:
        """Let time run again."""
        self._running = True
        self.advance()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--undercast-url", help="use the Undercast that runs at this URL")


@pytest.fixture(scope="session")
def undercast(request: pytest.FixtureRequest) -> Iterator[Platform]:
    """The platform: one for the whole run (with pytest-xdist, one for each worker)."""
    url = request.config.getoption("--undercast-url") or os.environ.get("UNDERCAST_URL")
    if url:
        yield RunningPlatform(url)
        return
    with contextlib.closing(InProcessPlatform()) as platform:
        yield platform


_accounts = itertools.count(1)


@pytest.fixture
def account() -> Iterator[str]:
    """A fresh account of 12 digits for this test alone."""
    account = f"{os.getpid() % 100_000 + 1:05d}{next(_accounts):07d}"
    yield account
    InProcessPlatform.leave(account)


@pytest.fixture
def region() -> str:
    return "us-east-1"


@pytest.fixture
def aws(undercast: Platform, account: str, region: str) -> Iterator[Callable[..., Any]]:
    """`aws("sqs")` is a boto3 client in this test's account; keywords go to boto3 (`region_name=…`, `account=…`)."""
    lent: list[_Client] = []

    def client(service: str, *, account: str = account, **options: Any) -> Any:
        settings = {"endpoint_url": undercast.url, "region_name": region, **options}
        if options:
            return _Client(account, service, settings).boto3
        lent.append(_Client.lend(account, service, settings))
        return lent[-1].boto3

    yield client
    for one in lent:
        one.give_back()


class _Client:
    """A boto3 client that one test after another may have: making one takes longer than most calls."""

    _free: ClassVar[dict[tuple[str, ...], list[_Client]]] = {}

    def __init__(self, account: str, service: str, settings: dict[str, Any]) -> None:
        import boto3  # noqa: PLC0415  only who uses the fixtures needs boto3
        from botocore.config import Config  # noqa: PLC0415  as above
        from botocore.session import Session  # noqa: PLC0415  as above

        session = Session()
        session.register_component("data_loader", _models())
        given = {"aws_access_key_id": account, "aws_secret_access_key": "test", "aws_session_token": None, **settings}
        session.set_credentials(
            *(given.pop(f"aws_{name}") for name in ("access_key_id", "secret_access_key", "session_token"))
        )
        config = Config(
            retries={"total_max_attempts": 1},
            inject_host_prefix=False,  # `sync-127.0.0.1` is no host
            user_agent=session.user_agent(),  # or it is put together anew for each call, a sixth of the time of one
        )
        given["config"] = config.merge(given.get("config") or Config())
        self._credentials = session.get_credentials()
        self.boto3 = boto3.session.Session(botocore_session=session).client(service, **given)
        self._free_again: list[_Client] | None = None

    @classmethod
    def lend(cls, account: str, service: str, settings: dict[str, str]) -> _Client:
        free = cls._free.setdefault((service, *settings.values()), [])
        if free:
            client = free.pop()
            client._credentials.access_key = account
        else:
            client = cls(account, service, settings)
            client._watch_hooks()
        client._free_again = free
        return client

    def give_back(self) -> None:
        if self._free_again is not None:
            self._free_again.append(self)

    def _watch_hooks(self) -> None:
        """What a test hooks into its client must not reach the next test."""
        events = self.boto3.meta.events
        for name in ("register", "register_first", "register_last", "unregister"):
            setattr(events, name, functools.partial(self._hooked, getattr(events, name)))

    def _hooked(self, change: Callable[..., None], *arguments: Any, **options: Any) -> None:
        self._free_again = None
        change(*arguments, **options)


@functools.cache
def _models() -> Any:
    """The service models that were read already, for all clients."""
    from botocore.session import Session  # noqa: PLC0415  as above

    return Session().get_component("data_loader")


@pytest.fixture
def clock(undercast: Platform) -> Iterator[TestClock]:
    """The clock of the platform, to move forward."""
    clock = TestClock(undercast)
    yield clock
    clock.go()
