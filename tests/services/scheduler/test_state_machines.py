"""State machines as targets of schedules: by their ARN, and as an operation of the SDK."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

PASS = {"StartAt": "Only", "States": {"Only": {"Type": "Pass", "End": True}}}


@pytest.fixture
def machine(aws: Any, role: str) -> str:
    states = aws("stepfunctions")
    return states.create_state_machine(name="machine", definition=json.dumps(PASS), roleArn=role)["stateMachineArn"]


@pytest.fixture
def inputs(aws: Any, machine: str, settle: Any) -> Any:
    """`inputs()`: those of all executions that succeeded."""

    def look() -> list[Any]:
        settle()
        states = aws("stepfunctions")
        found = states.list_executions(stateMachineArn=machine, statusFilter="SUCCEEDED")["executions"]
        return [json.loads(states.describe_execution(executionArn=one["executionArn"])["input"]) for one in found]

    return look


def test_a_schedule_starts_executions(schedule: Any, machine: str, inputs: Any, clock: Any, now: Any) -> None:
    when = now() + timedelta(hours=1)
    text = '{"at": "<aws.scheduler.scheduled-time>"}'
    schedule(f"at({when:%Y-%m-%dT%H:%M:%S})", target={"Arn": machine, "Input": text})
    assert inputs() == []
    clock.advance(hours=1)
    assert inputs() == [{"at": f"{when:%Y-%m-%dT%H:%M:%SZ}"}]


def test_an_operation_of_the_sdk(schedule: Any, machine: str, inputs: Any) -> None:
    request = {"StateMachineArn": machine, "Input": '{"by": "the SDK"}', "Name": "once"}
    target = {"Arn": "arn:aws:scheduler:::aws-sdk:sfn:startExecution", "Input": json.dumps(request)}
    schedule("rate(365 days)", target=target)
    assert inputs() == [{"by": "the SDK"}]


def test_what_cannot_start_is_a_dead_letter(
    schedule: Any, machine: str, queue_arn: str, messages: Any, clock: Any
) -> None:
    schedule(
        "rate(365 days)",
        target={
            "Arn": f"{machine}-gone", "Input": "{}", "DeadLetterConfig": {"Arn": queue_arn},
            "RetryPolicy": {"MaximumRetryAttempts": 0},
        },
    )  # fmt: skip
    (letter,) = messages()
    assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "StateMachineDoesNotExist"
    assert json.loads(letter["Body"]) == {"StateMachineArn": f"{machine}-gone", "Input": "{}"}


def test_input_must_be_json(schedule: Any, refused: Any, machine: str) -> None:
    code, message = refused(schedule, "rate(1 hour)", target={"Arn": machine, "Input": "tick"})
    assert (code, message.startswith("Invalid RequestJson")) == ("ValidationException", True)


def test_only_state_machines_are_targets(schedule: Any, refused: Any, machine: str) -> None:
    activity = machine.replace("stateMachine:", "activity:")
    assert refused(schedule, "rate(1 hour)", target={"Arn": activity, "Input": "{}"})[0] == "ValidationException"
