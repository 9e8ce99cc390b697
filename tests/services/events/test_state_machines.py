"""State machines as targets of rules."""

from __future__ import annotations

import json
from typing import Any

import pytest

ROLE = "arn:aws:iam::{}:role/rules"
PASS = {"StartAt": "Only", "States": {"Only": {"Type": "Pass", "End": True}}}


@pytest.fixture
def machine(aws: Any, account: str) -> str:
    made = aws("stepfunctions").create_state_machine(
        name="machine", definition=json.dumps(PASS), roleArn=ROLE.format(account)
    )
    return made["stateMachineArn"]


def test_an_event_starts_one_execution(
    aws: Any, make_rule: Any, put: Any, settle: Any, machine: str, account: str
) -> None:
    transformer = {"InputPathsMap": {"n": "$.detail.n"}, "InputTemplate": '{"number": <n>}'}
    make_rule("rule", {"Arn": machine, "RoleArn": ROLE.format(account), "InputTransformer": transformer})
    event = put({"command": "update-account", "n": 7})
    settle()
    states = aws("stepfunctions")
    (execution,) = states.list_executions(stateMachineArn=machine)["executions"]
    assert execution["name"].startswith(event)
    described = states.describe_execution(executionArn=execution["executionArn"])
    assert (described["status"], json.loads(described["output"])) == ("SUCCEEDED", {"number": 7})


def test_an_event_for_a_machine_that_is_gone_is_a_dead_letter(
    aws: Any, make_rule: Any, make_queue: Any, put: Any, settle: Any, machine: str, account: str
) -> None:
    letters = make_queue("letters")
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}],
    }
    letters.sqs.set_queue_attributes(QueueUrl=letters.url, Attributes={"Policy": json.dumps(policy)})
    target = {
        "Arn": machine, "RoleArn": ROLE.format(account), "DeadLetterConfig": {"Arn": letters.arn},
        "RetryPolicy": {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60},
    }  # fmt: skip
    make_rule("rule", target)
    aws("stepfunctions").delete_state_machine(stateMachineArn=machine)
    put({"command": "update-account", "n": 1})
    settle()
    (letter,) = letters.sqs.receive_message(QueueUrl=letters.url, MessageAttributeNames=["All"])["Messages"]
    assert json.loads(letter["Body"])["detail"]["n"] == 1
    assert letter["MessageAttributes"]["TARGET_ARN"]["StringValue"] == machine
