"""Pipes from queues: events, filters, batches, order, failures; enrichments by functions."""

from __future__ import annotations

import json
from typing import Any

from tests.services.pipes.conftest import eventually


def test_an_event(pipes: Any, source: Any, sink: Any) -> None:
    pipes.create(source.arn, sink.arn)
    source.send("hello", MessageAttributes={"a": {"DataType": "String", "StringValue": "b"}})
    (event,) = sink.documents()
    assert event.pop("messageId") and event.pop("receiptHandle") and event.pop("md5OfMessageAttributes")
    assert sorted(event.pop("attributes")) == [
        "ApproximateFirstReceiveTimestamp", "ApproximateReceiveCount", "SenderId", "SentTimestamp",
    ]  # fmt: skip
    assert event == {
        "awsRegion": "us-east-1",
        "body": "hello",
        "eventSource": "aws:sqs",
        "eventSourceARN": source.arn,
        "md5OfBody": "5d41402abc4b2a76b9719d911017c592",
        "messageAttributes": {
            "a": {"binaryListValues": [], "dataType": "String", "stringListValues": [], "stringValue": "b"}
        },
    }
    eventually(lambda: source.size() == (0, 0))


def test_filters(pipes: Any, source: Any, sink: Any) -> None:
    criteria = {
        "Filters": [{"Pattern": '{"body": {"total": [{"numeric": [">", 100]}]}}'}, {"Pattern": '{"body": ["x"]}'}]
    }
    parameters = {"FilterCriteria": criteria}
    pipes.create(source.arn, sink.arn, SourceParameters=parameters, TargetParameters={"InputTemplate": "<$.body>"})
    source.send('{"total": 50}', "x", "y", '{"total": 150}')
    assert sorted(sink.bodies(2)) == ['"x"', '{"total":150}']
    eventually(lambda: source.size() == (0, 0))


def test_templates(pipes: Any, source: Any, sink: Any, role: str) -> None:
    template = (
        '{"id": <$.body.id>, "name": "Mr <$.body.name>", "tags": <$.body.tags>, "none": <$.body.missing>, '
        '"pipe": "<aws.pipes.pipe-name>", "from": <aws.pipes.source-arn>, "at": <aws.pipes.event.ingestion-time>}'
    )
    pipes.create(source.arn, sink.arn, TargetParameters={"InputTemplate": template})
    source.send(json.dumps({"id": 7, "name": 'A "B"', "tags": ["x"]}))
    (found,) = sink.documents()
    assert found.pop("at").endswith("Z")
    assert found == {
        "id": 7, "name": 'Mr A "B"', "tags": ["x"], "none": "", "pipe": "pipe", "from": source.arn,
    }  # fmt: skip


def test_a_fifo_queue_keeps_its_order(pipes: Any, make_queue: Any) -> None:
    fifo = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    first, last = make_queue("first.fifo", **fifo), make_queue("last.fifo", **fifo)
    parameters = {
        "InputTemplate": "<$.body.n>",
        "SqsQueueParameters": {
            "MessageGroupId": "$.attributes.MessageGroupId",
            "MessageDeduplicationId": "$.messageId",
        },
    }
    pipes.create(first.arn, last.arn, TargetParameters=parameters)
    for group in ("a", "b"):
        first.send(*(json.dumps({"n": f"{group}{n:02}"}) for n in range(15)), MessageGroupId=group)
    found = last.receive(30)
    for group in ("a", "b"):
        numbers = [json.loads(one["Body"]) for one in found if one["Attributes"]["MessageGroupId"] == group]
        assert numbers == [f"{group}{n:02}" for n in range(15)]


def test_a_function_gets_a_batch(pipes: Any, aws: Any, source: Any, sink: Any, function: Any) -> None:
    target = function(f"""
import boto3
boto3.client("sqs").send_message(QueueUrl="{sink.url}", MessageBody=json.dumps(event))
""")
    pipes.create(
        source.arn, target, state="STOPPED", DesiredState="STOPPED", TargetParameters={"InputTemplate": "<$.body>"}
    )
    source.send("1", "2", "3")
    pipes.client.start_pipe(Name="pipe")
    (batch,) = sink.documents()
    assert sorted(batch) == ["1", "2", "3"]


