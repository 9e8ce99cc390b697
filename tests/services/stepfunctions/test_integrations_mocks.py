"""The configuration file of Step Functions Local."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

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
    assert (read.has("Orders", "Plain"), read.has("Orders", "Other"), read.has("Others", "Plain")) == (True, False, False)


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
