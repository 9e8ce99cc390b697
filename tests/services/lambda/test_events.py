"""Asynchronous invocations: retries, destinations, and what survives."""

from __future__ import annotations

import json
from contextlib import closing

import boto3
import pytest
from botocore.exceptions import ClientError

from undercast.pytest_plugin import InProcessPlatform

from .conftest import ECHO, ROLE, RUNTIME, zipped


@pytest.fixture
def target(sqs):
    url = sqs.create_queue(QueueName="target")["QueueUrl"]
    return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def record(sqs, url):
    (message,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]
    return json.loads(message["Body"])


def test_success_is_told(function, client, sqs, target):
    url, arn = target
    function("f")
    destinations = {"OnSuccess": {"Destination": arn}}
    client.put_function_event_invoke_config(FunctionName="f", DestinationConfig=destinations)
    request_id = client.invoke(FunctionName="f", InvocationType="Event", Payload=b'{"a": 1}')["ResponseMetadata"][
        "RequestId"
    ]
    found = record(sqs, url)
    assert found["requestContext"]["condition"] == "Success"
    assert found["requestContext"]["requestId"] == request_id
    assert found["requestContext"]["approximateInvokeCount"] == 1
    assert found["requestPayload"] == found["responsePayload"] == {"a": 1}
    assert found["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST"}


def test_failure_is_told_after_the_retries(function, client, sqs, target):
    url, arn = target
    function("f", "def handler(e, c): raise ValueError('no')")
    client.put_function_event_invoke_config(
        FunctionName="f", MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": arn}}
    )
    client.invoke(FunctionName="f", InvocationType="Event", Payload=b'{"a": 1}')
    found = record(sqs, url)
    assert found["requestContext"]["condition"] == "RetriesExhausted"
    assert found["responseContext"]["functionError"] == "Unhandled"
    assert found["responsePayload"]["errorType"] == "ValueError"


def test_a_function_can_be_a_destination(function, client, sqs, target, aws):
    url, _ = target
    code = """
import boto3, json, os
def handler(event, context): boto3.client("sqs").send_message(QueueUrl=os.environ["OUT"], MessageBody=json.dumps(event))
"""
    told = function("told", code, Environment={"Variables": {"OUT": url}}, Timeout=30)
    function("f")
    client.put_function_event_invoke_config(FunctionName="f", DestinationConfig={"OnSuccess": {"Destination": told}})
    client.invoke(FunctionName="f", InvocationType="Event", Payload=b'{"a": 1}')
    assert record(sqs, url)["responsePayload"] == {"a": 1}


def test_destinations_that_are_not_there_yet(function, client, account):
    function("f")
    for arn in (f"arn:aws:events:us-east-1:{account}:event-bus/default", "arn:aws:s3:::bucket"):
        with pytest.raises(client.exceptions.ClientError, match="NotImplemented"):
            client.put_function_event_invoke_config(
                FunctionName="f", DestinationConfig={"OnFailure": {"Destination": arn}}
            )


def test_a_topic_delivers(function, client, sqs, target, aws):
    url, arn = target
    function_arn = function("f")
    client.put_function_event_invoke_config(FunctionName="f", DestinationConfig={"OnSuccess": {"Destination": arn}})
    sns = aws("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function_arn)
    sns.publish(TopicArn=topic, Message="hello")
    assert record(sqs, url)["requestPayload"]["Records"][0]["Sns"]["Message"] == "hello"


def test_it_goes_on_after_a_restart(tmp_path):
    """Functions, the events that wait for a retry, and mappings with what they poll."""

    def client(platform, service):
        return boto3.client(
            service, endpoint_url=platform.url, region_name="us-east-1", aws_access_key_id="000000000001",
            aws_secret_access_key="x",
        )  # fmt: skip

    with closing(InProcessPlatform(tmp_path)) as platform:
        functions, sqs = client(platform, "lambda"), client(platform, "sqs")
        url = sqs.create_queue(QueueName="in")["QueueUrl"]
        out = sqs.create_queue(QueueName="out")["QueueUrl"]
        arns = [
            sqs.get_queue_attributes(QueueUrl=one, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
            for one in (url, out)
        ]
        functions.create_function(
            FunctionName="f", Runtime=RUNTIME, Role=ROLE, Handler="handler.handler", Code={"ZipFile": zipped(ECHO)}
        )
        functions.put_function_event_invoke_config(
            FunctionName="f", DestinationConfig={"OnSuccess": {"Destination": arns[1]}}
        )
        mapping = functions.create_event_source_mapping(FunctionName="f", EventSourceArn=arns[0])["UUID"]
        while functions.get_event_source_mapping(UUID=mapping)["State"] != "Enabled":
            pass
        platform.run(platform.platform.jobs.close())
        functions.invoke(FunctionName="f", InvocationType="Event", Payload=b'{"a": 1}')
    with closing(InProcessPlatform(tmp_path)) as platform:
        functions, sqs = client(platform, "lambda"), client(platform, "sqs")
        out = f"{platform.url}/000000000001/out"
        assert record(sqs, out)["responsePayload"] == {"a": 1}
        url = f"{platform.url}/000000000001/in"
        sqs.send_message(QueueUrl=url, MessageBody="m")
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        while any(int(n) for n in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"].values()):
            pass


def test_invoke_async_is_the_older_way(function, client, sqs, target):
    url, arn = target
    function("f")
    client.put_function_event_invoke_config(FunctionName="f", DestinationConfig={"OnSuccess": {"Destination": arn}})
    assert client.invoke_async(FunctionName="f", InvokeArgs=b'{"a": 1}')["Status"] == 202
    assert record(sqs, url)["requestPayload"] == {"a": 1}
    for wanted, code in (
        ({"FunctionName": "none", "InvokeArgs": b"{}"}, "ResourceNotFoundException"),
        ({"FunctionName": "f", "InvokeArgs": b"{"}, "InvalidRequestContentException"),
    ):
        with pytest.raises(ClientError) as refused:
            client.invoke_async(**wanted)
        assert refused.value.response["Error"]["Code"] == code


def test_reserved_concurrency_is_given_back(client, create):
    create("f")
    client.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=900)
    assert client.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"] == 100
    client.delete_function_concurrency(FunctionName="f")
    client.delete_function_concurrency(FunctionName="f")
    assert "ReservedConcurrentExecutions" not in client.get_function_concurrency(FunctionName="f")
    assert client.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"] == 1000
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        client.delete_function_concurrency(FunctionName="none")
