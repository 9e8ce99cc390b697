"""Splitting and merging: lineage, order, and that no record is lost or read twice."""

from __future__ import annotations

import contextlib
import itertools

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from undercast.services.kinesis import topology
from undercast.services.kinesis.model import HASHES, Shard, hash_of, uniform

from .test_streams import refused

ZERO = "shardId-000000000000"
_names = itertools.count()


def shards(kinesis, **where):
    return kinesis.list_shards(**({"StreamName": "s"} | where))["Shards"]


def ids(found):
    return [int(one["ShardId"][-12:]) for one in found]


def test_a_split(kinesis, stream):
    stream()
    kinesis.split_shard(StreamName="s", ShardToSplit=ZERO, NewStartingHashKey="100")
    parent, low, high = shards(kinesis)
    assert low["ParentShardId"] == high["ParentShardId"] == ZERO
    assert low["HashKeyRange"] == {"StartingHashKey": "0", "EndingHashKey": "99"}
    assert high["HashKeyRange"]["StartingHashKey"] == "100"
    assert "EndingSequenceNumber" in parent["SequenceNumberRange"]
    assert "EndingSequenceNumber" not in low["SequenceNumberRange"]
    assert "AdjacentParentShardId" not in low


def test_a_merge(kinesis, stream):
    stream(shards=2)
    kinesis.merge_shards(StreamName="s", ShardToMerge=ZERO, AdjacentShardToMerge="shardId-000000000001")
    merged = shards(kinesis)[-1]
    assert (merged["ParentShardId"], merged["AdjacentParentShardId"]) == (ZERO, "shardId-000000000001")
    assert merged["HashKeyRange"] == {"StartingHashKey": "0", "EndingHashKey": str(HASHES - 1)}


