"""Pipes from streams: events, where they begin, filters, order, failures, bisecting, dead letters."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import Any

import pytest

from tests.services.pipes.conftest import eventually

BEGIN = {"StartingPosition": "TRIM_HORIZON"}


@pytest.fixture
def kinesis(aws: Any) -> Any:
    return aws("kinesis")


@pytest.fixture
def stream(kinesis: Any) -> str:
    """The ARN of a stream with one shard."""
    kinesis.create_stream(StreamName="stream", ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName="stream", WaiterConfig={"Delay": 0, "MaxAttempts": 500})
    return kinesis.describe_stream_summary(StreamName="stream")["StreamDescriptionSummary"]["StreamARN"]


@pytest.fixture
def put(kinesis: Any, stream: str) -> Any:
    """`put(value, …)` puts JSON values with one partition key."""

    def put(*values: Any, key: str = "key") -> None:
        records = [{"Data": json.dumps(value).encode(), "PartitionKey": key} for value in values]
        assert kinesis.put_records(StreamARN=stream, Records=records)["FailedRecordCount"] == 0

    return put


def reading(**settings: Any) -> dict[str, Any]:
    return {"KinesisStreamParameters": {**BEGIN, **settings}}


def test_a_record(pipes: Any, stream: str, put: Any, sink: Any, role: str) -> None:
    put({"a": 1})
    pipes.create(stream, sink.arn, SourceParameters=reading())
    (event,) = sink.documents()
    assert json.loads(b64decode(event.pop("data"))) == {"a": 1}
    assert event["eventID"] == f"shardId-000000000000:{event['sequenceNumber']}"
    assert event.pop("approximateArrivalTimestamp") > 1_700_000_000
    event.pop("eventID"), event.pop("sequenceNumber")
    assert event == {
        "kinesisSchemaVersion": "1.0", "partitionKey": "key", "eventSource": "aws:kinesis", "eventVersion": "1.0",
        "eventName": "aws:kinesis:record", "invokeIdentityArn": role, "awsRegion": "us-east-1",
        "eventSourceARN": stream,
    }  # fmt: skip


def test_order_filters_and_templates(pipes: Any, stream: str, put: Any, sink: Any) -> None:
    criteria = {"Filters": [{"Pattern": '{"data": {"n": [{"numeric": ["<", 20]}]}}'}]}
    parameters = {**reading(BatchSize=7), "FilterCriteria": criteria}
    pipes.create(stream, sink.arn, SourceParameters=parameters, TargetParameters={"InputTemplate": "<$.data.n>"})
    put(*({"n": n} for n in range(30)))
    assert [int(body) for body in sink.bodies(20)] == list(range(20))


def test_latest_begins_when_the_pipe_runs(pipes: Any, stream: str, put: Any, sink: Any) -> None:
    put({"n": "before"})
    pipes.create(
        stream,
        sink.arn,
        SourceParameters=reading(StartingPosition="LATEST"),
        TargetParameters={"InputTemplate": "<$.data.n>"},
    )
    put({"n": "after"})
    assert sink.bodies() == ['"after"']


def test_a_stopped_pipe_goes_on_where_it_was(pipes: Any, stream: str, put: Any, sink: Any) -> None:
    pipes.create(stream, sink.arn, SourceParameters=reading(), TargetParameters={"InputTemplate": "<$.data.n>"})
    put({"n": 1})
    assert sink.bodies() == ["1"]
    pipes.client.stop_pipe(Name="pipe")
    pipes.until("STOPPED")
    put({"n": 2})
    pipes.client.start_pipe(Name="pipe")
    assert sink.bodies() == ["2"]


def test_a_batch_that_always_fails_becomes_a_dead_letter(
    pipes: Any, stream: str, put: Any, function: Any, make_queue: Any, clock: Any
) -> None:
    dead = make_queue("dead")
    settings = {"MaximumRetryAttempts": 1, "DeadLetterConfig": {"Arn": dead.arn}}
    arn = pipes.create(stream, function('raise ValueError("no")'), SourceParameters=reading(**settings))
    put({"n": 1})
    for _ in range(4):
        clock.advance(seconds=1)
    (letter,) = dead.documents()
    assert letter["context"] == {"partnerResourceArn": arn, "condition": "RetryAttemptsExhausted"}
    info = letter["KinesisBatchInfo"]
    assert (info["shardId"], info["batchSize"], info["streamArn"]) == ("shardId-000000000000", 1, stream)


def test_a_bad_record_is_bisected_out(
    pipes: Any, stream: str, put: Any, function: Any, make_queue: Any, sink: Any, clock: Any
) -> None:
    dead = make_queue("dead")
    put(*({"n": n} for n in range(4)))
    target = function(f"""
import base64, boto3
numbers = [json.loads(base64.b64decode(one["data"]))["n"] for one in event]
if 2 in numbers:
    raise ValueError("bad")
