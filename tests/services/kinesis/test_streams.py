"""Streams: created, described, changed, deleted."""

from __future__ import annotations

from itertools import pairwise

import pytest
from botocore.exceptions import ClientError


def refused(call, **request):
    with pytest.raises(ClientError) as error:
        call(**request)
    return error.value.response["Error"]


def summary(kinesis, name="s"):
    return kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]


def test_a_stream_is_there_at_once(kinesis, stream, account):
    arn = stream(shards=3, Tags={"a": "b"})
    assert arn == f"arn:aws:kinesis:us-east-1:{account}:stream/s"
    found = kinesis.describe_stream(StreamARN=arn)["StreamDescription"]
    assert (found["StreamStatus"], found["RetentionPeriodHours"], found["HasMoreShards"]) == ("ACTIVE", 24, False)
    assert found["StreamModeDetails"] == {"StreamMode": "PROVISIONED"}
    assert found["EnhancedMonitoring"] == [{"ShardLevelMetrics": []}]
    ranges = [
        (int(one["StartingHashKey"]), int(one["EndingHashKey"])) for one in (s["HashKeyRange"] for s in found["Shards"])
    ]
    assert ranges[0][0] == 0
    assert ranges[-1][1] == 2**128 - 1
    assert all(before[1] + 1 == after[0] for before, after in pairwise(ranges))
    assert summary(kinesis)["OpenShardCount"] == 3
    kinesis.get_waiter("stream_exists").wait(StreamName="s")


def test_a_stream_on_demand(kinesis, stream):
    stream(shards=None, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    assert summary(kinesis)["OpenShardCount"] == 4
    limits = kinesis.describe_limits()
    assert (limits["OnDemandStreamCount"], limits["OpenShardCount"], limits["OnDemandStreamCountLimit"]) == (1, 0, 50)
    error = refused(kinesis.update_shard_count, StreamName="s", TargetShardCount=5, ScalingType="UNIFORM_SCALING")
    assert error["Code"] == "ValidationException"


def test_the_mode_changes_twice_a_day(kinesis, stream, clock):
    arn = stream()

    def change(mode):
        kinesis.update_stream_mode(StreamARN=arn, StreamModeDetails={"StreamMode": mode})

    change("ON_DEMAND")
    assert summary(kinesis)["StreamModeDetails"] == {"StreamMode": "ON_DEMAND"}
    change("PROVISIONED")
    with pytest.raises(kinesis.exceptions.LimitExceededException):
        change("ON_DEMAND")
    clock.advance(hours=25)
    change("ON_DEMAND")


def test_a_deleted_stream_is_gone_and_its_name_is_free(kinesis, stream, read):
    stream()
    kinesis.put_record(StreamName="s", Data=b"1", PartitionKey="k")
    kinesis.delete_stream(StreamName="s")
    error = refused(kinesis.describe_stream, StreamName="s")
    assert error["Code"] == "ResourceNotFoundException"
    assert error["Message"].startswith("Stream s under account ")
    assert error["Message"].endswith(" not found.")
    stream()
    assert read() == []


def test_a_stream_with_consumers_is_not_deleted_by_mistake(kinesis, stream):
    arn = stream()
    kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="c")
    error = refused(kinesis.delete_stream, StreamName="s")
    assert error["Code"] == "ResourceInUseException"
    assert "because there are consumers associated with this data stream" in error["Message"]
    kinesis.delete_stream(StreamName="s", EnforceConsumerDeletion=True)


def test_streams_are_listed_in_pages(kinesis, stream):
    for name in "cab":
        stream(name)
    first = kinesis.list_streams(Limit=2)
    assert (first["StreamNames"], first["HasMoreStreams"]) == (["a", "b"], True)
    assert kinesis.list_streams(NextToken=first["NextToken"])["StreamNames"] == ["c"]
    assert kinesis.list_streams(ExclusiveStartStreamName="b")["StreamNames"] == ["c"]
    assert [one["StreamName"] for one in first["StreamSummaries"]] == ["a", "b"]


def test_a_name_is_taken(kinesis, stream):
    stream()
    error = refused(kinesis.create_stream, StreamName="s", ShardCount=1)
    assert error["Code"] == "ResourceInUseException"
    assert error["Message"].endswith(" already exists.")


def test_shards_are_limited(kinesis, aws):
    error = refused(kinesis.create_stream, StreamName="s", ShardCount=20_001)
    assert error["Code"] == "LimitExceededException"
    assert "Limit: 20000" in error["Message"]
    assert aws("kinesis", region_name="eu-central-1").describe_limits()["ShardLimit"] == 6000


def test_retention(kinesis, stream, read, clock):
    stream()
    kinesis.put_record(StreamName="s", Data=b"1", PartitionKey="k")
    kinesis.increase_stream_retention_period(StreamName="s", RetentionPeriodHours=48)
    clock.advance(hours=47)
    assert len(read()) == 1
    clock.advance(hours=2)
    assert read() == []
    messages = {
        ("increase", 8761): "Maximum allowed retention period is 8760 hours.",
        ("increase", 24): "can not be shorter than existing retention period (48 hours)",
        ("decrease", 23): "Minimum allowed retention period is 24 hours.",
        ("decrease", 72): "can not be longer than existing retention period (48 hours)",
    }
    for (word, hours), message in messages.items():
        operation = getattr(kinesis, f"{word}_stream_retention_period")
        assert message in refused(operation, StreamName="s", RetentionPeriodHours=hours)["Message"]
    kinesis.decrease_stream_retention_period(StreamName="s", RetentionPeriodHours=24)
    assert summary(kinesis)["RetentionPeriodHours"] == 24


