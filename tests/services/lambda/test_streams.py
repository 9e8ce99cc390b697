"""Event source mappings: from a stream of Kinesis to a function."""

from __future__ import annotations

import json
import time
from base64 import b64decode

import pytest

from .answers import names, recorded, refusal
from .sources import receive, wait_for

ALL = "TRIM_HORIZON"
FAIL_ON = """
import boto3, json, os, base64
sqs = boto3.client("sqs")
def handler(event, context):
    texts = [base64.b64decode(record["kinesis"]["data"]).decode() for record in event["Records"]]
    sqs.send_message(QueueUrl=os.environ["OUT"], MessageBody=json.dumps(texts))
    if "bad" in texts: raise Exception("bad record")
"""


@pytest.fixture
def kinesis(aws):
    return aws("kinesis")


@pytest.fixture
def stream(kinesis):
    """A stream; its ARN."""

    def make(name="s", shards=1):
        kinesis.create_stream(StreamName=name, ShardCount=shards)
        return kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"]

    return make


@pytest.fixture
def connect(client):
    """A mapping from a stream that is read."""

    def make(source, name="copy", **settings):
        settings = {"StartingPosition": ALL} | settings
        answer = client.create_event_source_mapping(FunctionName=name, EventSourceArn=source, **settings)
        return wait_for(client, answer["UUID"], "Enabled")

    return make


@pytest.fixture
def fails_on_bad(function, out):
    return function("copy", FAIL_ON, Environment={"Variables": {"OUT": out}}, Timeout=10)


def put(kinesis, *texts, key="k", name="s"):
    records = [{"Data": text.encode(), "PartitionKey": key} for text in texts]
    assert not kinesis.put_records(StreamName=name, Records=records)["FailedRecordCount"]


def events(sqs, url, count=1):
    """The events that were sent on, until they hold `count` records."""
    found = []
    while sum(len(event["Records"]) for event in found) < count:
        found += [sent["event"] for sent in receive(sqs, url)]
    return found


def texts(found):
    return [b64decode(record["kinesis"]["data"]).decode() for event in found for record in event["Records"]]


def by_number(found):
    """Queues keep no order; sequence numbers do."""
    return sorted(found, key=lambda event: event["Records"][0]["kinesis"]["sequenceNumber"])


def test_records_are_processed_in_order(copy, connect, kinesis, stream, sqs, out):
    copy()
    connect(stream(), BatchSize=10)
    wanted = [str(number) for number in range(35)]
    put(kinesis, *wanted)
    found = by_number(events(sqs, out, 35))
    assert texts(found) == wanted
    assert all(len(event["Records"]) <= 10 for event in found)


def test_what_was_there_before(copy, connect, kinesis, stream, sqs, out, clock):
    copy()
    source = stream()
    put(kinesis, "before")
    connect(source, StartingPosition="LATEST")
    put(kinesis, "after")
    assert texts(events(sqs, out)) == ["after"]


def test_a_position_in_time(copy, connect, kinesis, stream, sqs, out, clock):
    copy()
    source = stream()
    put(kinesis, "early")
    clock.advance(minutes=10)
    put(kinesis, "late")
    at = kinesis.get_shard_iterator(StreamName="s", ShardId="shardId-000000000000", ShardIteratorType=ALL)
    arrival = kinesis.get_records(ShardIterator=at["ShardIterator"])["Records"][1]["ApproximateArrivalTimestamp"]
    connect(source, StartingPosition="AT_TIMESTAMP", StartingPositionTimestamp=arrival)
    assert texts(events(sqs, out)) == ["late"]


def test_a_consumer_with_enhanced_fan_out(copy, connect, kinesis, stream, sqs, out):
    copy()
    consumer = kinesis.register_stream_consumer(StreamARN=stream(), ConsumerName="c")["Consumer"]
    connect(consumer["ConsumerARN"])
    put(kinesis, "x")
    assert texts(events(sqs, out)) == ["x"]


def test_keys_keep_their_order_through_splits_and_lanes(copy, connect, kinesis, stream, sqs, out):
    copy()
    connect(stream(shards=2), BatchSize=3, ParallelizationFactor=4)
    for number in range(20):
        for key in "abcde":
            kinesis.put_record(StreamName="s", Data=f"{key}{number}".encode(), PartitionKey=key)
        if number == 10:
            kinesis.update_shard_count(StreamName="s", TargetShardCount=3, ScalingType="UNIFORM_SCALING")
    found = events(sqs, out, 100)
    records = sorted(
        (record["kinesis"] for event in found for record in event["Records"]), key=lambda one: one["sequenceNumber"]
    )
    for key in "abcde":
        mine = [b64decode(one["data"]).decode() for one in records if one["partitionKey"] == key]
        assert mine == [f"{key}{number}" for number in range(20)]


