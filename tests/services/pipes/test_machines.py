"""State machines as targets and enrichments of pipes: what they get, the failures that they report."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.services.pipes.conftest import eventually

PASS = {"Only": {"Type": "Pass", "End": True}}
FAIL = {"Only": {"Type": "Fail", "Error": "Never"}}
REPORT = {"Report": {
    "Type": "Pass", "QueryLanguage": "JSONata", "End": True,
    "Output": {"batchItemFailures": "{% [$states.input[body='bad'].{'itemIdentifier': messageId}] %}"},
}}  # fmt: skip


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


@pytest.fixture
def come_back(aws: Any, source: Any, make_queue: Any, clock: Any) -> Any:
    """`come_back()`: the bodies of messages that the pipe left in its source (one), out of their dead-letter queue."""
    letters = make_queue("letters")
    redrive = json.dumps({"deadLetterTargetArn": letters.arn, "maxReceiveCount": 1})
    aws("sqs").set_queue_attributes(QueueUrl=source.url, Attributes={"RedrivePolicy": redrive})

    def look() -> list[str]:
        eventually(lambda: source.size() == (0, 1))
        clock.advance(seconds=31)
        return letters.bodies()

    return look


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


def test_a_target_reports_failures(pipes: Any, machine: Any, source: Any, come_back: Any) -> None:
    pipes.create(source.arn, machine(REPORT))
    for body in ("good", "bad"):
        source.send(body)
    assert come_back() == ["bad"]


def test_a_target_that_fails_leaves_its_events(pipes: Any, machine: Any, source: Any, come_back: Any) -> None:
    pipes.create(source.arn, machine(FAIL))
    source.send("one")
    assert come_back() == ["one"]


def test_an_enrichment(pipes: Any, machine: Any, source: Any, sink: Any) -> None:
    double = {"P": {"Type": "Pass", "Parameters": {"first.$": "$[0].body", "more": True}, "End": True}}
    pipes.create(source.arn, sink.arn, Enrichment=machine(double))
    source.send("one")
    assert sink.documents() == [{"first": "one", "more": True}]


def test_an_enrichment_that_fails_leaves_its_events(
    pipes: Any, machine: Any, source: Any, sink: Any, come_back: Any
) -> None:
    pipes.create(source.arn, sink.arn, Enrichment=machine(FAIL))
    source.send("x")
    assert come_back() == ["x"]
    assert sink.size() == (0, 0)


def test_parameters_of_an_http_enrichment_are_refused(pipes: Any, refused: Any, source: Any, machine: Any) -> None:
    wrong = {"HttpParameters": {"PathParameterValues": ["x"]}}
    code, message = refused(pipes.create, source.arn, source.arn, Enrichment=machine(PASS), EnrichmentParameters=wrong)
    assert (code, "HttpParameters" in message) == ("ValidationException", True)
