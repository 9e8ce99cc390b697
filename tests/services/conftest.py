"""Every test of every service runs on SQLite; in CI those of the services that lean most on their database on PostgreSQL, too."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

ON_BOTH = {
    "dynamodb", "dynamodbstreams", "events", "firehose", "glue", "kinesis", "pipes", "s3", "scheduler", "schemas", "sns",
    "sqs", "stepfunctions",
}  # fmt: skip


@pytest.fixture(scope="session", params=["sqlite", "postgres"] if os.environ.get("UNDERCAST_CI") else ["sqlite"])
def undercast(request: pytest.FixtureRequest, undercast: Any) -> Any:
    return undercast if request.param == "sqlite" else request.getfixturevalue("on_postgres")


@pytest.fixture
def kms(aws: Any) -> Any:
    return aws("kms")


@pytest.fixture
def key(kms: Any) -> str:
    """The ARN of a fresh key."""
    return str(kms.create_key()["KeyMetadata"]["Arn"])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The others all pass on PostgreSQL by themselves (`UNDERCAST_STORE=postgres`)."""
    here = Path(__file__).parent
    items[:] = [item for item in items if not _is_other(item, here)]


def _is_other(item: pytest.Item, here: Path) -> bool:
    callspec = getattr(item, "callspec", None)
    on_postgres = callspec is not None and callspec.params.get("undercast") == "postgres"
    return on_postgres and item.path.relative_to(here).parts[0] not in ON_BOTH
