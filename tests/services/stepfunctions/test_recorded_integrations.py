"""Recorded cases: tasks that call queues, topics, tables, buses and the operations of the SDK."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.services.stepfunctions.recordings import ATTEMPTS, check_history, of

PATHS = "arn:aws:states:::"


def task(name: str, resource: str, parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A workflow of one task."""
    state = {"Type": "Task", "Resource": PATHS + resource, "Parameters": parameters, "End": True, **more}
    return {"StartAt": name, "States": {name: state}}


def handled(definition: dict[str, Any], handler: str) -> dict[str, Any]:
    """The same with a state that takes every error."""
    (state,) = definition["States"].values()
    state["Catch"] = [{"ErrorEquals": ["States.TaskFailed"], "ResultPath": "$.TaskFailedError", "Next": handler}]
    definition["States"][handler] = {"Type": "Pass", "End": True}
    return definition


@pytest.fixture
def history(workflows: Any) -> Any:
    """Runs a workflow to its end and answers with its history."""
    return lambda definition, given: workflows.events(workflows.start(workflows.create(definition), given))


@pytest.fixture
def queue(aws: Any) -> str:
    return aws("sqs").create_queue(QueueName="queue")["QueueUrl"]


def test_send_message(history: Any, queue: str) -> None:
    definition = task("SendSQS", "sqs:sendMessage", {"QueueUrl.$": "$.QueueUrl", "MessageBody.$": "$.MessageBody"})
    events = history(definition, {"QueueUrl": queue, "MessageBody": "test_message_body"})
    check_history("sqs_task_service::TestTaskServiceSqs::test_send_message", events)


def test_send_message_of_a_template(history: Any, queue: str) -> None:
    definition = task("SendSQS", "sqs:sendMessage", {"QueueUrl.$": "$.QueueUrl", "MessageBody.$": "$.MessageBody"})
    events = history(definition, {"QueueUrl": queue, "MessageBody": "test_message_body"})
    check_history("base_scenarios::TestBaseScenarios::test_sqs_send_message", events, "QueueUrl", "input", "parameters")


def test_send_message_attributes(history: Any, queue: str) -> None:
    attributes = {
        f"my_attribute_no_{number}": {"DataType": "String", "StringValue.$": f"$.MessageAttributeValue{number}"}
        for number in (1, 2)
    }
    parameters = {"QueueUrl.$": "$.QueueUrl", "MessageBody.$": "$.Message", "MessageAttributes": attributes}
    given = {
        "QueueUrl": queue, "Message": "test_message_body",
        "MessageAttributeValue1": "Hello", "MessageAttributeValue2": "World",
    }  # fmt: skip
    events = history(task("SendSQS", "sqs:sendMessage", parameters), given)
    check_history("sqs_task_service::TestTaskServiceSqs::test_send_message_attributes", events)


SPACED = ("Content-Length",)  # SNS writes line breaks into its XML
PUBLISH = {"TopicArn.$": "$.TopicArn", "Message.$": "$.Message"}
MESSAGE = {"Message": "HelloWorld!"}


def test_publish(history: Any, aws: Any) -> None:
    arn = aws("sns").create_topic(Name="topic")["TopicArn"]
    events = history(
        task("Publish", "sns:publish", PUBLISH), {"TopicArn": arn, "Message": {"message": "string-literal"}}
    )
    check_history("base_scenarios::TestBaseScenarios::test_sns_publish_base", events, "TopicArn", *SPACED)