def test_what_is_past_its_retention_is_deleted(kinesis, stream, clock, undercast):
    stream()
    for _ in range(3):
        kinesis.put_record(StreamName="s", Data=b"1", PartitionKey="k")
    kinesis.split_shard(StreamName="s", ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**127))
    assert len(kinesis.list_shards(StreamName="s")["Shards"]) == 3
    clock.advance(hours=26)
    assert [one["ShardId"][-1] for one in kinesis.list_shards(StreamName="s")["Shards"]] == ["1", "2"]


def test_tags(kinesis, stream):
    arn = stream(Tags={"a": "1"})
    kinesis.add_tags_to_stream(StreamName="s", Tags={"b": "2", "c": "3"})
    kinesis.remove_tags_from_stream(StreamName="s", TagKeys=["a"])
    found = kinesis.list_tags_for_stream(StreamName="s", Limit=1)
    assert found["Tags"] == [{"Key": "b", "Value": "2"}]
    assert found["HasMoreTags"] is True
    kinesis.tag_resource(ResourceARN=arn, Tags={"d": "4"})
    kinesis.untag_resource(ResourceARN=arn, TagKeys=["b", "c"])
    assert kinesis.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "d", "Value": "4"}]
    error = refused(kinesis.tag_resource, ResourceARN=arn, Tags={str(n): "" for n in range(50)})
    assert error["Code"] == "InvalidArgumentException"


def test_policies(kinesis, stream):
    arn = stream()
    policy = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"kinesis:*","Resource":"*"}]}'
    )
    assert refused(kinesis.get_resource_policy, ResourceARN=arn)["Code"] == "ResourceNotFoundException"
    kinesis.put_resource_policy(ResourceARN=arn, Policy=policy)
    assert kinesis.get_resource_policy(ResourceARN=arn)["Policy"] == policy
    assert refused(kinesis.put_resource_policy, ResourceARN=arn, Policy="{")["Code"] == "InvalidArgumentException"
    kinesis.delete_resource_policy(ResourceARN=arn)
    assert refused(kinesis.delete_resource_policy, ResourceARN=arn)["Code"] == "ResourceNotFoundException"


def test_what_does_not_act_is_refused(kinesis, stream):
    arn = stream()
    error = refused(kinesis.enable_enhanced_monitoring, StreamName="s", ShardLevelMetrics=["ALL"])
    assert error["Code"] == "NotImplemented"
    assert refused(kinesis.create_stream, StreamName="t", WarmThroughputMiBps=10)["Code"] == "ValidationException"
    assert "PartitionKey" not in refused(kinesis.describe_stream)["Message"]
    assert refused(kinesis.describe_stream, StreamName="other", StreamARN=arn)["Code"] == "InvalidArgumentException"


def test_encryption_is_with_a_key_that_works(kinesis, stream, read, aws, clock):
    stream()
    kms = aws("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    put = {"StreamName": "s", "Data": b"secret", "PartitionKey": "k"}
    kinesis.put_record(**put)
    kinesis.start_stream_encryption(StreamName="s", EncryptionType="KMS", KeyId=key)
    assert kinesis.put_record(**put)["EncryptionType"] == "KMS"
    assert [one.get("EncryptionType") for one in read()] == [None, "KMS"]
    assert {one["Data"] for one in read()} == {b"secret"}
    assert (summary(kinesis)["EncryptionType"], summary(kinesis)["KeyId"]) == ("KMS", key)
    kms.disable_key(KeyId=key)
    clock.advance(minutes=6)  # data keys are kept for five minutes
    assert refused(kinesis.put_record, **put)["Code"] == "KMSDisabledException"
    with pytest.raises(kinesis.exceptions.KMSDisabledException):
        read()
    kms.enable_key(KeyId=key)
    kinesis.stop_stream_encryption(StreamName="s", EncryptionType="KMS", KeyId=key)
    assert "EncryptionType" not in kinesis.put_record(**put)
    assert [one["Data"] for one in read()] == [b"secret"] * 3
    error = refused(kinesis.start_stream_encryption, StreamName="s", EncryptionType="KMS", KeyId="alias/none")
    assert error["Code"] == "KMSNotFoundException"


def test_the_settings_of_an_account(kinesis, clock):
    def status():
        return kinesis.describe_account_settings()["MinimumThroughputBillingCommitment"]["Status"]

    def change(status):
        return kinesis.update_account_settings(MinimumThroughputBillingCommitment={"Status": status})

    assert status() == "DISABLED"
    assert change("ENABLED")["MinimumThroughputBillingCommitment"]["Status"] == "ENABLED"
    change("DISABLED")
    assert status() == "ENABLED_UNTIL_EARLIEST_ALLOWED_END"
    clock.advance(hours=24)
    assert status() == "DISABLED"
