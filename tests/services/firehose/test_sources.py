"""Kinesis streams as sources."""

from __future__ import annotations

import json

import pytest

from tests.recorded import recorded
from tests.services.firehose.conftest import ROLE, processing, processor
from tests.services.firehose.test_aggregates import aggregate


@pytest.fixture
def kinesis(aws):
    return aws("kinesis")


@pytest.fixture
def source(kinesis):
    """The ARN of a Kinesis stream with two shards."""
    kinesis.create_stream(StreamName="source", ShardCount=2)
    kinesis.get_waiter("stream_exists").wait(StreamName="source", WaiterConfig={"Delay": 0, "MaxAttempts": 1000})
    return kinesis.describe_stream_summary(StreamName="source")["StreamDescriptionSummary"]["StreamARN"]


@pytest.fixture
def follow(firehose, source):
    def make(name, bucket, **settings):
        firehose.create_delivery_stream(
            DeliveryStreamName=name,
            DeliveryStreamType="KinesisStreamAsSource",
            KinesisStreamSourceConfiguration={"KinesisStreamARN": source, "RoleARN": ROLE},
            ExtendedS3DestinationConfiguration={"RoleARN": ROLE, "BucketARN": bucket, **settings},
        )

    return make


@pytest.fixture
def arrived(undercast, account):
    """Waits until as many records of a test are in buffers."""

    def wait(count):
        sql = "SELECT id FROM firehose_records WHERE account = ?"
        while len(undercast.run(undercast.platform.store.scan(sql, account))) < count:
            pass

    return wait


def test_kinesis_as_source_of_several_streams(aws, s3, kinesis, follow, arrived, flushed, objects):
    names = ("bucket-a", "bucket-b")
    for name in names:
        s3.create_bucket(Bucket=name)
        follow(name, f"arn:aws:s3:::{name}")
    message = {"folder-name": "Test-message-2948294kdlsie"}
    kinesis.put_record(StreamName="source", Data=json.dumps(message).encode(), PartitionKey="1")
    arrived(2)
    flushed()
    found = {name: json.loads(b"".join(objects(f"arn:aws:s3:::{name}").values())) for name in names}
    case = "firehose::TestFirehoseIntegration::test_kinesis_firehose_kinesis_as_source_multiple_delivery_streams"
    recorded(case).check("kinesis-event-stream-multiple-delivery-streams", found)


def test_what_came_before_is_not_read(kinesis, follow, arrived, flushed, objects, bucket, clock):
    keys = [str(number) for number in range(4)]
    kinesis.put_records(StreamName="source", Records=[{"Data": b"early,", "PartitionKey": key} for key in keys])
    clock.advance(seconds=1)
    follow("one", bucket)
    kinesis.put_records(StreamName="source", Records=[{"Data": b"late,", "PartitionKey": key} for key in keys])
    arrived(4)
    flushed()
    assert b"".join(objects().values()) == b"late," * 4


def test_of_an_account_that_was_left_nothing_more_is_read(
    kinesis, follow, flushed, objects, bucket, undercast, account
):
    follow("one", bucket)
    undercast.run(undercast.platform.jobs.idle())  # it is followed now
    undercast.run(undercast.platform.leave(account))
    kinesis.put_record(StreamName="source", Data=b"after", PartitionKey="1")
    flushed()
    assert objects() == {}


def test_the_source_is_described_and_closed_to_others(firehose, follow, refused, source, bucket):
    follow("one", bucket)
    shown = firehose.describe_delivery_stream(DeliveryStreamName="one")["DeliveryStreamDescription"]
    assert shown["DeliveryStreamType"] == "KinesisStreamAsSource"
    described = shown["Source"]["KinesisStreamSourceDescription"]
    assert (described["KinesisStreamARN"], described["RoleARN"]) == (source, ROLE)
    assert "DeliveryStartTimestamp" in described
    error = (
        "InvalidArgumentException",
        "This operation is not permitted on KinesisStreamAsSource delivery stream type.",
    )
    assert refused(firehose.put_record, DeliveryStreamName="one", Record={"Data": b"x"}) == error
    assert refused(firehose.start_delivery_stream_encryption, DeliveryStreamName="one")[0] == "InvalidArgumentException"
    assert firehose.list_delivery_streams(DeliveryStreamType="KinesisStreamAsSource")["DeliveryStreamNames"] == ["one"]


def test_functions_are_told_of_the_source(kinesis, follow, arrived, flushed, objects, bucket, function, source):
    code = """
import json
from base64 import b64encode

def handler(event, context):
    def one(record):
        told = {"key": record["kinesisRecordMetadata"]["partitionKey"], "source": event["sourceKinesisStreamArn"]}
        return {"recordId": record["recordId"], "result": "Ok", "data": b64encode(json.dumps(told).encode()).decode()}
    return {"records": [one(record) for record in event["records"]]}
"""
    follow("one", bucket, ProcessingConfiguration=processing(processor("Lambda", LambdaArn=function(code))))
    kinesis.put_record(StreamName="source", Data=b"x", PartitionKey="the key")
    arrived(1)
    flushed()
    (data,) = objects().values()
    assert json.loads(data) == {"key": "the key", "source": source}


def test_aggregates_are_taken_apart(kinesis, follow, arrived, flushed, objects, bucket):
    follow("one", bucket)
    kinesis.put_record(StreamName="source", Data=aggregate([("a", b"one,"), ("b", b"two")]), PartitionKey="x")
    arrived(2)
    flushed()
    assert list(objects().values()) == [b"one,two"]


def test_a_source_that_is_not_there(firehose, refused, bucket, account):
    missing = f"arn:aws:kinesis:us-east-1:{account}:stream/missing"
    wanted = {
        "DeliveryStreamName": "one",
        "ExtendedS3DestinationConfiguration": {"RoleARN": ROLE, "BucketARN": bucket},
        "KinesisStreamSourceConfiguration": {"KinesisStreamARN": missing, "RoleARN": ROLE},
    }
    assert refused(firehose.create_delivery_stream, **wanted)[0] == "InvalidArgumentException"
    wanted["DeliveryStreamType"] = "KinesisStreamAsSource"
    code, message = refused(firehose.create_delivery_stream, **wanted)
    assert code == "InvalidArgumentException" and missing in message
