"""Putting and reading records."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from undercast.kit.call import Call
from undercast.kit.credentials import root_identity

from .test_streams import refused

SHARD = "shardId-000000000000"


def put(kinesis, *texts, name="s"):
    entries = [{"Data": text.encode(), "PartitionKey": "k"} for text in texts]
    return kinesis.put_records(StreamName=name, Records=entries)["Records"]


def data(records):
    return [record["Data"].decode() for record in records]


def iterator(kinesis, kind="TRIM_HORIZON", shard=SHARD, **where):
    answer = kinesis.get_shard_iterator(StreamName="s", ShardId=shard, ShardIteratorType=kind, **where)
    return answer["ShardIterator"]


def test_sequence_numbers_have_56_digits_and_grow(kinesis, stream):
    stream()
    numbers = [kinesis.put_record(StreamName="s", Data=b"", PartitionKey="k")["SequenceNumber"] for _ in range(5)]
    numbers += [record["SequenceNumber"] for record in put(kinesis, *"abc")]
    assert {len(number) for number in numbers} == {56}
    assert sorted(set(numbers)) == numbers


def test_the_hash_of_the_key_chooses_the_shard(kinesis, stream):
    stream(shards=4)
    for key in ("a", "b", "käse", "x" * 256):
        hash = int.from_bytes(hashlib.md5(key.encode()).digest(), "big")
        answer = kinesis.put_record(StreamName="s", Data=b"x", PartitionKey=key)
        assert answer["ShardId"] == f"shardId-{hash * 4 >> 128:012d}"
    last = kinesis.put_record(StreamName="s", Data=b"x", PartitionKey="a", ExplicitHashKey=str(2**128 - 1))
    assert last["ShardId"] == "shardId-000000000003"
    error = refused(kinesis.put_record, StreamName="s", Data=b"x", PartitionKey="a", ExplicitHashKey=str(2**128))
    assert error["Code"] == "InvalidArgumentException"


def test_iterators_of_all_kinds(kinesis, stream, read, clock):
    stream()
    first, second, _ = put(kinesis, "1", "2", "3")
    assert data(read()) == ["1", "2", "3"]
    assert data(read(kind="AT_SEQUENCE_NUMBER", StartingSequenceNumber=second["SequenceNumber"])) == ["2", "3"]
    assert data(read(kind="AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=first["SequenceNumber"])) == ["2", "3"]
    latest = iterator(kinesis, "LATEST")
    clock.advance(minutes=1)
    put(kinesis, "4")
    answer = kinesis.get_records(ShardIterator=latest)
    assert data(answer["Records"]) == ["4"]
    assert answer["MillisBehindLatest"] == 0
    arrived = answer["Records"][0]["ApproximateArrivalTimestamp"]
    clock.advance(seconds=2)  # reads are limited too
    assert data(read(kind="AT_TIMESTAMP", Timestamp=arrived)) == ["4"]
    assert data(read(kind="AT_TIMESTAMP", Timestamp=arrived - timedelta(seconds=1))) == ["4"]


def test_a_page_says_how_far_it_is_behind(kinesis, stream, clock):
    stream()
    put(kinesis, "1", "2")
    clock.advance(seconds=30)
    put(kinesis, "3")
    answer = kinesis.get_records(ShardIterator=iterator(kinesis), Limit=2)
    assert data(answer["Records"]) == ["1", "2"]
    assert 30_000 <= answer["MillisBehindLatest"] < 40_000
    answer = kinesis.get_records(ShardIterator=answer["NextShardIterator"], Limit=2)
    assert (data(answer["Records"]), answer["MillisBehindLatest"]) == (["3"], 0)
    assert kinesis.get_records(ShardIterator=answer["NextShardIterator"])["Records"] == []


def test_iterators_expire(kinesis, stream, clock):
    stream()
    old = iterator(kinesis)
    clock.advance(seconds=301)
    error = refused(kinesis.get_records, ShardIterator=old)
    assert error["Code"] == "ExpiredIteratorException"
    assert "tolerated delay of 300000 milliseconds" in error["Message"]
    assert refused(kinesis.get_records, ShardIterator="nonsense")["Code"] == "InvalidArgumentException"
    arn = kinesis.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]["StreamARN"]
    fresh = iterator(kinesis)
    assert kinesis.get_records(ShardIterator=fresh, StreamARN=arn)["Records"] == []
    error = refused(kinesis.get_records, ShardIterator=fresh, StreamARN=f"{arn}-other")
    assert error["Code"] == "InvalidArgumentException"


@pytest.mark.parametrize(
    ("where", "code", "part"),
    [
        ({"ShardIteratorType": "AT_SEQUENCE_NUMBER"}, "InvalidArgumentException", "no StartingSequenceNumber"),
        ({"ShardIteratorType": "LATEST", "StartingSequenceNumber": "1"}, "InvalidArgumentException", "Must either"),
        ({"ShardIteratorType": "AT_TIMESTAMP"}, "InvalidArgumentException", "Must specify timestampInMillis"),
        ({"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": 2**32}, "InvalidArgumentException", "cannot be greater"),
        ({"ShardIteratorType": "LATEST", "ShardId": "shardId-000000000009"}, "ResourceNotFoundException", "shardId-000000000009"),
        ({"ShardIteratorType": "LATEST", "ShardId": "nonsense"}, "ResourceNotFoundException", "nonsense"),
        ({"ShardIteratorType": "AT_SEQUENCE_NUMBER", "StartingSequenceNumber": "7"}, "InvalidArgumentException", "did not come"),
        ({"ShardIteratorType": "NONE"}, "ValidationException", "shardIteratorType"),
    ],
)  # fmt: skip
def test_iterators_that_cannot_be(kinesis, stream, where, code, part):
    stream()
    error = refused(kinesis.get_shard_iterator, **({"StreamName": "s", "ShardId": SHARD} | where))
    assert error["Code"] == code
    assert part in error["Message"]


def test_a_sequence_number_of_another_shard(kinesis, stream):
    stream(shards=2)
    record = kinesis.put_record(StreamName="s", Data=b"x", PartitionKey="k", ExplicitHashKey="0")
    where = {"ShardIteratorType": "AT_SEQUENCE_NUMBER", "StartingSequenceNumber": record["SequenceNumber"]}
    error = refused(kinesis.get_shard_iterator, StreamName="s", ShardId="shardId-000000000001", **where)
    assert error["Message"] == (
        "Invalid StartingSequenceNumber. It encodes shardId-000000000000, while it was used in a call to "
        "shardId-000000000001"
    )


def test_records_have_a_size(kinesis, stream):
    stream()
    large = {"StreamName": "s", "Data": b"x" * (1 << 20), "PartitionKey": "k"}
    error = refused(kinesis.put_record, **large)
    assert (error["Code"], error["Message"][:41]) == (
        "InvalidArgumentException",
        "Record size with its partition key exceed",
    )
    error = refused(kinesis.put_record, **{**large, "Data": b"x" * (1 << 20) + b"x"})
    assert error["Code"] == "ValidationException"
    assert error["Message"].endswith(
        "'data' failed to satisfy constraint: Member must have length less than or equal to 1048576"
    )
    arn = kinesis.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]["StreamARN"]
    kinesis.update_max_record_size(StreamARN=arn, MaxRecordSizeInKiB=2048)
    assert kinesis.put_record(**large)["ShardId"] == SHARD
    entries = [{"Data": b"x", "PartitionKey": "k"}, {"Data": b"x" * (2 << 20) + b"x", "PartitionKey": "k"}]
    assert "'records.2.member.data'" in refused(kinesis.put_records, StreamName="s", Records=entries)["Message"]
    assert refused(kinesis.put_record, StreamName="s", Data=b"x")["Code"] == "InvalidArgumentException"


def test_a_shard_takes_a_thousand_records_a_second(kinesis, stream, clock):
    clock.stop()
    stream(shards=2)
    first = [{"Data": b"x", "PartitionKey": "k", "ExplicitHashKey": "0"}] * 500
    kinesis.put_records(StreamName="s", Records=first)
    kinesis.put_records(StreamName="s", Records=first)
    other = {"Data": b"x", "PartitionKey": "k", "ExplicitHashKey": str(2**128 - 1)}
    answer = kinesis.put_records(StreamName="s", Records=[first[0], other])
    assert answer["FailedRecordCount"] == 1
    failed, done = answer["Records"]
    assert failed["ErrorCode"] == "ProvisionedThroughputExceededException"
    assert failed["ErrorMessage"].startswith("Rate exceeded for shard shardId-000000000000 in stream s under account ")
    assert done["ShardId"] == "shardId-000000000001"
    with pytest.raises(kinesis.exceptions.ProvisionedThroughputExceededException):
        kinesis.put_record(StreamName="s", **first[0])
    clock.advance(seconds=1)
    kinesis.put_record(StreamName="s", **first[0])


def test_a_shard_takes_a_mebibyte_a_second(kinesis, stream, clock):
    clock.stop()
    stream()
    half = {"StreamName": "s", "Data": b"x" * 600_000, "PartitionKey": "k"}
    kinesis.put_record(**half)
    with pytest.raises(kinesis.exceptions.ProvisionedThroughputExceededException):
        kinesis.put_record(**half)
    clock.advance(seconds=1)
    kinesis.put_record(**half)


def test_a_shard_is_read_five_times_a_second(kinesis, stream, clock):
    clock.stop()
    stream()
    place = iterator(kinesis)
    for _ in range(5):
        kinesis.get_records(ShardIterator=place)
    with pytest.raises(kinesis.exceptions.ProvisionedThroughputExceededException):
        kinesis.get_records(ShardIterator=place)
    clock.advance(seconds=1)
    kinesis.get_records(ShardIterator=place)


def test_an_answer_has_ten_megabytes(kinesis, stream, clock):
    stream(shards=None, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    for _ in range(12):
        kinesis.put_record(StreamName="s", Data=b"x" * 1_000_000, PartitionKey="k", ExplicitHashKey="0")
    answer = kinesis.get_records(ShardIterator=iterator(kinesis))
    assert len(answer["Records"]) == 10
    assert answer["MillisBehindLatest"] > 0
    with pytest.raises(ClientError):
        kinesis.get_records(ShardIterator=answer["NextShardIterator"])
    clock.advance(seconds=5)
    assert len(kinesis.get_records(ShardIterator=answer["NextShardIterator"])["Records"]) == 2


def test_on_demand_streams_are_not_limited(kinesis, stream, clock):
    clock.stop()
    stream(shards=None, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    for _ in range(3):
        answer = kinesis.put_records(StreamName="s", Records=[{"Data": b"x", "PartitionKey": "k"}] * 500)
        assert answer["FailedRecordCount"] == 0


def test_another_account_writes_by_the_arn(aws, stream, read, account):
    arn = stream()
    other = aws("kinesis", account="999999999999")
    other.put_record(StreamARN=arn, Data=b"1", PartitionKey="k")
    assert data(read()) == ["1"]


def test_events_of_other_services_are_taken(stream, read, undercast):
    arn = stream()
    account = arn.split(":")[4]
    call = Call(
        undercast.platform, account=account, region="us-east-1", identity=root_identity(account), request_id="r"
    )
    for payload in (b'{"id": "an-event"}', b"no event"):
        undercast.run(call.transact(lambda call, payload=payload: call.deliver(arn, payload)))
    first, second = read()
    assert (first["PartitionKey"], first["Data"]) == ("an-event", b'{"id": "an-event"}')
    assert len(second["PartitionKey"]) == 36


def test_a_dry_run_does_nothing(kinesis, stream, read):
    stream()
    record = {"Data": b"1", "PartitionKey": "k"}
    for operation, request in (
        (kinesis.put_record, {"StreamName": "s", **record}),
        (kinesis.put_records, {"StreamName": "s", "Records": [record]}),
        (kinesis.get_shard_iterator, {"StreamName": "s", "ShardId": SHARD, "ShardIteratorType": "LATEST"}),
        (kinesis.get_records, {"ShardIterator": iterator(kinesis)}),
    ):
        assert refused(operation, DryRun=True, **request)["Code"] == "DryRunOperationException"
    assert refused(kinesis.put_record, StreamName="none", DryRun=True, **record)["Code"] == "ResourceNotFoundException"
    assert read() == []
