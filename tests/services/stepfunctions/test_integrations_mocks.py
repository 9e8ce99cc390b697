"""The configuration file of Step Functions Local."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from undercast.services.stepfunctions.integrations import Done, Failed, mocks

CONFIGURATION = {
    "StateMachines": {"Orders": {"TestCases": {"Recovers": {"Pay": "PayRecovers", "Ship": "ShipDone"}, "Plain": {}}}},
    "MockedResponses": {
        "PayRecovers": {
            "0": {"Throw": {"Error": "Lambda.TooManyRequestsException", "Cause": "busy"}},
            "1-2": {"Throw": {"Error": "CustomException", "Cause": "no"}},
            "3": {"Return": {"StatusCode": 200}},
        },
        "ShipDone": {"0": {"Return": None}},
    },
}


def test_each_attempt_has_its_response() -> None:
    read = mocks.read(CONFIGURATION)
    found = [read.outcome("Orders", "Recovers", "Pay", attempt) for attempt in range(4)]
    custom = Failed("CustomException", "no")
    assert found == [Failed("Lambda.TooManyRequestsException", "busy"), custom, custom, Done({"StatusCode": 200})]
    assert read.outcome("Orders", "Recovers", "Ship", 0) == Done(None)


def test_attempts_that_are_not_mocked_fail() -> None:
    outcome = mocks.read(CONFIGURATION).outcome("Orders", "Recovers", "Pay", 4)
    assert isinstance(outcome, Failed)
    assert outcome.error == "States.Runtime"


def test_other_states_and_cases_are_not_mocked() -> None:
    read = mocks.read(CONFIGURATION)
    assert read.outcome("Orders", "Recovers", "Refund", 0) is None
    assert read.outcome("Orders", "Other", "Pay", 0) is None
    assert (read.has("Orders", "Plain"), read.has("Orders", "Other"), read.has("Others", "Plain")) == (
        True,
        False,
        False,
    )


@pytest.mark.parametrize(
    ("responses", "problem"),
    [
        ({"x": {"Return": 1}}, "attempts are a number"),
        ({"2-1": {"Return": 1}}, "attempts are a number"),
        ({"0": {}}, "either Return, or Throw"),
        ({"0": {"Return": 1, "Throw": {"Error": "E"}}}, "either Return, or Throw"),
        ({"0": {"Throw": {"Cause": "c"}}}, "either Return, or Throw"),
        ({"0": 1}, "must be an object"),
    ],
)
def test_wrong_responses(responses: Any, problem: str) -> None:
    with pytest.raises(mocks.InvalidMocks, match=problem):
        mocks.read({"MockedResponses": {"One": responses}})


def test_a_response_that_is_not_there() -> None:
    with pytest.raises(mocks.InvalidMocks, match="there is no mocked response 'Gone'"):
        mocks.read({"StateMachines": {"M": {"TestCases": {"C": {"S": "Gone"}}}}})


def test_file(tmp_path: Path) -> None:
    file = tmp_path / "mocks.json"
    file.write_text(json.dumps(CONFIGURATION))
    assert mocks.load(file).has("Orders", "Recovers")
    file.write_text("{")
    with pytest.raises(mocks.InvalidMocks, match=r"mocks\.json"):
        mocks.load(file)
    with pytest.raises(mocks.InvalidMocks, match="No such file"):
        mocks.load(tmp_path / "none")


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: Any) -> Any:
    """Makes a configuration the platform's."""

    def write(configuration: Any) -> None:
        file = tmp_path / "mocks.json"
        file.write_text(json.dumps(configuration))
        monkeypatch.setenv(mocks.VARIABLE, str(file))

    return write


PAY = {
    "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "none"}, "Next": "Ship",
    "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 3}],
}  # fmt: skip
SHIP = {
    "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": True,
    "Parameters": {"QueueUrl": "none", "MessageBody.$": "$$.Task.Token"},
}  # fmt: skip
ORDERS = {"StartAt": "Pay", "States": {"Pay": PAY, "Ship": SHIP}}


def test_an_execution_of_a_test_case(workflows: Any, configured: Any, clock: Any) -> None:
    configured(CONFIGURATION)
    machine = workflows.create(ORDERS, name="Orders")
    execution = workflows.start(machine + "#Recovers")
    for _ in range(3):
        clock.advance(seconds=5)
        workflows.settle()
    assert workflows.output(execution) is None
    types = workflows.types(execution)
    assert types[2:5] == ["TaskScheduled", "TaskStarted", "TaskFailed"]
    assert (types.count("TaskFailed"), types.count("TaskSucceeded")) == (3, 2)
    assert workflows.describe(execution)["stateMachineArn"] == machine


def test_states_without_a_response_are_called(workflows: Any, configured: Any) -> None:
    configured({**CONFIGURATION, "StateMachines": {"Orders": {"TestCases": {"Plain": {}}}}})
    machine = {"StartAt": "Ship", "States": {"Ship": SHIP}}
    described = workflows.describe(workflows.start(workflows.create(machine, name="Orders") + "#Plain"))
    assert described["error"] == "SQS.QueueDoesNotExistException"


@pytest.mark.parametrize(
    ("configuration", "problem"),
    [
        (None, "There is no mock configuration: set SFN_MOCK_CONFIG"),
        ({"StateMachines": {}}, "no test case Recovers of the state machine Orders"),
        ({"StateMachines": []}, "The mock configuration is not valid"),
    ],
)
def test_test_cases_that_are_not_there(workflows: Any, configured: Any, configuration: Any, problem: str) -> None:
    if configuration is not None:
        configured(configuration)
    machine = workflows.create(ORDERS, name="Orders")
    with pytest.raises(ClientError, match=problem):
        workflows.start(machine + "#Recovers")
