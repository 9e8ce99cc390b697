"""State machines in pipes: the failures that they report, those of enrichments, parameters that are refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

PASS = {"StartAt": "Only", "States": {"Only": {"Type": "Pass", "End": True}}}
FAIL = {"StartAt": "Only", "States": {"Only": {"Type": "Fail", "Error": "Never"}}}
REPORT = {
    "QueryLanguage": "JSONata", "StartAt": "Report",
    "States": {"Report": {
        "Type": "Pass", "End": True,
        "Output": {"batchItemFailures": "{% [$states.input[body='bad'].{'itemIdentifier': messageId}] %}"},
    }},
}  # fmt: skip


@pytest.fixture
def machine(aws: Any, role: str) -> Any:
    """`machine(definition, type)` answers the ARN of a state machine."""

    def create(definition: Any, type: str = "STANDARD") -> str:
        states = aws("stepfunctions")
        name, text = f"machine-{type}", json.dumps(definition)
        made: str = states.create_state_machine(name=name, definition=text, roleArn=role, type=type)["stateMachineArn"]
        return made

    return create


def test_an_express_machine_is_waited_for_and_reports_failures(
    pipes: Any, source: Any, sink: Any, machine: Any, aws: Any
) -> None:
    redrive = json.dumps({"deadLetterTargetArn": sink.arn, "maxReceiveCount": 1})
    aws("sqs").set_queue_attributes(QueueUrl=source.url, Attributes={"RedrivePolicy": redrive})
    pipes.create(source.arn, machine(REPORT, "EXPRESS"))
    for body in ("good", "bad"):
        source.send(body)
    assert sink.bodies() == ["bad"]


def test_an_enrichment_that_fails_leaves_the_message(
    pipes: Any, source: Any, sink: Any, make_queue: Any, machine: Any, aws: Any
) -> None:
    letters = make_queue("letters")
    redrive = json.dumps({"deadLetterTargetArn": letters.arn, "maxReceiveCount": 1})
    aws("sqs").set_queue_attributes(QueueUrl=source.url, Attributes={"RedrivePolicy": redrive})
    pipes.create(source.arn, sink.arn, Enrichment=machine(FAIL, "EXPRESS"))
    source.send("x")
    assert letters.bodies() == ["x"]


def test_parameters_of_an_http_enrichment_are_refused(pipes: Any, refused: Any, source: Any, machine: Any) -> None:
    wrong = {"HttpParameters": {"PathParameterValues": ["x"]}}
    code, message = refused(
        pipes.create, source.arn, source.arn, Enrichment=machine(PASS, "EXPRESS"), EnrichmentParameters=wrong
    )
    assert (code, "HttpParameters" in message) == ("ValidationException", True)
