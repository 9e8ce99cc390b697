"""Subscription filters that deliver to a stream of Kinesis."""

from __future__ import annotations

import gzip
import json

import pytest
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::111111111111:role/logs"


@pytest.fixture
def kinesis(aws):
    return aws("kinesis")


@pytest.fixture
def target(kinesis):
    """The ARN of a stream with two shards."""
    kinesis.create_stream(StreamName="s", ShardCount=2)
    return kinesis.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]["StreamARN"]


def read(kinesis):
    records = []
    for shard in kinesis.list_shards(StreamName="s")["Shards"]:
        where = {"StreamName": "s", "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        answer = kinesis.get_records(ShardIterator=kinesis.get_shard_iterator(**where)["ShardIterator"])
        records += answer["Records"]
    return [(record["PartitionKey"], json.loads(gzip.decompress(record["Data"]))) for record in records]


def test_events_go_to_a_stream_by_their_log_stream(logs, group, stream, put, kinesis, target, undercast, clock):
    wanted = {"logGroupName": group, "filterName": "f", "filterPattern": "ERROR", "destinationArn": target}
    logs.put_subscription_filter(**wanted, roleArn=ROLE)
    put("ERROR one", "fine", "ERROR two")
    clock.advance(seconds=1)  # what is due is done
    found = read(kinesis)
    control = next(message for _, message in found if message["messageType"] == "CONTROL_MESSAGE")
    text = control["logEvents"][0]["message"]
    assert text == "CWL CONTROL MESSAGE: Checking health of destination Kinesis."
    [(key, batch)] = [one for one in found if one[1]["messageType"] == "DATA_MESSAGE"]
    assert key == batch["logStream"] == stream
    assert [event["message"] for event in batch["logEvents"]] == ["ERROR one", "ERROR two"]


def test_a_stream_that_is_not_there_is_refused(logs, group, target):
    wanted = {"logGroupName": group, "filterName": "f", "filterPattern": "", "destinationArn": target}
    for more, part in (
        ({}, "cannot be used without roleArn"),
        (
            {"roleArn": ROLE, "destinationArn": target + "-none"},
            "Could not deliver test message to specified Kinesis stream.",
        ),
    ):
        with pytest.raises(ClientError, match=part):
            logs.put_subscription_filter(**{**wanted, **more})
