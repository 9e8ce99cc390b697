"""Fixtures for EventBridge Scheduler: schedules by expression, a queue as their target."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def scheduler(aws: Any) -> Iterator[Any]:
    """The client. What a test leaves would go on firing when a later one moves the clock."""
    client = aws("scheduler")
    yield client
    for page in client.get_paginator("list_schedules").paginate():
        for one in page["Schedules"]:
            client.delete_schedule(Name=one["Name"], GroupName=one["GroupName"])


@pytest.fixture
def now(undercast: Any) -> Any:
    """`now()` is the platform's time."""
    return lambda: datetime.fromtimestamp(undercast.platform.clock.now() / 1000, UTC)


@pytest.fixture
def role(account: str) -> str:
    """The ARN of a role that IAM does not have."""
    return f"arn:aws:iam::{account}:role/schedules"


@pytest.fixture
def queue_arn(account: str, region: str, queue: str) -> str:
    return f"arn:aws:sqs:{region}:{account}:queue"


@pytest.fixture
def target(queue_arn: str, role: str) -> dict[str, Any]:
    """The queue."""
    return {"Arn": queue_arn, "RoleArn": role, "Input": "tick"}


@pytest.fixture
def schedule(scheduler: Any, target: dict[str, Any]) -> Any:
    """`schedule("rate(1 hour)", "name", **settings)` answers the ARN; `target=` adds to the target."""

    def create(expression: str, name: str = "schedule", **settings: Any) -> str:
        merged = {**target, **settings.pop("target", {})}
        wanted = {"FlexibleTimeWindow": {"Mode": "OFF"}, **settings}
        return scheduler.create_schedule(
            Name=name,
            ScheduleExpression=expression,
            Target={k: v for k, v in merged.items() if v is not None},
            **wanted,
        )["ScheduleArn"]

    return create


@pytest.fixture
def settle(undercast: Any) -> Any:
    """`settle()` waits until every job that is due has run."""
    return lambda: undercast.run(undercast.platform.jobs.idle())


@pytest.fixture
def messages(sqs: Any, queue: str, settle: Any) -> Any:
    """`messages()`: all that is in a queue, taken out, in the order of arrival."""

    def receive(url: str = queue) -> list[dict[str, Any]]:
        settle()
        found: list[dict[str, Any]] = []
        asked = {
            "QueueUrl": url,
            "MaxNumberOfMessages": 10,
            "MessageAttributeNames": ["All"],
            "AttributeNames": ["All"],
        }
        while answer := sqs.receive_message(**asked).get("Messages"):
            found += answer
            sqs.delete_message_batch(
                QueueUrl=url,
                Entries=[{"Id": str(n), "ReceiptHandle": m["ReceiptHandle"]} for n, m in enumerate(answer)],
            )
        return found

    return receive


@pytest.fixture
def bodies(messages: Any) -> Any:
    """`bodies()`: the bodies of all that is in a queue, taken out."""
    return lambda *args: [message["Body"] for message in messages(*args)]


@pytest.fixture
def documents(bodies: Any) -> Any:
    return lambda *args: [json.loads(body) for body in bodies(*args)]


@pytest.fixture
def refused() -> Any:
    """`refused(function, …)` answers the code and message of the error that must come."""

    def call(function: Any, *args: Any, **kwargs: Any) -> tuple[str, str]:
        with pytest.raises(ClientError) as error:
            function(*args, **kwargs)
        return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]

    return call
