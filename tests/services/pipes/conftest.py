"""Fixtures for EventBridge Pipes: queues, pipes that wait for their state, what arrives at a target."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

_SOON_S = 20


class Pipes:
    """Makes pipes and waits for their states."""

    def __init__(self, client: Any, role: str) -> None:
        self.client = client
        self.role = role

    def create(self, source: str, target: str, name: str = "pipe", *, state: str = "RUNNING", **settings: Any) -> str:
        """The ARN of a pipe that runs."""
        made = self.client.create_pipe(Name=name, Source=source, Target=target, RoleArn=self.role, **settings)
        self.until(state, name)
        return made["Arn"]

    def until(self, state: str, name: str = "pipe") -> dict[str, Any]:
        return eventually(lambda: self._in_state(state, name))

    def _in_state(self, state: str, name: str) -> dict[str, Any] | None:
        found = self.client.describe_pipe(Name=name)
        if found["CurrentState"].endswith("FAILED") and found["CurrentState"] != state:
            raise AssertionError(found["StateReason"])
        return found if found["CurrentState"] == state else None

    def gone(self, name: str = "pipe") -> None:
        def look() -> bool:
            try:
                self.client.describe_pipe(Name=name)
            except self.client.exceptions.NotFoundException:
                return True
            return False

        eventually(look)


class Queue:
    """A queue at the beginning or the end of a pipe."""

    def __init__(self, sqs: Any, name: str, **attributes: str) -> None:
        self.sqs = sqs
        self.url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        asked = sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])
        self.arn: str = asked["Attributes"]["QueueArn"]

    def send(self, *bodies: str, **options: Any) -> None:
        for start in range(0, len(bodies), 10):
            entries = [
                {"Id": str(number), "MessageBody": body, **options}
                for number, body in enumerate(bodies[start : start + 10])
            ]
            assert "Failed" not in self.sqs.send_message_batch(QueueUrl=self.url, Entries=entries)

    def receive(self, count: int = 1) -> list[dict[str, Any]]:
        """`count` messages, taken out, in the order of arrival."""
        found: list[dict[str, Any]] = []
        until = time.monotonic() + _SOON_S
        while len(found) < count and time.monotonic() < until:
            answer = self.sqs.receive_message(
                QueueUrl=self.url, MaxNumberOfMessages=10, WaitTimeSeconds=1, AttributeNames=["All"],
                MessageAttributeNames=["All"],
            ).get("Messages", [])  # fmt: skip
            for message in answer:
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
            found += answer
        assert len(found) == count, found
        return found

    def bodies(self, count: int = 1) -> list[str]:
        return [message["Body"] for message in self.receive(count)]

    def documents(self, count: int = 1) -> list[Any]:
        return [json.loads(body) for body in self.bodies(count)]

    def size(self) -> tuple[int, int]:
        """How many messages wait, how many are in flight."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)["Attributes"]
        return int(found[names[0]]), int(found[names[1]])


def eventually(look: Callable[[], Any]) -> Any:
    """What `look` answers as soon as that is true."""
    until = time.monotonic() + _SOON_S
    while True:
        found = look()
        if found or time.monotonic() > until:
            assert found, "it did not come about"
            return found
        time.sleep(0.005)  # the pipe works in its own time


@pytest.fixture
def role(account: str) -> str:
    """The ARN of a role that IAM does not have."""
    return f"arn:aws:iam::{account}:role/pipes"


@pytest.fixture
def pipes(aws: Any, role: str) -> Iterator[Pipes]:
    """What a test leaves would go on reading."""
    client = aws("pipes")
    yield Pipes(client, role)
    for page in client.get_paginator("list_pipes").paginate():
        for pipe in page["Pipes"]:
            if pipe["CurrentState"] != "DELETING":
                client.delete_pipe(Name=pipe["Name"])


@pytest.fixture
def make_queue(sqs: Any) -> Any:
    return lambda name, **attributes: Queue(sqs, name, **attributes)


@pytest.fixture
def source(make_queue: Any) -> Queue:
    return make_queue("source", VisibilityTimeout="30")


@pytest.fixture
def sink(make_queue: Any) -> Queue:
    return make_queue("sink")


@pytest.fixture
def function(aws: Any, role: str) -> Any:
    """`function("return event", "name")` answers the ARN of a Python function with this body."""

    def create(body: str, name: str = "function") -> str:
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            lines = "\n    ".join(body.strip().splitlines())
            archive.writestr("index.py", f"import json, os\ndef handler(event, context):\n    {lines}\n")
        return aws("lambda").create_function(
            FunctionName=name, Runtime="python3.12", Handler="index.handler", Role=role,
            Code={"ZipFile": code.getvalue()}, Timeout=10,
        )["FunctionArn"]  # fmt: skip

    return create


@pytest.fixture
def refused() -> Any:
    """`refused(function, …)` answers the code and message of the error that must come."""

    def call(function: Any, *args: Any, **kwargs: Any) -> tuple[str, str]:
        with pytest.raises(ClientError) as error:
            function(*args, **kwargs)
        return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]

    return call