@pytest.mark.parametrize(
    ("case", "more"),
    [
        ("input_params0-True", {}),
        ("input_params1-False", {"MessageGroupId": "a-group", "MessageDeduplicationId": "dedup-1"}),
    ],
)
def test_publish_to_a_fifo_topic(history: Any, aws: Any, case: str, more: dict[str, str]) -> None:
    arn = aws("sns").create_topic(Name="topic.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
    parameters = {**PUBLISH, **{f"{name}.$": f"$.{name}" for name in more}}
    events = history(task("Publish", "sns:publish", parameters), {"TopicArn": arn, "Message": MESSAGE, **more})
    check_history(f"sns_task_service::TestTaskServiceSns::test_fifo_message_attribute[{case}]", events, *SPACED)


def test_publish_to_no_topic(history: Any, account: str, region: str) -> None:
    given = {"TopicArn": f"arn:aws:sns:{region}:{account}:none", "Message": MESSAGE}
    events = history(task("Publish", "sns:publish", PUBLISH), given)
    check_history("sns_task_service::TestTaskServiceSns::test_publish_base_error_topic_arn", events)


@pytest.fixture
def table(aws: Any) -> str:
    aws("dynamodb").create_table(
        TableName="table-name", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )  # fmt: skip
    return "table-name"


def test_put_and_get_item(history: Any, table: str) -> None:
    put = {"TableName.$": "$.TableName", "Item.$": "$.Item"}
    get = {"TableName.$": "$.TableName", "Key.$": "$.Key"}
    states = {
        "PutItem": {"Type": "Task", "Resource": PATHS + "dynamodb:putItem", "Parameters": put,
                    "ResultPath": "$.putItemOutput", "Next": "GetItem"},
        "GetItem": {"Type": "Task", "Resource": PATHS + "dynamodb:getItem", "Parameters": get,
                    "ResultPath": "$.getItemOutput", "End": True},
    }  # fmt: skip
    item = {"data": {"S": "string-literal"}, "id": {"S": "id1"}}
    events = history(
        {"StartAt": "PutItem", "States": states}, {"TableName": table, "Item": item, "Key": {"id": {"S": "id1"}}}
    )
    check_history("base_scenarios::TestBaseScenarios::test_dynamodb_put_get_item", events)


def test_an_operation_that_is_not_optimized(workflows: Any) -> None:
    definition = task("Query", "dynamodb:query", {})
    with pytest.raises(ClientError) as refusal:
        workflows.create(definition)
    case = of("dynamodb_task_service::TestTaskServiceDynamoDB::test_invalid_integration")
    text = str(refusal.value).replace(" (reached max retries: 0)", "")
    case.check("exception", {"exception_typename": "InvalidDefinition", "exception_value": text})


def test_put_item_into_no_table(history: Any) -> None:
    definition = task("PutItem", "aws-sdk:dynamodb:putItem", {"TableName.$": "$.TableName", "Item.$": "$.Item"})
    events = history(definition, {"TableName": "none", "Item": {"data": {"S": "HelloWorld"}, "id": {"S": "id1"}}})
    check_history("aws_sdk::TestAwsSdk::test_dynamodb_put_item_no_such_table", events, without=ATTEMPTS)


PUT_EVENTS = {"Entries.$": "$.Entries"}


def test_put_events(history: Any) -> None:
    entry = {"Detail": '{"Message": "string-literal"}', "DetailType": "detail-type", "Source": "some.source"}
    events = history(task("PutEvents", "events:putEvents", PUT_EVENTS), {"Entries": [entry]})
    check_history("base_scenarios::TestBaseScenarios::test_events_put_events", events)


def test_put_events_without_source(history: Any, aws: Any, queue: str) -> None:
    """What was taken arrives, with the names of machine and execution."""
    sqs, events = aws("sqs"), aws("events")
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="all", EventPattern='{"source": [{"prefix": ""}]}')
    events.put_targets(Rule="all", Targets=[{"Id": "queue", "Arn": arn}])
    entries = [
        {"Detail": {"Message": "HelloWorld1"}, "DetailType": "type", "Source": "some.source"},
        {"Detail": {"Message": "HelloWorld"}, "DetailType": "type"},
    ]
    found = history(task("PutEvents", "events:putEvents", PUT_EVENTS), {"Entries": entries})
    case = "events_task_service::TestTaskServiceEvents::test_put_events_no_source"
    check_history(case, found)
    sent = [
        event
        for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=2)["Messages"]
        if (event := json.loads(message["Body"]))["source"] == "some.source"
    ]
    of(case).check("stepfunctions_events", sent * 2)  # the rule of the recording matched it twice


def test_no_such_bucket(history: Any) -> None:
    definition = task("CreateSecret", "aws-sdk:s3:listObjects", {"Bucket.$": "$.Bucket"})
    events = history(handled(definition, "TaskFailedHandler"), {"Bucket": "someNonexistentBucketName"})
    check_history("aws_sdk::TestAwsSdk::test_no_such_bucket", events, without=ATTEMPTS)


def test_invalid_secret_name(history: Any) -> None:
    parameters = {"Name.$": "$.Name", "SecretString.$": "$.SecretString"}
    definition = handled(task("CreateSecret", "aws-sdk:secretsmanager:createSecret", parameters), "TaskFailedHandler")
    events = history(definition, {"Name": "Invalid Name", "SecretString": "HelloWorld"})
    check_history("aws_sdk::TestAwsSdk::test_invalid_secret_name", events, without=ATTEMPTS)


def test_list_secrets(history: Any) -> None:
    definition = task("Start", "aws-sdk:secretsmanager:listSecrets", {}, Next="EndWithFinal")
    del definition["States"]["Start"]["End"]
    definition["States"]["EndWithFinal"] = {"Type": "Pass", "ResultPath": "$.final", "End": True}
    check_history("aws_sdk_task_service::TestTaskServiceAwsSdk::test_list_secrets", history(definition, {}))


@pytest.mark.parametrize(
    ("case", "body"),
    [
        ("binary", b"binary data"),
        ("bytearray", b"byte array data"),
        ("empty_binary", b""),
        ("empty_str", b""),
        ("str", b"text data"),
    ],
)
def test_get_object(history: Any, aws: Any, account: str, case: str, body: bytes) -> None:
    s3, bucket = aws("s3"), f"bucket-{account}"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="file_key", Body=body)
    definition = task("S3GetObject", "aws-sdk:s3:getObject", {"Bucket.$": "$.Bucket", "Key.$": "$.Key"})
    events = history(definition, {"Bucket": bucket, "Key": "file_key"})
    check_history(f"aws_sdk_task_service::TestTaskServiceAwsSdk::test_s3_get_object[{case}]", events, "Bucket")
