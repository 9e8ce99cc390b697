"""A client for CloudWatch Logs, a group and a stream in it."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def logs(aws: Any) -> Any:
    return aws("logs")


@pytest.fixture
def group(logs: Any) -> str:
    """The name of a fresh log group."""
    logs.create_log_group(logGroupName="/aws/lambda/orders")
    return "/aws/lambda/orders"


@pytest.fixture
def stream(logs: Any, group: str) -> str:
    """The name of a fresh stream in `group`."""
    logs.create_log_stream(logGroupName=group, logStreamName="one")
    return "one"


@pytest.fixture
def put(logs: Any, group: str, undercast: Any, now: int) -> Any:
    """`put("a", "b", stream="one", at=ms)` writes messages a millisecond apart."""

    def write(*messages: str, stream: str = "one", at: int = now) -> Any:
        return logs.put_log_events(
            logGroupName=group,
            logStreamName=stream,
            logEvents=[{"timestamp": at + n, "message": message} for n, message in enumerate(messages)],
        )

    return write


@pytest.fixture
def now(logs: Any) -> int:
    """The platform's time in milliseconds: earlier tests may have moved its clock."""
    logs.create_log_group(logGroupName="clock")
    (clock,) = logs.describe_log_groups(logGroupNamePrefix="clock")["logGroups"]
    logs.delete_log_group(logGroupName="clock")
    return int(clock["creationTime"])
