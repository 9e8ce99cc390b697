"""What stories share: a function from a few lines, messages as they come."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

ROLE = "arn:aws:iam::111111111111:role/r"
RUNTIME = f"python3.{sys.version_info[1]}"


def zipped(code: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("handler.py", code)
    return buffer.getvalue()


@pytest.fixture
def function(aws: Any) -> Callable[..., str]:
    """A Python function that is active; its ARN."""

    def make(name: str, code: str, **settings: Any) -> str:
        client = aws("lambda")
        wanted: dict[str, Any] = {
            "FunctionName": name, "Runtime": RUNTIME, "Role": ROLE, "Handler": "handler.handler",
            "Code": {"ZipFile": zipped(code)}, "Timeout": 30,
        }  # fmt: skip
        arn = client.create_function(**(wanted | settings))["FunctionArn"]
        client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.01})
        return arn

    return make


@pytest.fixture
def make_queue(sqs: Any) -> Callable[..., tuple[str, str]]:
    """A queue: its URL and ARN."""

    def make(name: str, **attributes: str) -> tuple[str, str]:
        url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    return make


@pytest.fixture
def take(sqs: Any) -> Callable[..., list[Any]]:
    """The bodies of the next messages, as JSON; waits until there are so many, and deletes them."""

    def receive(url: str, count: int = 1) -> list[Any]:
        bodies: list[Any] = []
        while len(bodies) < count:
            messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=20).get("Messages", [])
            assert messages, f"only {bodies}"
            bodies += [json.loads(message["Body"]) for message in messages]
            for message in messages:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return bodies

    return receive
