"""What AWS answered about activities."""

from __future__ import annotations

import pytest

from tests.recorded import cases, recorded
from tests.services.stepfunctions.conftest import refused, told

_FILE = "sfn_api_activities::TestSnfApiActivities::"
INVALID = [name for name in cases("stepfunctions") if name.startswith(f"{_FILE}test_create_activity_invalid_name[")]
CREATED = [name for name in cases("stepfunctions") if name.startswith(f"{_FILE}test_create_describe_delete_activity[")]


def named(answer, arn):
    """Placeholders that are not written as such."""
    renamed = {"activityArn": "activity_arn", "name": "activity_name", "creationDate": "creation-date"}
    return {key: renamed.get(key, value) for key, value in answer.items()}


@pytest.mark.parametrize("case", INVALID)
def test_create_activity_invalid_name(states, case):
    found = recorded(case, "stepfunctions")
    name = found.answers["invalid_name"]["Error"]["Message"].removeprefix("Invalid Name: '").removesuffix("'")
    found.check("invalid_name", refused(states.create_activity, name=name))


@pytest.mark.parametrize("case", CREATED)
def test_create_describe_delete_activity(states, case):
    found = recorded(case, "stepfunctions")
    name = case.partition("[")[2].removesuffix("]")
    made = states.create_activity(name=name)
    arn = made["activityArn"]
    assert arn.endswith(f":activity:{name}")
    found.check("create_activity_response", named(made, arn))
    found.check("create_activity_response_duplicate", named(states.create_activity(name=name), arn))
    found.check("describe_activity_response", named(states.describe_activity(activityArn=arn), arn))
    found.check("delete_activity_response", states.delete_activity(activityArn=arn))
    found.check("delete_activity_response_2", states.delete_activity(activityArn=arn))


def test_describe_deleted_activity(states):
    case = recorded(f"{_FILE}test_describe_deleted_activity", "stepfunctions")
    arn = states.create_activity(name="activity")["activityArn"]
    states.delete_activity(activityArn=arn)
    error = refused(states.describe_activity, activityArn=arn)
    for where in (error.response, error.response["Error"]):
        for key in ("message", "Message"):
            if key in where:
                where[key] = where[key].replace(arn, "activity_arn")
    case.check("no_such_activity", error)


@pytest.mark.parametrize("operation", ["describe_activity", "get_activity_task"])
def test_invalid_arn(states, operation):
    case = recorded(f"{_FILE}test_{operation}_invalid_arn", "stepfunctions")
    case.check("exception", told(getattr(states, operation), activityArn="no_an_activity_arn"))