def test_a_batch_that_fails_is_tried_again_and_given_up(
    client, fails_on_bad, connect, kinesis, stream, sqs, out, clock
):  # fmt: skip
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    source = stream()
    mapping = connect(source, MaximumRetryAttempts=2, DestinationConfig={"OnFailure": {"Destination": arn}})
    put(kinesis, "good", "bad")
    assert receive(sqs, out, 3) == [["good", "bad"]] * 3
    (record,) = receive(sqs, dead)
    info = record["KinesisBatchInfo"]
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 3
    assert record["requestContext"]["functionArn"] == fails_on_bad
    assert record["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}
    assert (info["shardId"], info["batchSize"], info["streamArn"]) == ("shardId-000000000000", 2, source)
    assert "payload" not in record
    put(kinesis, "next")
    assert receive(sqs, out) == [["next"]]
    while client.get_event_source_mapping(UUID=mapping["UUID"])["LastProcessingResult"] != "OK":
        pass


def test_a_batch_is_bisected(fails_on_bad, connect, kinesis, stream, sqs, out, aws):
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    source = stream()
    put(kinesis, "1", "2", "bad", "4")
    connect(
        source,
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": arn}},
    )
    found = receive(sqs, out, 5)
    assert sorted(found, key=str) == sorted([["1", "2", "bad", "4"], ["1", "2"], ["bad", "4"], ["bad"], ["4"]], key=str)
    (record,) = receive(sqs, dead)
    assert record["KinesisBatchInfo"]["batchSize"] == 1


def test_what_is_too_old_is_given_up(fails_on_bad, connect, kinesis, stream, sqs, out, clock):
    topic = sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=topic, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    connect(stream(), MaximumRecordAgeInSeconds=60, DestinationConfig={"OnFailure": {"Destination": arn}})
    put(kinesis, "bad")
    assert receive(sqs, out) == [["bad"]]
    clock.advance(seconds=61)
    (record,) = receive(sqs, topic)
    assert record["requestContext"]["condition"] == "RecordAgeExceeded"
    put(kinesis, "next")
    while ["next"] not in receive(sqs, out):
        pass


def test_failures_go_to_a_bucket_with_their_records(fails_on_bad, connect, kinesis, stream, sqs, out, aws, account):
    s3, bucket = aws("s3"), f"failures-{account}"
    s3.create_bucket(Bucket=bucket)
    destination = {"OnFailure": {"Destination": f"arn:aws:s3:::{bucket}"}}
    mapping = connect(stream(), MaximumRetryAttempts=0, DestinationConfig=destination)
    put(kinesis, "bad")
    while not (found := s3.list_objects_v2(Bucket=bucket).get("Contents")):
        pass
    assert found[0]["Key"].startswith(f"aws/lambda/{mapping['UUID']}/shardId-000000000000/")
    record = json.loads(s3.get_object(Bucket=bucket, Key=found[0]["Key"])["Body"].read())
    assert texts([record["payload"]]) == ["bad"]


def test_failures_go_to_a_topic(fails_on_bad, connect, kinesis, stream, sqs, out, aws):
    sns, url = aws("sns"), sqs.create_queue(QueueName="dead")["QueueUrl"]
    topic = sns.create_topic(Name="failures")["TopicArn"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    connect(stream(), MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": topic}})
    put(kinesis, "bad")
    (record,) = receive(sqs, url)
    assert record["KinesisBatchInfo"]["batchSize"] == 1


def test_only_the_rest_of_a_batch_is_tried_again(function, connect, kinesis, stream, sqs, out):
    code = FAIL_ON.replace('if "bad" in texts: raise Exception("bad record")', """
    numbers = [record["kinesis"]["sequenceNumber"] for record in event["Records"]]
    return {"batchItemFailures": [{"itemIdentifier": numbers[1]}] if len(numbers) > 1 else []}
""")  # fmt: skip
    function("copy", code, Environment={"Variables": {"OUT": out}}, Timeout=10)
    source = stream()
    put(kinesis, "1", "2", "3")
    connect(source, FunctionResponseTypes=["ReportBatchItemFailures"])
    found = receive(sqs, out, 3)
    assert sorted(found, key=len, reverse=True) == [["1", "2", "3"], ["2", "3"], ["3"]]


def test_filters(copy, connect, kinesis, stream, sqs, out):
    copy()
    pattern = {"partitionKey": ["k"], "data": {"kind": ["wanted"]}}
    connect(stream(), FilterCriteria={"Filters": [{"Pattern": json.dumps(pattern)}]})
    put(kinesis, '{"kind": "other"}', "no JSON", '{"kind": "wanted"}')
    put(kinesis, '{"kind": "wanted"}', key="other")
    put(kinesis, '{"kind": "wanted", "n": 2}')
    assert texts(by_number(events(sqs, out, 2))) == ['{"kind": "wanted"}', '{"kind": "wanted", "n": 2}']


def test_a_window_gathers(copy, connect, kinesis, stream, sqs, out, clock):
    copy()
    clock.stop()
    connect(stream(), MaximumBatchingWindowInSeconds=60)
    put(kinesis, "1")
    put(kinesis, "2")
    time.sleep(0.2)  # that it does not come cannot be waited for otherwise
    assert "Messages" not in sqs.receive_message(QueueUrl=out)
    clock.advance(seconds=60)
    (event,) = events(sqs, out, 2)
    assert texts([event]) == ["1", "2"]


def test_tumbling_windows_hand_on_their_state(function, connect, kinesis, stream, sqs, out, clock):
    code = """
import boto3, json, os
sqs = boto3.client("sqs")
def handler(event, context):
    total = event["state"].get("total", 0) + len(event["Records"])
    sqs.send_message(QueueUrl=os.environ["OUT"], MessageBody=json.dumps(
        [total, event["isFinalInvokeForWindow"], event["window"], event["shardId"]]))
    return {"state": {"total": total}}
"""
    function("copy", code, Environment={"Variables": {"OUT": out}}, Timeout=10)
    clock.stop()
    connect(stream(), TumblingWindowInSeconds=120)
    put(kinesis, "1")
    ((total, final, window, shard),) = receive(sqs, out)
    assert (total, final, shard) == (1, False, "shardId-000000000000")
    put(kinesis, "2", "3")
    assert receive(sqs, out)[0][:2] == [3, False]
    clock.advance(seconds=120)
    assert receive(sqs, out) == [[3, True, window, shard]]
    put(kinesis, "4")
    assert receive(sqs, out)[0][:2] == [1, False]


def test_a_window_goes_on_after_the_mapping_was_disabled(client, function, connect, kinesis, stream, sqs, out, clock):
    code = """
import boto3, json, os
sqs = boto3.client("sqs")
def handler(event, context):
    total = event["state"].get("total", 0) + len(event["Records"])
    sqs.send_message(QueueUrl=os.environ["OUT"], MessageBody=json.dumps([total, event["isFinalInvokeForWindow"]]))
    return {"state": {"total": total}}
"""
    function("copy", code, Environment={"Variables": {"OUT": out}}, Timeout=10)
    clock.stop()
    mapping = connect(stream(), TumblingWindowInSeconds=300)
    put(kinesis, "1")
    assert receive(sqs, out) == [[1, False]]
    client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    wait_for(client, mapping["UUID"], "Disabled")
    client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)
    wait_for(client, mapping["UUID"], "Enabled")
    put(kinesis, "2")
    assert receive(sqs, out) == [[2, False]]
    clock.advance(seconds=300)
    assert receive(sqs, out) == [[2, True]]


def test_a_function_that_is_gone_is_a_failure_too(client, copy, connect, kinesis, stream, sqs, out):
    copy()
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    connect(stream(), MaximumRetryAttempts=1, DestinationConfig={"OnFailure": {"Destination": arn}})
    client.delete_function(FunctionName="copy")
    put(kinesis, "x")
    (record,) = receive(sqs, dead)
    assert record["requestContext"]["approximateInvokeCount"] == 2
    assert "responseContext" not in record


def test_a_mapping_that_was_disabled_goes_on_where_it_was(client, copy, connect, kinesis, stream, sqs, out):
    copy()
    mapping = connect(stream(), StartingPosition="LATEST")
    put(kinesis, "1")
    assert texts(events(sqs, out)) == ["1"]
    client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    wait_for(client, mapping["UUID"], "Disabled")
    put(kinesis, "2")
    answer = client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True, BatchSize=5)
    assert (answer["State"], answer["BatchSize"]) == ("Enabling", 5)
    assert texts(events(sqs, out)) == ["2"]
    client.delete_event_source_mapping(UUID=mapping["UUID"])
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        while True:
            client.get_event_source_mapping(UUID=mapping["UUID"])


def test_refusals(client, create, stream, account):
    create("copy")
    source = stream()

    def wrong(**request):
        request = {"FunctionName": "copy", "EventSourceArn": source, "StartingPosition": ALL} | request
        return refusal(client.create_event_source_mapping, **request).response["Error"]["Message"]

    assert "Stream not found" in wrong(EventSourceArn=f"arn:aws:kinesis:us-east-1:{account}:stream/none")
    assert "Stream not found" in wrong(EventSourceArn=f"{source}/consumer/none:1")
    assert "is required" in wrong(StartingPosition="AT_TIMESTAMP")
    assert "only supported" in wrong(StartingPositionTimestamp=1)
    assert "at least 60" in wrong(MaximumRecordAgeInSeconds=59)
    assert "OnSuccess" in wrong(DestinationConfig={"OnSuccess": {"Destination": source}})
    assert "not supported" in wrong(DestinationConfig={"OnFailure": {"Destination": source}})
    assert "Unsupported ScalingConfig" in wrong(ScalingConfig={"MaximumConcurrency": 2})
    assert wrong(FilterCriteria={"Filters": [{"Pattern": "{"}]}) == "Invalid filter pattern definition."


# --- recorded ---


def test_events(client, copy, kinesis, stream, sqs, out):
    case = recorded("lambda_integration_kinesis::TestKinesisSource::test_create_kinesis_event_source_mapping")
    copy()
    source = stream()
    answer = client.create_event_source_mapping(FunctionName="copy", EventSourceArn=source, StartingPosition="LATEST")
    case.check("create_event_source_mapping_response", answer)
    wait_for(client, answer["UUID"], "Enabled")
    records = [{"Data": b"hello", "PartitionKey": f"test_{number}"} for number in range(10)]
    kinesis.put_records(StreamName="s", Records=records)
    found = [record for event in by_number(events(sqs, out, 10)) for record in event["Records"]]
    case.check("kinesis_records", {"Records": found})


def test_two_functions_read_one_stream(client, copy, kinesis, stream, sqs, out):
    name = "test_create_kinesis_event_source_mapping_multiple_lambdas_single_kinesis_event_stream"
    case = recorded(f"lambda_integration_kinesis::TestKinesisSource::{name}")
    source = stream()
    for letter in "ab":
        copy(f"copy-{letter}")
        request = {"FunctionName": f"copy-{letter}", "EventSourceArn": source, "StartingPosition": ALL}
        case.check(f"create_event_source_mapping_response-{letter}", client.create_event_source_mapping(**request))
    kinesis.put_record(StreamName="s", Data=b"hello", PartitionKey="test_1")
    for letter, event in zip("ab", events(sqs, out, 2), strict=True):
        case.check(f"kinesis_records-{letter}", event)


SUCCESSES = {
    "empty_string_success": "",
    "empty_list_success": [],
    "null_success": None,
    "empty_dict_success": {},
    "empty_batch_item_failure_success": {"batchItemFailures": []},
    "null_batch_item_failure_success": {"batchItemFailures": None},
}


@pytest.mark.parametrize("answer", names("test_kinesis_report_batch_item_success_scenarios"))
def test_reports_of_success(client, copy, kinesis, stream, sqs, out, answer):
    name = f"test_kinesis_report_batch_item_success_scenarios[{answer}]"
    case = recorded(f"lambda_integration_kinesis::TestKinesisSource::{name}")
    copy(result=SUCCESSES[answer])
    request = {
        "FunctionName": "copy", "EventSourceArn": stream(), "StartingPosition": ALL, "BatchSize": 1,
        "MaximumBatchingWindowInSeconds": 1, "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "MaximumRetryAttempts": 2,
    }  # fmt: skip
    made = client.create_event_source_mapping(**request)
    case.check("create_event_source_mapping_response", made)
    kinesis.put_record(StreamName="s", Data=b"hello", PartitionKey="test")
    found = events(sqs, out)
    while client.get_event_source_mapping(UUID=made["UUID"])["LastProcessingResult"] != "OK":
        pass
    assert not sqs.receive_message(QueueUrl=out).get("Messages")
    case.check("kinesis_events", found)
