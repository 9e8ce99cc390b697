"""Time to live: its setting, and items that expire."""

from __future__ import annotations

import pytest


@pytest.fixture
def enable(dynamodb):
    def enable(attribute="expires", enabled=True, table="table"):
        specification = {"Enabled": enabled, "AttributeName": attribute}
        return dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=specification)

    return enable


@pytest.fixture
def now(undercast):
    """The platform's time in seconds; its clock is ahead of ours once a test has moved it."""
    return lambda: undercast.platform.clock.now() // 1000


def test_it_is_switched_on_and_off(dynamodb, make, enable):
    make()
    describe = dynamodb.describe_time_to_live
    assert describe(TableName="table")["TimeToLiveDescription"] == {"TimeToLiveStatus": "DISABLED"}
    answer = enable()
    assert answer["TimeToLiveSpecification"] == {"Enabled": True, "AttributeName": "expires"}
    assert describe(TableName="table")["TimeToLiveDescription"] == {
        "TimeToLiveStatus": "ENABLED", "AttributeName": "expires",
    }  # fmt: skip
    enable(enabled=False)
    assert describe(TableName="table")["TimeToLiveDescription"] == {"TimeToLiveStatus": "DISABLED"}


def test_an_expired_item_is_deleted(make, enable, put, ids, now, clock, settle):
    make()
    enable()
    put("soon", expires={"N": str(now() + 100)})
    put("later", expires={"N": str(now() + 5000)})
    put("text", expires={"S": str(now() + 100)})
    put("never")
    clock.advance(seconds=102)
    settle()
    assert ids() == ["later", "never", "text"]
    clock.advance(seconds=5000)
    settle()
    assert ids() == ["never", "text"]


def test_what_was_there_before_expires_too(make, enable, put, ids, now, clock, settle):
    make()
    put("old", expires={"N": str(now() + 50)})
    put("ancient", expires={"N": str(now() - 6 * 365 * 86_400)})  # more than five years ago: kept
    put("past", expires={"N": str(now() - 50)})
    enable()
    settle()
    clock.advance(seconds=52)
    settle()
    assert ids() == ["ancient"]


def test_a_change_of_the_time_counts(make, enable, put, ids, now, clock, settle):
    make()
    enable()
    put("a", expires={"N": str(now() + 50)})
    put("b", expires={"N": str(now() + 50)})
    put("a", expires={"N": str(now() + 500)})
    put("b")
    clock.advance(seconds=100)
    settle()
    assert ids() == ["a", "b"]
    clock.advance(seconds=500)
    settle()
    assert ids() == ["b"]


def test_nothing_expires_once_it_is_off(make, enable, put, ids, now, clock, settle):
    make()
    enable()
    put("a", expires={"N": str(now() + 50)})
    enable(enabled=False)
    clock.advance(seconds=100)
    settle()
    assert ids() == ["a"]


def test_its_stream_record_names_dynamodb(streams, make, describe, enable, put, now, clock, settle):
    make(StreamSpecification={"StreamEnabled": True, "StreamViewType": "OLD_IMAGE"})
    arn = describe()["LatestStreamArn"]
    enable()
    put("a", expires={"N": str(now() + 10)})
    clock.advance(seconds=15)
    settle()
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    insert, remove = streams.get_records(ShardIterator=iterator["ShardIterator"])["Records"]
    assert "userIdentity" not in insert
    assert remove["eventName"] == "REMOVE"
    assert remove["userIdentity"] == {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}
    assert remove["dynamodb"]["OldImage"]["id"] == {"S": "a"}


def test_what_is_refused(dynamodb, make, enable, refused):
    make()
    assert refused(enable, enabled=False) == ("ValidationException", "TimeToLive is already disabled")
    enable()
    assert refused(enable) == ("ValidationException", "TimeToLive is already enabled")
    assert refused(enable, attribute="other") == (
        "ValidationException", "TimeToLive is active on a different AttributeName: current AttributeName is expires",
    )  # fmt: skip
    assert refused(dynamodb.describe_time_to_live, TableName="ghost") == (
        "ResourceNotFoundException", "Requested resource not found: Table: ghost not found",
    )  # fmt: skip
