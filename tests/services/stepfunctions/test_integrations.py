"""Tasks: what their arguments may be, and the names of what goes wrong."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

PATHS = "arn:aws:states:::"


@pytest.fixture
def run(workflows: Any) -> Any:
    """Runs one task to its end; the description of the execution."""

    def execute(resource: str, parameters: dict[str, Any], given: Any = None, **more: Any) -> dict[str, Any]:
        arn = resource if resource.startswith("arn:") else PATHS + resource
        task = {"Type": "Task", "Resource": arn, "Parameters": parameters, "End": True, **more}
        return workflows.run({"StartAt": "Task", "States": {"Task": task}}, given)

    return execute


def output(described: dict[str, Any]) -> Any:
    assert described["status"] == "SUCCEEDED", described
    return json.loads(described["output"])


@pytest.mark.parametrize(
    ("resource", "parameters", "problem"),
    [
        ("sqs:sendMessage", {"QueueUrl": "q"}, '[The field "MessageBody" is required but was missing]'),
        ("lambda:invoke", {}, '[The field "FunctionName" is required but was missing]'),
        ("sns:publish", {"Message": "m", "Color": 1}, '[The field "Color" is not supported by Step Functions]'),
        ("aws-sdk:s3:getObject", {"bucket": "b", "Key": "k"}, 'The field "bucket" is not supported by Step Functions'),
        ("aws-sdk:dynamodb:getItem", {"TableName": "t"}, '[The field "Key" is required but was missing]'),
        ("aws-sdk:sqs:sendMessage", {"QueueUrl": 7, "MessageBody": "m"}, "QueueUrl"),
    ],
)
def test_arguments_that_cannot_be(run: Any, resource: str, parameters: dict[str, Any], problem: str) -> None:
    described = run(resource, parameters, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Task"}])
    assert (described["status"], described["error"]) == ("FAILED", "States.Runtime")
    text = json.dumps(parameters, separators=(",", ":"))
    assert f"The Parameters '{text}' could not be used to start the Task: [" in described["cause"]
    assert problem in described["cause"]


@pytest.mark.parametrize(
    ("resource", "problem"),
    [
        ("ecs:runTask", "Undercast does not have ecs yet"),
        ("glue:startJobRun.sync", "Undercast does not have glue yet"),
        ("aws-sdk:ecs:listClusters", "Undercast does not have ecs yet."),
    ],
)
def test_what_is_not_here_yet(run: Any, resource: str, problem: str) -> None:
    described = run(resource, {})
    assert (described["status"], described["error"]) == ("FAILED", "States.Runtime")
    assert problem in described["cause"]


@pytest.fixture
def table(aws: Any) -> str:
    aws("dynamodb").create_table(
        TableName="table", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )  # fmt: skip
    return "table"


@pytest.mark.parametrize(
    ("resource", "service"), [("dynamodb:putItem", "DynamoDB"), ("aws-sdk:dynamodb:putItem", "DynamoDb")]
)
def test_a_condition_that_fails(run: Any, table: str, resource: str, service: str) -> None:
    put = {"TableName": table, "Item": {"id": {"S": "1"}}, "ConditionExpression": "attribute_not_exists(id)"}
    output(run(resource, put))
    described = run(resource, put)
    assert described["error"] == f"{service}.ConditionalCheckFailedException"
    assert described["cause"].startswith("The conditional request failed (Service: ")


def test_an_error_without_an_exception_of_its_own(run: Any, table: str) -> None:
    described = run("dynamodb:getItem", {"TableName": table, "Key": {"other": {"S": "1"}}})
    assert described["error"] == "DynamoDB.AmazonDynamoDBException"
    assert (
        "(Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ValidationException; Request ID: "
        in described["cause"]
    )


def test_update_and_delete_item(run: Any, table: str) -> None:
    key = {"TableName": table, "Key": {"id": {"S": "1"}}}
    update = {
        "UpdateExpression": "ADD n :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
        "ReturnValues": "ALL_NEW",
    }
    assert output(run("dynamodb:updateItem", {**key, **update}))["Attributes"]["n"] == {"N": "1"}
    gone = output(run("dynamodb:deleteItem", {**key, "ReturnValues": "ALL_OLD"}))
    assert gone["Attributes"] == {"id": {"S": "1"}, "n": {"N": "1"}}
    assert gone["SdkHttpMetadata"]["HttpStatusCode"] == 200


def test_times_of_the_sdk_are_texts(run: Any, table: str) -> None:
    shown = output(run("aws-sdk:dynamodb:describeTable", {"TableName": table}))["Table"]
    assert shown["CreationDateTime"].endswith("Z")
    assert shown["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]


def test_names_of_the_sdk(run: Any, aws: Any) -> None:
    url = aws("sqs").create_queue(QueueName="queue")["QueueUrl"]
    sent = output(run("aws-sdk:sqs:sendMessage", {"QueueUrl": url, "MessageBody": {"json": True}}))
    assert sent.keys() == {"Md5OfMessageBody", "MessageId"}
    (message,) = aws("sqs").receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"]) == {"json": True}


def test_operations_that_wait(run: Any, aws: Any) -> None:
    """They cannot be in the transaction of the transition: a job of its own calls them."""
    url = aws("sqs").create_queue(QueueName="queue")["QueueUrl"]
    aws("sqs").send_message(QueueUrl=url, MessageBody="hello")
    received = output(run("aws-sdk:sqs:receiveMessage", {"QueueUrl": url}))
    assert [message["Body"] for message in received["Messages"]] == ["hello"]


EXITS = "import os\ndef handler(event, context):\n    os._exit(1)\n"
TEXT = "def handler(event, context):\n    return event\n"


def test_a_function_that_exits(run: Any, function: Any) -> None:
    described = run("lambda:invoke", {"FunctionName": function(EXITS)})
    assert described["error"] in ("Runtime.ExitError", "Lambda.Unknown")


@pytest.mark.parametrize("payload", ["text", 7, True, ["a"], {"a": None}])
def test_payloads_of_functions(run: Any, function: Any, payload: Any) -> None:
    name = function(TEXT)
    assert output(run("lambda:invoke", {"FunctionName": name, "Payload": payload}))["Payload"] == payload
    assert output(run(name, {"whole": payload})) == {"whole": payload}


def test_a_function_that_nobody_waits_for(run: Any, function: Any) -> None:
    sent = output(run("lambda:invoke", {"FunctionName": function(TEXT), "InvocationType": "Event", "Payload": {}}))
    assert (sent["StatusCode"], "Payload" in sent) == (202, False)


def test_a_function_that_is_throttled(run: Any, function: Any, aws: Any) -> None:
    function(TEXT, "busy")
    aws("lambda").put_function_concurrency(FunctionName="busy", ReservedConcurrentExecutions=0)
    described = run("lambda:invoke", {"FunctionName": "busy"})
    assert described["error"] == "Lambda.TooManyRequestsException"
    assert "(Service: AWSLambda; Status Code: 429; Error Code: TooManyRequestsException; " in described["cause"]


def test_a_nested_execution_that_fails(run: Any, workflows: Any) -> None:
    inner = workflows.create({"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Bad", "Cause": "luck"}}})
    described = run("states:startExecution.sync:2", {"StateMachineArn": inner, "Input": {"n": 1}})
    assert described["error"] == "States.TaskFailed"
    cause = json.loads(described["cause"])
    assert (cause["Status"], cause["Error"], cause["Cause"], cause["Input"]) == ("FAILED", "Bad", "luck", {"n": 1})


def test_a_nested_execution_that_is_there_already(run: Any, workflows: Any) -> None:
    inner = workflows.create({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
    parameters = {"StateMachineArn": inner, "Name": "once"}
    output(run("states:startExecution", parameters))
    described = run("states:startExecution.sync", {**parameters, "Input": {"other": 1}})
    assert described["error"] == "StepFunctions.ExecutionAlreadyExistsException"


def test_submitting_may_fail(workflows: Any, account: str, region: str) -> None:
    parameters = {"StateMachineArn": f"arn:aws:states:{region}:{account}:stateMachine:none"}
    task = {"Type": "Task", "Resource": PATHS + "states:startExecution.sync", "Parameters": parameters, "End": True}
    execution = workflows.start(workflows.create({"StartAt": "T", "States": {"T": task}}))
    assert workflows.types(execution)[-2:] == ["TaskSubmitFailed", "ExecutionFailed"]


@pytest.mark.parametrize("resource", ["states:startExecution", "events:putEvents", "lambda:invoke"])
def test_waiting_for_a_token(workflows: Any, states: Any, function: Any, resource: str) -> None:
    """Whatever is called may bring the token to whoever answers."""
    inner = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
    parameters = {
        "states:startExecution": lambda: {
            "StateMachineArn": workflows.create(inner),
            "Input": {"token.$": "$$.Task.Token"},
        },
        "events:putEvents": lambda: {
            "Entries": [{"Source": "s", "DetailType": "t", "Detail": {"token.$": "$$.Task.Token"}}]
        },
        "lambda:invoke": lambda: {"FunctionName": function(TEXT), "Payload": {"token.$": "$$.Task.Token"}},
    }[resource]()
    task = {"Type": "Task", "Resource": f"{PATHS}{resource}.waitForTaskToken", "Parameters": parameters, "End": True}
    execution = workflows.start(workflows.create({"StartAt": "T", "States": {"T": task}}))
    scheduled = workflows.events(execution)[2]["taskScheduledEventDetails"]["parameters"]
    token = re.search(r"token\W+([\w=-]+)", scheduled)[1]
    states.send_task_success(taskToken=token, output='{"answered": true}')
    workflows.settle()
    assert workflows.output(execution) == {"answered": True}


def test_keys_encrypt_what_is_text(run: Any, aws: Any) -> None:
    key = aws("kms").create_key()["KeyMetadata"]["KeyId"]
    made = output(run("aws-sdk:kms:generateRandom", {"NumberOfBytes": 8}))
    assert isinstance(made["Plaintext"], str)
    sealed = output(run("aws-sdk:kms:encrypt", {"KeyId": key, "Plaintext": "secret"}))
    assert sealed["KeyId"].endswith(key)
    assert isinstance(sealed["CiphertextBlob"], str)


@pytest.mark.parametrize(("size", "status"), [(200_000, "SUCCEEDED"), (3_000_000, "FAILED")])
def test_large_objects(run: Any, aws: Any, account: str, size: int, status: str) -> None:
    """What S3 streams is read outside of the transaction, and no further than a result may be long."""
    s3, bucket = aws("s3"), f"bucket-{account}"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="key", Body=b"x" * size)
    described = run("aws-sdk:s3:getObject", {"Bucket": bucket, "Key": "key", "VersionId": None})
    assert described["status"] == status
    if status == "FAILED":
        assert described["error"] == "States.DataLimitExceeded"
        assert described["cause"].startswith("The state/task 'aws-sdk:s3' returned a result with a size exceeding")
