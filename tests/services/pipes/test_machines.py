"""State machines as targets and enrichments of pipes."""

from __future__ import annotations

import json
from typing import Any

import pytest


@pytest.fixture
def machine(aws: Any, role: str) -> Any:
    """`machine(states)` makes a state machine that begins with the first of them; its ARN."""

    def make(states: dict[str, Any], type: str = "EXPRESS") -> str:
        definition = json.dumps({"StartAt": next(iter(states)), "States": states})
        made = aws("stepfunctions").create_state_machine(
            name=f"machine-{type}", definition=definition, roleArn=role, type=type
        )
        return made["stateMachineArn"]

    return make


def sending(url: str) -> dict[str, Any]:
    """Sends its input to a queue."""
    parameters = {"QueueUrl": url, "MessageBody.$": "$"}
    task = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": parameters, "End": True}
    return {"Send": task}


@pytest.mark.parametrize(("type", "invocation"), [("STANDARD", "FIRE_AND_FORGET"), ("EXPRESS", "REQUEST_RESPONSE")])
def test_a_target(pipes: Any, machine: Any, source: Any, sink: Any, type: str, invocation: str) -> None:
    parameters = {"StepFunctionStateMachineParameters": {"InvocationType": invocation}}
    template = {"InputTemplate": '{"n": <$.body>}'}
    pipes.create(source.arn, machine(sending(sink.url), type), TargetParameters={**parameters, **template})
    source.send("1")
    assert sink.documents() == [[{"n": "1"}]]


def test_an_enrichment(pipes: Any, machine: Any, source: Any, sink: Any) -> None:
    double = {"P": {"Type": "Pass", "Parameters": {"first.$": "$[0].body", "more": True}, "End": True}}
    pipes.create(source.arn, sink.arn, Enrichment=machine(double))
    source.send("one")
    assert sink.documents() == [{"first": "one", "more": True}]


def test_an_execution_that_fails_leaves_its_events(pipes: Any, machine: Any, source: Any, sink: Any) -> None:
    pipes.create(source.arn, machine({"F": {"Type": "Fail", "Error": "Bad"}}))
    source.send("one")
    (message,) = source.receive()
    assert message["Body"] == "one"
    assert sink.size() == (0, 0)
