"""Consumers with enhanced fan-out, and what they are sent."""

from __future__ import annotations

import threading

import pytest

from tests.recorded import recorded

from .test_streams import refused

ZERO = "shardId-000000000000"


@pytest.fixture
def consumer(kinesis, stream):
    return kinesis.register_stream_consumer(StreamARN=stream(), ConsumerName="consumer")["Consumer"]["ConsumerARN"]


def subscribe(kinesis, consumer, kind="TRIM_HORIZON", shard=ZERO, **where):
    position = {"Type": kind} | where
    answer = kinesis.subscribe_to_shard(ConsumerARN=consumer, ShardId=shard, StartingPosition=position)
    return (event["SubscribeToShardEvent"] for event in answer["EventStream"])


def test_consumers_are_listed_and_found(kinesis, stream):
    case = recorded("kinesis::TestKinesis::test_stream_consumers")
    arn = stream()
    case.answers["stream"] = case.answers["One_consumer_by_describe_stream"]["StreamARN"]
    case.check("stream", arn)  # binds the placeholders where they can only be cut in one way
    made = kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="consumer")["Consumer"]
    assert made["ConsumerStatus"] == "CREATING"
    by_arn = kinesis.describe_stream_consumer(ConsumerARN=made["ConsumerARN"])["ConsumerDescription"]
    by_name = kinesis.describe_stream_consumer(StreamARN=arn, ConsumerName="consumer")["ConsumerDescription"]
    listed = kinesis.list_stream_consumers(StreamARN=arn)["Consumers"]
    assert by_arn == by_name
    case.check("One_consumer_by_list_stream", listed)
    case.check("One_consumer_by_describe_stream", by_arn)
    kinesis.deregister_stream_consumer(ConsumerARN=made["ConsumerARN"])
    assert kinesis.list_stream_consumers(StreamARN=arn)["Consumers"] == []
    assert (
        refused(kinesis.describe_stream_consumer, ConsumerARN=made["ConsumerARN"])["Code"]
        == "ResourceNotFoundException"
    )


def test_consumers_are_limited(kinesis, stream):
    arn = stream()
    for number in range(20):
        kinesis.register_stream_consumer(StreamARN=arn, ConsumerName=f"c{number:02d}")
    error = refused(kinesis.register_stream_consumer, StreamARN=arn, ConsumerName="one-more")
    assert error["Code"] == "LimitExceededException"
    error = refused(kinesis.register_stream_consumer, StreamARN=arn, ConsumerName="c00")
    assert error["Code"] == "ResourceInUseException"
    first = kinesis.list_stream_consumers(StreamARN=arn, MaxResults=15)
    rest = kinesis.list_stream_consumers(StreamARN=arn, NextToken=first["NextToken"])["Consumers"]
    assert [one["ConsumerName"] for one in rest] == [f"c{number}" for number in range(15, 20)]


def test_records_come_as_they_are_put(kinesis, consumer):
    events = subscribe(kinesis, consumer, "LATEST")
    assert next(events)["Records"] == []
    put = threading.Thread(target=kinesis.put_record, kwargs={"StreamName": "s", "Data": b"1", "PartitionKey": "k"})
    put.start()
    event = next(event for event in events if event["Records"])
    put.join()
    assert [record["Data"] for record in event["Records"]] == [b"1"]
    assert event["ContinuationSequenceNumber"] == event["Records"][0]["SequenceNumber"]
    assert event["MillisBehindLatest"] == 0


def test_a_subscription_ends_with_its_shard(kinesis, consumer):
    kinesis.put_record(StreamName="s", Data=b"1", PartitionKey="k")
    kinesis.split_shard(StreamName="s", ShardToSplit=ZERO, NewStartingHashKey=str(2**127))
    (event,) = subscribe(kinesis, consumer)
    assert len(event["Records"]) == 1
    assert [child["ParentShards"] for child in event["ChildShards"]] == [[ZERO], [ZERO]]


def test_a_subscription_lasts_five_minutes(kinesis, consumer, clock):
    events = subscribe(kinesis, consumer)
    next(events)
    clock.advance(minutes=5)
    assert list(events) == []


def test_a_second_subscription_waits_five_seconds_and_ends_the_first(kinesis, consumer, clock):
    first = subscribe(kinesis, consumer)
    next(first)
    position = {"Type": "LATEST"}
    error = refused(kinesis.subscribe_to_shard, ConsumerARN=consumer, ShardId=ZERO, StartingPosition=position)
    assert error["Code"] == "ResourceInUseException"
    clock.advance(seconds=6)
    next(subscribe(kinesis, consumer))
    clock.advance(seconds=1)
    with pytest.raises(Exception, match="taken over"):
        list(first)


def test_what_cannot_be_subscribed_to(kinesis, consumer):
    request = {"ConsumerARN": consumer, "ShardId": "shardId-000000000009", "StartingPosition": {"Type": "LATEST"}}
    assert refused(kinesis.subscribe_to_shard, **request)["Code"] == "ResourceNotFoundException"
    request |= {"ConsumerARN": consumer + "9", "ShardId": ZERO}
    assert refused(kinesis.subscribe_to_shard, **request)["Code"] == "ResourceNotFoundException"
    request |= {"ConsumerARN": consumer, "StartingPosition": {"Type": "AFTER_SEQUENCE_NUMBER"}}
    assert refused(kinesis.subscribe_to_shard, **request)["Code"] == "InvalidArgumentException"
