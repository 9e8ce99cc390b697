"""Changes of items in Kinesis data streams."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def kinesis(aws):
    return aws("kinesis")


@pytest.fixture
def stream(kinesis, settle):
    kinesis.create_stream(StreamName="changes", ShardCount=1)
    settle()
    return kinesis.describe_stream_summary(StreamName="changes")["StreamDescriptionSummary"]["StreamARN"]


@pytest.fixture
def read(kinesis, stream, settle):
    def read():
        settle()
        [shard] = kinesis.list_shards(StreamARN=stream)["Shards"]
        iterator = kinesis.get_shard_iterator(
            StreamARN=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        return [json.loads(one["Data"]) for one in kinesis.get_records(ShardIterator=iterator)["Records"]]

    return read


def status(dynamodb):
    answer = dynamodb.describe_kinesis_streaming_destination(TableName="table")["KinesisDataStreamDestinations"]
    return [(one["DestinationStatus"], one["ApproximateCreationDateTimePrecision"]) for one in answer]


def test_every_change_arrives_in_order(dynamodb, make, put, stream, read):
    make()
    answer = dynamodb.enable_kinesis_streaming_destination(TableName="table", StreamArn=stream)
    assert (answer["DestinationStatus"], answer["StreamArn"]) == ("ENABLING", stream)
    assert status(dynamodb) == [("ACTIVE", "MILLISECOND")]
    put("a")
    put("a", n={"N": "1"}, blob={"B": b"\x00"})
    dynamodb.delete_item(TableName="table", Key={"id": {"S": "a"}})
    insert, modify, remove = read()
    assert [one["eventName"] for one in (insert, modify, remove)] == ["INSERT", "MODIFY", "REMOVE"]
    assert modify["dynamodb"]["OldImage"] == {"id": {"S": "a"}}
    assert modify["dynamodb"]["NewImage"] == {"id": {"S": "a"}, "n": {"N": "1"}, "blob": {"B": "AA=="}}
    assert modify["dynamodb"]["Keys"] == {"id": {"S": "a"}}
    assert (modify["tableName"], modify["recordFormat"], modify["userIdentity"]) == ("table", "application/json", None)
    assert insert["eventSource"] == "aws:dynamodb"


def test_precision(dynamodb, make, put, stream, read, refused):
    make()
    dynamodb.enable_kinesis_streaming_destination(TableName="table", StreamArn=stream)
    micros = {"ApproximateCreationDateTimePrecision": "MICROSECOND"}
    update = dynamodb.update_kinesis_streaming_destination
    update(TableName="table", StreamArn=stream, UpdateKinesisStreamingConfiguration=micros)
    assert status(dynamodb) == [("ACTIVE", "MICROSECOND")]
    put("a")
    assert read()[0]["dynamodb"]["ApproximateCreationDateTime"] > 10**15
    again = {"TableName": "table", "StreamArn": stream, "UpdateKinesisStreamingConfiguration": micros}
    assert refused(update, **again)[0] == "ValidationException"


def test_nothing_arrives_once_it_is_off(dynamodb, make, put, stream, read):
    make()
    dynamodb.enable_kinesis_streaming_destination(TableName="table", StreamArn=stream)
    put("a")
    dynamodb.disable_kinesis_streaming_destination(TableName="table", StreamArn=stream)
    put("b")
    assert len(read()) == 1
    assert status(dynamodb) == []


def test_what_is_refused(dynamodb, make, stream, refused):
    make()
    enable = dynamodb.enable_kinesis_streaming_destination
    assert refused(enable, TableName="table", StreamArn=stream + "x")[0] == "ResourceNotFoundException"
    assert refused(enable, TableName="ghost", StreamArn=stream)[0] == "ResourceNotFoundException"
    disable = dynamodb.disable_kinesis_streaming_destination
    assert refused(disable, TableName="table", StreamArn=stream)[0] == "ValidationException"
    enable(TableName="table", StreamArn=stream)
    assert refused(enable, TableName="table", StreamArn=stream)[0] == "ValidationException"


def test_disabling_takes_no_configuration(dynamodb, make, stream, refused):
    """The model shares its input with enabling; there is nothing that it could say."""
    make()
    which = {"TableName": "table", "StreamArn": stream}
    dynamodb.enable_kinesis_streaming_destination(**which)
    micros = {"ApproximateCreationDateTimePrecision": "MICROSECOND"}
    disable = dynamodb.disable_kinesis_streaming_destination
    assert refused(disable, **which, EnableKinesisStreamingConfiguration=micros)[0] == "ValidationException"
    assert status(dynamodb) == [("ACTIVE", "MILLISECOND")]
    assert disable(**which)["DestinationStatus"] == "DISABLING"
    assert status(dynamodb) == []
