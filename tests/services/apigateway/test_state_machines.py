"""Integrations with Step Functions."""

from __future__ import annotations

import json

import pytest

PASS = {"StartAt": "Only", "States": {"Only": {"Type": "Pass", "Parameters": {"got.$": "$.n"}, "End": True}}}
TEMPLATE = """{"stateMachineArn": "%s", "input": "$util.escapeJavaScript($input.json('$'))"}"""


@pytest.fixture
def ask(api, aws, account):
    """`ask(action, type, body)`: what an API answers that passes its body to a state machine."""

    def send(action, type, body):
        role = f"arn:aws:iam::{account}:role/r"
        made = aws("stepfunctions").create_state_machine(
            name="machine", definition=json.dumps(PASS), roleArn=role, type=type
        )
        where = api.method("POST", "/orders")
        api.client.put_integration(
            **where, type="AWS", integrationHttpMethod="POST", uri=f"arn:aws:apigateway:us-east-1:states:action/{action}",
            credentials=role, requestTemplates={"application/json": TEMPLATE % made["stateMachineArn"]},
        )  # fmt: skip
        api.respond(where)
        api.deploy()
        return api.ask("POST", "/orders", json.dumps(body), {"Content-Type": "application/json"})

    return send


def test_an_execution_is_started(ask, aws, undercast):
    answer = ask("StartExecution", "STANDARD", {"n": 1})
    assert answer.status == 200
    undercast.run(undercast.platform.jobs.idle())
    described = aws("stepfunctions").describe_execution(executionArn=answer.json()["executionArn"])
    assert (described["status"], json.loads(described["output"])) == ("SUCCEEDED", {"got": 1})


def test_an_express_execution_answers(ask):
    answer = ask("StartSyncExecution", "EXPRESS", {"n": "its"}).json()
    assert (answer["status"], json.loads(answer["output"])) == ("SUCCEEDED", {"got": "its"})
    assert answer["billingDetails"]["billedMemoryUsedInMB"] == 64


def test_a_refusal_is_the_services(ask):
    answer = ask("StartSyncExecution", "STANDARD", {"n": 1})
    assert "StateMachineTypeNotSupported" in answer.json()["__type"]