def test_the_end_of_a_closed_shard(kinesis, stream):
    stream()
    kinesis.put_record(StreamName="s", Data=b"1", PartitionKey="k")
    kinesis.split_shard(StreamName="s", ShardToSplit=ZERO, NewStartingHashKey=str(HASHES // 2))
    where = {"StreamName": "s", "ShardId": ZERO, "ShardIteratorType": "TRIM_HORIZON"}
    answer = kinesis.get_records(ShardIterator=kinesis.get_shard_iterator(**where)["ShardIterator"])
    assert [one["Data"] for one in answer["Records"]] == [b"1"]
    assert "NextShardIterator" not in answer
    assert [child["ParentShards"] for child in answer["ChildShards"]] == [[ZERO], [ZERO]]


def test_what_cannot_be_split_or_merged(kinesis, stream):
    stream(shards=3)
    split, merge = kinesis.split_shard, kinesis.merge_shards
    for hash in ("0", "1", str(HASHES - 1), str(HASHES)):
        error = refused(split, StreamName="s", ShardToSplit=ZERO, NewStartingHashKey=hash)
        assert error["Code"] == "InvalidArgumentException"
        assert "is not both greater than one plus the shard's StartingHashKey 0" in error["Message"]
    error = refused(merge, StreamName="s", ShardToMerge=ZERO, AdjacentShardToMerge="shardId-000000000002")
    assert "not an adjacent pair of shards eligible for merging" in error["Message"]
    error = refused(split, StreamName="s", ShardToSplit="shardId-000000000009", NewStartingHashKey="9")
    assert error["Code"] == "ResourceNotFoundException"
    split(StreamName="s", ShardToSplit=ZERO, NewStartingHashKey="100")
    error = refused(split, StreamName="s", ShardToSplit=ZERO, NewStartingHashKey="50")
    assert error["Code"] == "ResourceInUseException"
    assert "has already been merged or split" in error["Message"]


def test_a_new_count(kinesis, stream):
    arn = stream(shards=2)
    answer = kinesis.update_shard_count(StreamName="s", TargetShardCount=3, ScalingType="UNIFORM_SCALING")
    assert (answer["CurrentShardCount"], answer["TargetShardCount"], answer["StreamARN"]) == (2, 3, arn)
    found = shards(kinesis, ShardFilter={"Type": "AT_LATEST"})
    ranges = sorted(
        (int(one["HashKeyRange"]["StartingHashKey"]), int(one["HashKeyRange"]["EndingHashKey"])) for one in found
    )
    assert ranges == uniform(3)
    for target, part in ((7, "over double"), (1, "below half")):
        error = refused(
            kinesis.update_shard_count, StreamName="s", TargetShardCount=target, ScalingType="UNIFORM_SCALING"
        )
        assert part in error["Message"]


def test_a_count_changes_ten_times_a_day(kinesis, stream, clock):
    stream()
    for number in range(10):
        kinesis.update_shard_count(StreamName="s", TargetShardCount=1 + number % 2, ScalingType="UNIFORM_SCALING")
    scale = {"StreamName": "s", "TargetShardCount": 1, "ScalingType": "UNIFORM_SCALING"}
    assert refused(kinesis.update_shard_count, **scale)["Code"] == "LimitExceededException"
    clock.advance(hours=25)
    kinesis.update_shard_count(**scale)


def test_pages_and_filters(kinesis, stream, clock):
    stream(shards=3)
    clock.advance(seconds=10)
    kinesis.split_shard(StreamName="s", ShardToSplit=ZERO, NewStartingHashKey="100")
    first = kinesis.list_shards(StreamName="s", MaxResults=2)
    assert ids(first["Shards"]) == [0, 1]
    assert ids(kinesis.list_shards(NextToken=first["NextToken"])["Shards"]) == [2, 3, 4]
    assert ids(shards(kinesis, ExclusiveStartShardId="shardId-000000000002")) == [3, 4]
    for filter, wanted in (
        ({"Type": "AT_LATEST"}, [1, 2, 3, 4]),
        ({"Type": "AT_TRIM_HORIZON"}, [0, 1, 2]),
        ({"Type": "FROM_TRIM_HORIZON"}, [0, 1, 2, 3, 4]),
        ({"Type": "AFTER_SHARD_ID", "ShardId": "shardId-000000000001"}, [2, 3, 4]),
    ):
        assert ids(shards(kinesis, ShardFilter=filter)) == wanted
    created = kinesis.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]["StreamCreationTimestamp"]
    for kind, wanted in (("AT_TIMESTAMP", [0, 1, 2]), ("FROM_TIMESTAMP", [0, 1, 2, 3, 4])):
        assert ids(shards(kinesis, ShardFilter={"Type": kind, "Timestamp": created})) == wanted
    described = kinesis.describe_stream(StreamName="s", Limit=2, ExclusiveStartShardId="shardId-000000000001")
    assert ids(described["StreamDescription"]["Shards"]) == [2, 3]
    assert described["StreamDescription"]["HasMoreShards"] is True
    both = {"StreamName": "s", "NextToken": first["NextToken"]}
    assert refused(kinesis.list_shards, **both)["Code"] == "InvalidArgumentException"
    clock.advance(seconds=301)
    assert refused(kinesis.list_shards, NextToken=first["NextToken"])["Code"] == "ExpiredNextTokenException"
    assert "ShardId" in refused(kinesis.list_shards, StreamName="s", ShardFilter={"Type": "AFTER_SHARD_ID"})["Message"]


# --- properties ---


@given(st.integers(1, 40), st.integers(1, 40))
def test_any_count_is_reached_by_splits_and_merges(before, after):
    assert _scaled(before, after) == uniform(after)


def test_many_shards_are_scaled_in_no_time():
    for before, after in ((5_000, 10_000), (10_000, 5_001)):
        assert _scaled(before, after) == uniform(after)


def _scaled(before, after):
    """The ranges of the shards that are open after all steps."""
    numbers = itertools.count()
    there = {shard.number: shard for shard in (Shard(next(numbers), *ends, opened=0) for ends in uniform(before))}
    steps = topology.steps(there.values(), after)
    with contextlib.suppress(StopIteration):
        step = next(steps)
        while True:
            assert len(step.closes) + len(step.ranges) == 3
            made = [Shard(next(numbers), *ends, opened=0) for ends in step.ranges]
            for shard in step.closes:
                assert there.pop(shard.number) == shard
            there |= {shard.number: shard for shard in made}
            step = steps.send(made)
    return sorted((shard.first_hash, shard.last_hash) for shard in there.values())


@given(st.lists(st.one_of(st.integers(0, 9), st.sampled_from(["split", "merge", "double", "halve"])), max_size=40))
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_record_is_read_once_and_in_order(kinesis, actions):
    name = f"p{next(_names)}"
    kinesis.create_stream(StreamName=name, StreamModeDetails={"StreamMode": "PROVISIONED"}, ShardCount=2)
    written: dict[str, list[int]] = {}
    for number, action in enumerate(actions):
        if isinstance(action, int):
            kinesis.put_record(StreamName=name, Data=str(number).encode(), PartitionKey=str(action))
            written.setdefault(str(action), []).append(number)
        else:
            _reshard(kinesis, name, action)
    assert _read_all(kinesis, name) == written


def _reshard(kinesis, name, action):
    there = kinesis.list_shards(StreamName=name, ShardFilter={"Type": "AT_LATEST"})["Shards"]
    there.sort(key=lambda one: int(one["HashKeyRange"]["StartingHashKey"]))
    if action == "split" and len(there) < 12:
        first, last = (int(there[0]["HashKeyRange"][end]) for end in ("StartingHashKey", "EndingHashKey"))
        at = (first + last) // 2
        kinesis.split_shard(StreamName=name, ShardToSplit=there[0]["ShardId"], NewStartingHashKey=str(at))
    elif action == "merge" and len(there) > 1:
        low, high = there[-2]["ShardId"], there[-1]["ShardId"]
        kinesis.merge_shards(StreamName=name, ShardToMerge=high, AdjacentShardToMerge=low)
    elif action in ("double", "halve"):
        count = min(12, 2 * len(there)) if action == "double" else (len(there) + 1) // 2
        with contextlib.suppress(kinesis.exceptions.LimitExceededException):  # ten times a day
            kinesis.update_shard_count(StreamName=name, TargetShardCount=count, ScalingType="UNIFORM_SCALING")


def _read_all(kinesis, name):
    """What a reader that keeps to the lineage sees, by key."""
    found: dict[str, list[int]] = {}
    last: dict[str, int] = {}
    for shard in kinesis.list_shards(StreamName=name)["Shards"]:  # parents have smaller numbers
        where = {"StreamName": name, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        answer = kinesis.get_records(ShardIterator=kinesis.get_shard_iterator(**where)["ShardIterator"])
        ends = shard["HashKeyRange"]
        for record in answer["Records"]:
            key = record["PartitionKey"]
            assert int(ends["StartingHashKey"]) <= hash_of(key) <= int(ends["EndingHashKey"])
            assert int(record["SequenceNumber"]) > last.get(key, 0)
            last[key] = int(record["SequenceNumber"])
            found.setdefault(key, []).append(int(record["Data"]))
    return found
