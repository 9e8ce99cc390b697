"""Calls in the words of AWS's SDKs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from undercast.wire import sdk


@pytest.mark.parametrize(
    ("service", "action", "client", "method"),
    [
        ("sqs", "sendMessage", "sqs", "send_message"),
        ("rds", "stopDBInstance", "rds", "stop_db_instance"),
        ("rds", "stopDbInstance", "rds", "stop_db_instance"),
        ("sfn", "startExecution", "stepfunctions", "start_execution"),
        ("cloudwatchlogs", "putLogEvents", "logs", "put_log_events"),
        ("eventbridge", "putEvents", "events", "put_events"),
        ("cognitoidentityprovider", "adminCreateUser", "cognito-idp", "admin_create_user"),
    ],
)
def test_names(service: str, action: str, client: str, method: str) -> None:
    operation = sdk.find_operation(service, action)
    assert (operation.service.name, operation.method) == (client, method)


@pytest.mark.parametrize(("service", "action"), [("nothing", "putItem"), ("sqs", "fly"), ("../sqs", "sendMessage")])
def test_what_aws_does_not_have(service: str, action: str) -> None:
    with pytest.raises(KeyError):
        sdk.find_operation(service, action)


@pytest.mark.parametrize(
    ("service", "action", "given", "fitted"),
    [
        ("rds", "stopDBInstance", {"DbInstanceIdentifier": "a"}, {"DBInstanceIdentifier": "a"}),
        ("cloudwatchlogs", "createLogGroup", {"LogGroupName": "g", "Tags": {"A": "b"}}, {"logGroupName": "g", "tags": {"A": "b"}}),
        (
            "eventbridge", "putEvents", {"entries": [{"detailType": "t", "time": 1.5}]},
            {"Entries": [{"DetailType": "t", "Time": datetime(1970, 1, 1, 0, 0, 1, 500_000, UTC)}]},
        ),
        ("sqs", "sendMessage", {"QueueUrl": "u", "Unknown": 1}, {"QueueUrl": "u", "Unknown": 1}),
    ],
)  # fmt: skip
def test_parameters(service: str, action: str, given: dict[str, Any], fitted: dict[str, Any]) -> None:
    assert sdk.fitted(sdk.find_operation(service, action), given) == fitted