def test_a_function_that_nobody_waits_for(pipes: Any, source: Any, sink: Any, function: Any) -> None:
    target = function(f"""
import boto3
boto3.client("sqs").send_message(QueueUrl="{sink.url}", MessageBody=json.dumps(event))
raise ValueError("too late")
""")
    invocation = {"LambdaFunctionParameters": {"InvocationType": "FIRE_AND_FORGET"}}
    pipes.create(source.arn, target, TargetParameters=invocation)
    source.send("x")
    assert sink.documents()[0][0]["body"] == "x"
    eventually(lambda: source.size() == (0, 0))


def test_what_a_function_reports_comes_again(pipes: Any, source: Any, sink: Any, function: Any, clock: Any) -> None:
    target = function(f"""
import boto3
bad = [one for one in event if one["body"] == "bad" and one["attributes"]["ApproximateReceiveCount"] == "1"]
for one in event:
    if one not in bad:
        boto3.client("sqs").send_message(QueueUrl="{sink.url}", MessageBody=one["body"])
return {{"batchItemFailures": [{{"itemIdentifier": one["messageId"]}} for one in bad]}}
""")
    pipes.create(source.arn, target)
    source.send("good", "bad")
    assert sink.bodies() == ["good"]
    eventually(lambda: source.size() == (0, 1))
    clock.advance(seconds=31)
    assert sink.bodies() == ["bad"]
    eventually(lambda: source.size() == (0, 0))


def test_what_fails_goes_where_the_queue_says(pipes: Any, make_queue: Any, function: Any, clock: Any) -> None:
    dead = make_queue("dead")
    redrive = json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": 2})
    source = make_queue("source", VisibilityTimeout="1", RedrivePolicy=redrive)
    pipes.create(source.arn, function('raise ValueError("always")'))
    source.send("poison")
    for _ in range(3):
        eventually(lambda: source.size()[1] == 1 or dead.size()[0] == 1)
        clock.advance(seconds=2)
    assert dead.bodies() == ["poison"]


def test_an_enrichment_makes_other_events(pipes: Any, source: Any, sink: Any, function: Any) -> None:
    enrichment = function('return [{"n": n, "of": one["body"]} for one in event for n in range(2)]')
    pipes.create(
        source.arn, sink.arn, Enrichment=enrichment, TargetParameters={"InputTemplate": '"<$.of>-<$.n>"'},
    )  # fmt: skip
    source.send("x")
    assert sorted(sink.bodies(2)) == ['"x-0"', '"x-1"']


def test_an_enrichment_gets_what_its_template_makes(pipes: Any, source: Any, sink: Any, function: Any) -> None:
    pipes.create(
        source.arn, sink.arn, Enrichment=function("return event"),
        EnrichmentParameters={"InputTemplate": '{"only": <$.body.id>}'},
    )  # fmt: skip
    source.send('{"id": 1, "more": 2}')
    assert sink.documents() == [{"only": 1}]


def test_an_enrichment_that_returns_nothing_ends_it(pipes: Any, source: Any, sink: Any, function: Any) -> None:
    pipes.create(source.arn, sink.arn, Enrichment=function('return [one for one in event if one["body"] == "y"]'))
    source.send("x")
    eventually(lambda: source.size() == (0, 0))
    source.send("y")
    assert sink.documents()[0]["body"] == "y"


def test_a_window_gathers_a_batch(pipes: Any, source: Any, sink: Any, function: Any, clock: Any) -> None:
    target = function(f"""
import boto3
boto3.client("sqs").send_message(QueueUrl="{sink.url}", MessageBody=json.dumps(len(event)))
""")
    window = {"SqsQueueParameters": {"BatchSize": 100, "MaximumBatchingWindowInSeconds": 300}}
    source.sqs.set_queue_attributes(QueueUrl=source.url, Attributes={"VisibilityTimeout": "600"})
    pipes.create(source.arn, target, SourceParameters=window)
    source.send(*(str(n) for n in range(25)))
    eventually(lambda: source.size() == (0, 25))
    clock.advance(seconds=301)
    assert sink.documents() == [25]


