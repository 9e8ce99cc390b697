"""Subscription filters that deliver to Firehose."""

from __future__ import annotations

import gzip
import json

import pytest
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::111111111111:role/logs"


@pytest.fixture
def archive(aws, account):
    """The ARN of a delivery stream to a bucket."""
    aws("s3").create_bucket(Bucket=f"archive-{account}")
    settings = {"RoleARN": ROLE, "BucketARN": f"arn:aws:s3:::archive-{account}"}
    made = aws("firehose").create_delivery_stream(
        DeliveryStreamName="archive", ExtendedS3DestinationConfiguration=settings
    )
    return made["DeliveryStreamARN"]


@pytest.fixture
def archived(aws, account, undercast, clock):
    """The batches that were archived: each is a member of one gzip file."""

    def read():
        undercast.run(undercast.platform.jobs.idle())
        clock.advance(minutes=15)
        undercast.run(undercast.platform.jobs.idle())
        s3, bucket = aws("s3"), f"archive-{account}"
        keys = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket).get("Contents", ())]
        data = b"".join(s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys)
        text, decoder, start, batches = gzip.decompress(data).decode(), json.JSONDecoder(), 0, []
        while start < len(text):
            batch, start = decoder.raw_decode(text, start)
            batches.append(batch)
        return batches

    return read


def test_what_matches_is_delivered(logs, group, stream, put, archive, archived, account):
    logs.put_subscription_filter(
        logGroupName=group, filterName="errors", filterPattern="ERROR", destinationArn=archive, roleArn=ROLE
    )
    put("ERROR one", "fine", "ERROR two")
    test, batch = archived()
    assert test["messageType"] == "CONTROL_MESSAGE"
    assert test["logEvents"][0]["message"] == "CWL CONTROL MESSAGE: Checking health of destination Firehose."
    assert (batch["messageType"], batch["owner"], batch["logGroup"], batch["logStream"]) == ("DATA_MESSAGE", account, group, stream)  # fmt: skip
    assert batch["subscriptionFilters"] == ["errors"]
    assert [event["message"] for event in batch["logEvents"]] == ["ERROR one", "ERROR two"]


def test_what_is_needed(logs, group, archive):
    wanted = {"logGroupName": group, "filterName": "errors", "filterPattern": "", "destinationArn": archive}
    for more in ({}, {"destinationArn": archive + "-missing", "roleArn": ROLE}):
        with pytest.raises(ClientError) as error:
            logs.put_subscription_filter(**{**wanted, **more})
        assert error.value.response["Error"]["Code"] == "InvalidParameterException"
    assert logs.describe_subscription_filters(logGroupName=group)["subscriptionFilters"] == []