for n in numbers:
    boto3.client("sqs").send_message(QueueUrl="{sink.url}", MessageBody=str(n))
""")
    settings = {
        "MaximumRetryAttempts": 0, "OnPartialBatchItemFailure": "AUTOMATIC_BISECT", "DeadLetterConfig": {"Arn": dead.arn},
    }  # fmt: skip
    pipes.create(stream, target, SourceParameters=reading(**settings))
    assert sink.bodies(3) == ["0", "1", "3"]
    assert dead.documents()[0]["KinesisBatchInfo"]["batchSize"] == 1


def test_what_a_function_reports_is_tried_again_from_there(
    pipes: Any, stream: str, put: Any, function: Any, sink: Any, clock: Any
) -> None:
    put(*({"n": n} for n in range(4)))
    target = function(f"""
import base64, boto3
found = [(one["eventID"], json.loads(base64.b64decode(one["data"]))["n"]) for one in event]
boto3.client("sqs").send_message(QueueUrl="{sink.url}", MessageBody=json.dumps([n for _, n in found]))
return {{"batchItemFailures": [{{"itemIdentifier": id}} for id, n in found if n == 2 and len(found) > 2]}}
""")
    pipes.create(stream, target, SourceParameters=reading())
    for _ in range(3):
        clock.advance(seconds=1)
    assert sink.documents(2) == [[0, 1, 2, 3], [2, 3]]


def test_changes_of_a_table(aws: Any, pipes: Any, sink: Any) -> None:
    dynamodb = aws("dynamodb")
    table = dynamodb.create_table(
        TableName="table", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )["TableDescription"]  # fmt: skip
    dynamodb.get_waiter("table_exists").wait(TableName="table", WaiterConfig={"Delay": 0, "MaxAttempts": 500})
    stream = table["LatestStreamArn"]
    criteria = {"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}]}
    parameters = {"DynamoDBStreamParameters": BEGIN, "FilterCriteria": criteria}
    pipes.create(stream, sink.arn, SourceParameters=parameters)
    dynamodb.put_item(TableName="table", Item={"id": {"S": "a"}, "blob": {"B": b"\xff"}})
    dynamodb.delete_item(TableName="table", Key={"id": {"S": "a"}})
    dynamodb.put_item(TableName="table", Item={"id": {"S": "b"}})
    first, second = sink.documents(2)
    assert first["dynamodb"]["NewImage"] == {"id": {"S": "a"}, "blob": {"B": "/w=="}}
    assert (first["eventSource"], first["eventSourceARN"]) == ("aws:dynamodb", stream)
    assert second["dynamodb"]["Keys"] == {"id": {"S": "b"}}


def test_keys_keep_their_order_side_by_side(pipes: Any, stream: str, kinesis: Any, sink: Any) -> None:
    parameters = reading(ParallelizationFactor=5, BatchSize=3)
    pipes.create(stream, sink.arn, SourceParameters=parameters, TargetParameters={"InputTemplate": "<$.data>"})
    keys = [f"key{n % 7}" for n in range(70)]
    records = [{"Data": json.dumps([key, n]).encode(), "PartitionKey": key} for n, key in enumerate(keys)]
    kinesis.put_records(StreamARN=stream, Records=records)
    found = sink.documents(70)
    for key in set(keys):
        numbers = [n for of, n in found if of == key]
        assert numbers == sorted(numbers) and len(numbers) == 10


def test_records_that_are_too_old_are_told_to_a_topic(
    pipes: Any, aws: Any, stream: str, put: Any, sink: Any, make_queue: Any, clock: Any
) -> None:
    dead = make_queue("dead")
    topic = aws("sns").create_topic(Name="dead")["TopicArn"]
    aws("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=dead.arn, Attributes={"RawMessageDelivery": "true"})
    put({"n": 1})
    clock.advance(minutes=10)
    put({"n": 2})
    settings = {"MaximumRecordAgeInSeconds": 60, "DeadLetterConfig": {"Arn": topic}}
    pipes.create(
        stream, sink.arn, SourceParameters=reading(**settings), TargetParameters={"InputTemplate": "<$.data.n>"}
    )
    assert sink.bodies() == ["2"]
    assert dead.documents()[0]["context"]["condition"] == "RecordAgeExceeded"


def test_a_deleted_pipe_forgets_where_it_was(pipes: Any, stream: str, put: Any, sink: Any) -> None:
    template = {"InputTemplate": "<$.data.n>"}
    put({"n": 1})
    for _ in range(2):
        pipes.create(stream, sink.arn, SourceParameters=reading(), TargetParameters=template)
        assert sink.bodies() == ["1"]
        pipes.client.delete_pipe(Name="pipe")
        pipes.gone()
    eventually(lambda: sink.size() == (0, 0))
