"""Calls in the words of AWS's SDKs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from undercast.kit.errors import ServiceError
from undercast.kit.sdk import SdkError
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


@pytest.mark.parametrize(
    ("service_id", "action", "name"),
    [
        ("dynamodb", "putItem", "DynamoDb"),
        ("secretsmanager", "createSecret", "SecretsManager"),
        ("sfn", "startExecution", "Sfn"),
        ("s3", "listObjects", "S3"),
        ("eventbridge", "putEvents", "EventBridge"),
        ("apigateway", "getRestApis", "ApiGateway"),
    ],
)
def test_services_are_named_as_in_the_java_sdk(service_id: str, action: str, name: str) -> None:
    assert sdk.sdk_operation(service_id, action).service == name


def test_answers_have_the_names_of_the_java_sdk() -> None:
    sent = sdk.sdk_operation("sqs", "sendMessage")
    assert sent.answer({"MD5OfMessageBody": "x", "MessageId": "m"}) == {"Md5OfMessageBody": "x", "MessageId": "m"}
    assert sent.answer_v1({"MD5OfMessageBody": "x", "MessageId": None}) == {"MD5OfMessageBody": "x"}


def test_times_and_bytes_in_answers() -> None:
    started = sdk.sdk_operation("sfn", "startExecution")
    output = {"executionArn": "arn", "startDate": 1_700_000_000_120}
    assert started.answer(output) == {"ExecutionArn": "arn", "StartDate": "2023-11-14T22:13:20.120Z"}
    assert started.answer_v1(output) == {"ExecutionArn": "arn", "StartDate": 1_700_000_000_120}
    decrypted = sdk.sdk_operation("kms", "decrypt")
    assert decrypted.answer({"Plaintext": b"text"}) == {"Plaintext": "text"}
    assert decrypted.answer({"Plaintext": b"\xff\x00"}) == {"Plaintext": "/wA="}


def test_fields_of_an_operation() -> None:
    stop = sdk.sdk_operation("rds", "stopDBInstance")
    assert stop.fields["dbinstanceidentifier"] == "DbInstanceIdentifier"
    assert stop.required == ("DbInstanceIdentifier",)


class _Error(ServiceError):
    """Gone."""


@pytest.mark.parametrize(
    ("service_id", "action", "code", "seen"),
    [
        ("s3", "listObjects", "NoSuchBucket", SdkError("NoSuchBucketException", "NoSuchBucketException", "NoSuchBucket", 404)),
        ("sns", "publish", "NotFound", SdkError("NotFoundException", "NotFoundException", "NotFound", 404)),
        ("sfn", "sendTaskSuccess", "InvalidToken", SdkError("InvalidTokenException", "InvalidTokenException", "InvalidToken", 400)),
        ("secretsmanager", "createSecret", "ValidationException", SdkError("", "", "ValidationException", 400)),
    ],
)  # fmt: skip
def test_errors_have_the_exceptions_of_the_java_sdk(service_id: str, action: str, code: str, seen: SdkError) -> None:
    error = _Error()
    error.code = code
    error.status = 400
    assert sdk.sdk_operation(service_id, action).error(error) == seen


def test_json_where_a_text_is_wanted() -> None:
    """Recorded: stepfunctions aws_sdk_task_service::…::test_sfn_start_execution_implicit_json_serialisation"""
    given = {"StateMachineArn": "arn", "Input": {"a": [1, None]}}
    params = sdk.sdk_operation("sfn", "startExecution").params(given)
    assert params == {"stateMachineArn": "arn", "input": '{"a":[1,null]}'}


@pytest.mark.parametrize(
    ("service_id", "action", "answer", "flaw"),
    [
        ("sfn", "startExecution", {"ExecutionArn": "arn", "StartDate": "2026-01-01T00:00:00Z"}, None),
        ("sfn", "startExecution", [], "Field 'result' must be an object"),
        ("sfn", "startExecution", {"StartDate": "d"}, "Required field 'ExecutionArn' is missing"),
        ("kms", "encrypt", {"CiphertextBlob": ""}, "Field 'CiphertextBlob' is smaller than the minimum length"),
        ("dynamodb", "getItem", {"Item": {"id": {"S": 1}}}, "Field 'S' must be a string"),
        ("dynamodb", "getItem", {"Item": {"id": {"Bool": True}}}, None),
        ("dynamodb", "getItem", {"Item": {"id": {"Bool": "yes"}}}, "Field 'Bool' must be a boolean"),
        ("sqs", "listQueues", {"QueueUrls": ["a", 1]}, "Field 'QueueUrls' must be a string"),
        ("dynamodb", "scan", {"Count": True}, "Field 'Count' must be a number"),
        ("lambda", "invoke", {"Payload": {"any": "JSON"}, "StatusCode": 200}, None),
        ("sqs", "sendMessage", {"Unknown": 1, "MessageId": None}, None),
    ],
)
def test_json_that_is_no_answer(service_id: str, action: str, answer: Any, flaw: str | None) -> None:
    """The words are recorded: stepfunctions field_validation_mode::…"""
    assert sdk.sdk_operation(service_id, action).flaw(answer, is_v1=False, whole=True) == flaw


def test_what_an_answer_lacks_matters_only_as_a_whole() -> None:
    start = sdk.sdk_operation("sfn", "startExecution")
    assert start.flaw({}, is_v1=False, whole=False) is None
    assert start.flaw({"StartDate": 1}, is_v1=False, whole=False) == "Field 'StartDate' must be a string"
