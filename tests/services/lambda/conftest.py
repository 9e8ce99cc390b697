"""Functions to try: `function("name", code)` makes one that is ready to be invoked."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from .sources import COPY

RUNTIME = f"python3.{sys.version_info[1]}"
ROLE = "arn:aws:iam::111111111111:role/lambda-role"

ECHO = "def handler(event, context): return event"


def zipped(files: dict[str, str] | str) -> bytes:
    """A deployment package; one text is handler.py."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in ({"handler.py": files} if isinstance(files, str) else files).items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), text)
    return buffer.getvalue()


@pytest.fixture
def client(aws: Any) -> Any:
    """The Lambda client of this test's account."""
    return aws("lambda")


@pytest.fixture
def create(client: Any) -> Callable[..., dict[str, Any]]:
    """CreateFunction with what every function needs; the answer."""

    def make(name: str, code: dict[str, str] | str = ECHO, **settings: Any) -> dict[str, Any]:
        wanted: dict[str, Any] = {
            "FunctionName": name,
            "Runtime": RUNTIME,
            "Role": ROLE,
            "Handler": "handler.handler",
            "Code": {"ZipFile": zipped(code)},
        }
        return client.create_function(**(wanted | settings))

    return make


@pytest.fixture
def function(client: Any, create: Any) -> Callable[..., str]:
    """A function that is active; its ARN."""

    def make(name: str, code: dict[str, str] | str = ECHO, **settings: Any) -> str:
        answer = create(name, code, **settings)
        client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.01})
        return answer["FunctionArn"]

    return make


@pytest.fixture
def invoke(client: Any) -> Callable[..., Any]:
    """Invoke; the payload as JSON."""

    def call(name: str, event: Any = None, **settings: Any) -> Any:
        answer = client.invoke(FunctionName=name, Payload=json.dumps(event or {}), **settings)
        text = answer["Payload"].read()
        return json.loads(text) if text else None

    return call


@pytest.fixture
def out(sqs: Any) -> str:
    """The URL of the queue that functions send to what they got."""
    return sqs.create_queue(QueueName="out")["QueueUrl"]


@pytest.fixture
def copy(function: Any, out: str) -> Callable[..., str]:
    """A function that sends on what it gets; it answers `result`, or fails."""

    def make(name: str = "copy", result: Any = None, *, fail: bool = False, **settings: Any) -> str:
        code = COPY.replace("RESULT", repr(result)).replace("FAIL", repr(fail))
        return function(name, code, Environment={"Variables": {"OUT": out}}, Timeout=10, **settings)

    return make