def test_the_log(pipes: Any, aws: Any, source: Any, sink: Any, account: str, region: str) -> None:
    logs = aws("logs")
    logs.create_log_group(logGroupName="/pipes")
    group = f"arn:aws:logs:{region}:{account}:log-group:/pipes"
    config = {"CloudwatchLogsLogDestination": {"LogGroupArn": group}, "Level": "TRACE", "IncludeExecutionData": ["ALL"]}
    arn = pipes.create(source.arn, sink.arn, LogConfiguration=config)
    source.send("x")
    sink.receive()

    def steps() -> list[dict[str, Any]]:
        found = logs.filter_log_events(logGroupName="/pipes")["events"]
        records = [json.loads(event["message"]) for event in found]
        return records if records and records[-1]["messageType"] == "ExecutionSucceeded" else []

    records = eventually(steps)
    assert [one["messageType"] for one in records] == [
        "ExecutionStarted", "TargetStageStarted", "TargetInvocationStarted", "TargetStageSucceeded",
        "ExecutionSucceeded",
    ]  # fmt: skip
    assert {(one["resourceArn"], one["executionId"]) for one in records} == {(arn, records[0]["executionId"])}
    assert json.loads(records[0]["payload"])[0]["body"] == "x"


def test_the_log_of_errors_alone(pipes: Any, aws: Any, source: Any, function: Any, account: str, region: str) -> None:
    logs = aws("logs")
    logs.create_log_group(logGroupName="/pipes")
    group = f"arn:aws:logs:{region}:{account}:log-group:/pipes"
    config = {"CloudwatchLogsLogDestination": {"LogGroupArn": group}, "Level": "ERROR"}
    pipes.create(source.arn, function('raise ValueError("no")'), LogConfiguration=config)
    source.send("x")
    found = eventually(lambda: logs.filter_log_events(logGroupName="/pipes")["events"][1:])
    record = json.loads(found[0]["message"])
    assert (record["messageType"], record["logLevel"]) == ("ExecutionFailed", "ERROR")
    assert "ValueError" in record["error"]["message"]
    assert "payload" not in record


def test_the_log_in_a_delivery_stream(pipes: Any, aws: Any, source: Any, sink: Any, clock: Any, account: str) -> None:
    s3, bucket = aws("s3"), f"pipes-{account}"
    s3.create_bucket(Bucket=bucket)
    hints = {"IntervalInSeconds": 60, "SizeInMBs": 1}
    destination = {"BucketARN": f"arn:aws:s3:::{bucket}", "RoleARN": pipes.role, "BufferingHints": hints}
    firehose = aws("firehose")
    firehose.create_delivery_stream(DeliveryStreamName="log", S3DestinationConfiguration=destination)
    arn = firehose.describe_delivery_stream(DeliveryStreamName="log")["DeliveryStreamDescription"]["DeliveryStreamARN"]
    config = {"FirehoseLogDestination": {"DeliveryStreamArn": arn}, "Level": "INFO"}
    pipes.create(source.arn, sink.arn, LogConfiguration=config)
    source.send("x")
    sink.receive()
    eventually(lambda: source.size() == (0, 0))
    clock.advance(seconds=61)
    (found,) = eventually(lambda: s3.list_objects_v2(Bucket=bucket).get("Contents"))
    lines = s3.get_object(Bucket=bucket, Key=found["Key"])["Body"].read().decode().splitlines()
    assert [json.loads(line)["messageType"] for line in lines] == [
        "ExecutionStarted", "TargetStageStarted", "TargetStageSucceeded", "ExecutionSucceeded",
    ]  # fmt: skip


def test_a_log_that_cannot_be_written_holds_nothing_up(
    pipes: Any, source: Any, sink: Any, account: str, region: str
) -> None:
    group = f"arn:aws:logs:{region}:{account}:log-group:/missing"
    config = {"CloudwatchLogsLogDestination": {"LogGroupArn": group}, "Level": "INFO"}
    pipes.create(source.arn, sink.arn, LogConfiguration=config)
    source.send("x")
    assert sink.documents()[0]["body"] == "x"
