"""What AWS answered when it looked at definitions. The recordings have no messages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.recorded import recorded

PASS = {"StartAt": "Pass", "States": {"Pass": {"Type": "Pass", "End": True}}}
ASK = {
    "StartAt": "SendMessageWithWait",
    "States": {
        "SendMessageWithWait": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": {"QueueUrl.$": "$.QueueUrl", "MessageBody": {"Token.$": "$$.Task.Token"}},
            "End": True,
        }
    },
}
DOWNGRADE = {
    "QueryLanguage": "JSONata",
    "StartAt": "Pass",
    "States": {"Pass": {**PASS["States"]["Pass"], "QueryLanguage": "JSONPath"}},
}
DEFINITIONS: dict[str, Any] = {
    "EMPTY_DICT": "{}",
    "EMPTY_STRING": '""',
    "NOT_A_DEF": "not a definition",
    "ILLEGAL_WFTT": ASK,
    "INVALID_BASE_NO_STARTAT": {"States": PASS["States"]},
    "INVALID_DOWNGRADE_QUERY_LANGUAGE": DOWNGRADE,
    "VALID_BASE_PASS": PASS,
    "VALID_QUERY_LANGUAGE_PASS": {**PASS, "QueryLanguage": "JSONata"},
}
CASES = [
    ("not_a_definition", "EMPTY_DICT"), ("not_a_definition", "EMPTY_STRING"), ("not_a_definition", "NOT_A_DEF"),
    ("type_express", "ILLEGAL_WFTT"), ("type_express", "INVALID_BASE_NO_STARTAT"),
    ("type_express", "INVALID_DOWNGRADE_QUERY_LANGUAGE"), ("type_express", "VALID_BASE_PASS"),
    ("type_express", "VALID_QUERY_LANGUAGE_PASS"), ("type_standard", "INVALID_BASE_NO_STARTAT"),
    ("type_standard", "INVALID_DOWNGRADE_QUERY_LANGUAGE"), ("type_standard", "VALID_BASE_PASS"),
    ("type_standard", "VALID_QUERY_LANGUAGE_PASS"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "definition"), CASES)
def test_validate_state_machine_definition(states, kind, definition):
    name = f"sfn_api_validation::TestSfnApiValidation::test_validate_state_machine_definition_{kind}[{definition}]"
    given = DEFINITIONS[definition]
    text = given if isinstance(given, str) else json.dumps(given)
    more = {"type": kind.removeprefix("type_").upper()} if kind.startswith("type_") else {}
    answer = states.validate_state_machine_definition(definition=text, **more)
    recorded(name, "stepfunctions").check("validation_response", answer, ignore=("message",))


def test_only_so_many_diagnostics_are_shown(states):
    wrong = {"StartAt": "A", "States": {name: {"Type": "Pass", "Next": f"No{name}"} for name in "ABC"}}
    answer = states.validate_state_machine_definition(definition=json.dumps(wrong), maxResults=1)
    assert (answer["result"], len(answer["diagnostics"]), answer["truncated"]) == ("FAIL", 1, True)
