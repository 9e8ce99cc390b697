"""Fixtures of our own tests: boto3 clients by service name, on the plugin's platform and fresh account."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests import aws_cli, postgres
from undercast.pytest_plugin import InProcessPlatform

# How long an example takes says more of the machine than of the code; CI repeats the same examples, people find new ones.
settings.register_profile("undercast", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("undercast"), derandomize=True)
settings.load_profile("ci" if os.environ.get("UNDERCAST_CI") else "undercast")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """More than there are processors: tests wait for the processes that they start and kill."""
    return (os.cpu_count() or 1) * 3 // 2


def pytest_collection_finish() -> None:
    """Thousands of collected tests stay to the end: the garbage collector need not go through them again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 1_000)  # nor look every few calls for what a test has left: a tenth of all time


def pytest_sessionfinish() -> None:
    """Nor need pytest, which looks for garbage again and again at the end."""
    gc.freeze()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL for this run."""
    if postgres.programs() is None:
        if os.environ.get("UNDERCAST_CI"):
            pytest.fail("CI installs PostgreSQL (.ci/run)")
        pytest.skip("PostgreSQL is not installed")
    with postgres.cluster() as url:
        yield url


@pytest.fixture(scope="session")
def on_postgres(postgres_url: str) -> Iterator[InProcessPlatform]:
    with closing(InProcessPlatform(postgres=postgres_url)) as platform:
        yield platform


@pytest.fixture(scope="session")
def undercast(request: pytest.FixtureRequest) -> Iterator[InProcessPlatform]:
    """The plugin's platform on SQLite; UNDERCAST_STORE=postgres runs every test on PostgreSQL."""
    if os.environ.get("UNDERCAST_STORE") == "postgres":
        yield request.getfixturevalue("on_postgres")
        return
    with closing(InProcessPlatform()) as platform:
        yield platform


@pytest.fixture
def sqs(aws: Any) -> Any:
    return aws("sqs")


@pytest.fixture
def queue(sqs: Any) -> str:
    """The URL of a fresh standard queue."""
    return sqs.create_queue(QueueName="queue")["QueueUrl"]


@pytest.fixture
def cli(undercast: Any, account: str, tmp_path: Path) -> Callable[..., str]:
    """Runs `aws …` in the test's folder and gives what it prints."""
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(tmp_path), "AWS_ENDPOINT_URL": undercast.url,
        "AWS_ACCESS_KEY_ID": account, "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1", "AWS_PAGER": "",
    }  # fmt: skip

    def run(*words: str) -> str:
        code, printed = aws_cli.run(words, environment, tmp_path)
        assert code == 0, printed
        return printed

    return run
