"""Fixtures for tests of Step Functions."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError

PASS = {"StartAt": "Only", "States": {"Only": {"Type": "Pass", "End": True}}}


class Workflows:
    """State machines and executions in as few words as a test can bear."""

    def __init__(self, client: Any, settle: Callable[[], None]) -> None:
        self.client = client
        self.settle = settle
        self._made = 0

    def create(self, definition: Any, **more: Any) -> str:
        """The ARN of a new state machine."""
        self._made += 1
        text = definition if isinstance(definition, str) else json.dumps(definition)
        given = {"name": f"machine-{self._made}", "roleArn": "arn:aws:iam::123456789012:role/states", **more}
        arn: str = self.client.create_state_machine(definition=text, **given)["stateMachineArn"]
        return arn

    def start(self, machine: str, input: Any = None, **more: Any) -> str:
        """The ARN of an execution; it has gone as far as it can."""
        given = {} if input is None else {"input": json.dumps(input)}
        arn: str = self.client.start_execution(stateMachineArn=machine, **given, **more)["executionArn"]
        self.settle()
        return arn

    def run(self, definition: Any, input: Any = None, **more: Any) -> dict[str, Any]:
        """The description of an execution of a new state machine."""
        return self.describe(self.start(self.create(definition, **more), input))

    def describe(self, execution: str) -> dict[str, Any]:
        described: dict[str, Any] = self.client.describe_execution(executionArn=execution)
        return described

    def output(self, execution: str) -> Any:
        """The output of an execution that succeeded."""
        described = self.describe(execution)
        assert described["status"] == "SUCCEEDED", described
        return json.loads(described["output"])

    def events(self, execution: str) -> list[dict[str, Any]]:
        pages = self.client.get_paginator("get_execution_history").paginate(executionArn=execution)
        return [event for page in pages for event in page["events"]]

    def types(self, execution: str) -> list[str]:
        return [event["type"] for event in self.events(execution)]


@pytest.fixture
def states(aws: Any) -> Any:
    return aws("stepfunctions")


@pytest.fixture
def function(aws: Any, account: str) -> Callable[..., str]:
    """`function(code, name)` makes a function and answers its ARN."""

    def make(code: str, name: str = "lambda_function_name", account: str = account) -> str:
        client, buffer = aws("lambda", account=account), io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("handler.py", code)
        answer = client.create_function(
            FunctionName=name, Runtime=f"python3.{sys.version_info[1]}", Handler="handler.handler",
            Role=f"arn:aws:iam::{account}:role/any", Code={"ZipFile": buffer.getvalue()},
        )  # fmt: skip
        client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.01})
        arn: str = answer["FunctionArn"]
        return arn

    return make


@pytest.fixture
def settle(undercast: Any) -> Callable[[], None]:
    """Wait until nothing is due any more."""
    return lambda: undercast.run(undercast.platform.jobs.idle())


@pytest.fixture
def workflows(states: Any, settle: Callable[[], None]) -> Workflows:
    return Workflows(states, settle)


def told(operation: Callable[..., Any], **request: Any) -> dict[str, str]:
    """The exception of a call as the recordings write it."""
    with pytest.raises((ClientError, ParamValidationError)) as raised:
        operation(**request)
    text = str(raised.value).replace(" (reached max retries: 0)", "")
    error = raised.value
    name = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
    return {"exception_typename": name, "exception_value": text}


def refused(operation: Callable[..., Any], **request: Any) -> ClientError:
    """The error of a call."""
    with pytest.raises(ClientError) as raised:
        operation(**request)
    return raised.value
