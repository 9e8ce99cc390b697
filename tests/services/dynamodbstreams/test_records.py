"""Records: what they say, in which order; iterators of all kinds; what is too old."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("view", "images"),
    [
        ("KEYS_ONLY", set()),
        ("NEW_IMAGE", {"NewImage"}),
        ("OLD_IMAGE", {"OldImage"}),
        ("NEW_AND_OLD_IMAGES", {"NewImage", "OldImage"}),
    ],
)
def test_a_record_shows_what_the_view_type_says(make, put, read, view, images):
    arn = make(view=view)
    put("a", value={"N": "1"})
    put("a", value={"N": "2"})
    change = read(arn)[1]["dynamodb"]
    assert {"NewImage", "OldImage"} & change.keys() == images
    assert change["Keys"] == {"id": {"S": "a"}}
    assert change["StreamViewType"] == view
    if "OldImage" in images:
        assert change["OldImage"] == {"id": {"S": "a"}, "value": {"N": "1"}}
    if "NewImage" in images:
        assert change["NewImage"] == {"id": {"S": "a"}, "value": {"N": "2"}}


def test_a_record_of_each_event(dynamodb, make, put, read):
    arn = make()
    put("a")
    put("a", blob={"B": b"\x00\xff"}, deep={"L": [{"BS": [b"x"]}]})
    put("a", blob={"B": b"\x00\xff"}, deep={"L": [{"BS": [b"x"]}]})  # changes nothing: no record
    dynamodb.delete_item(TableName="table", Key={"id": {"S": "a"}})
    insert, modify, remove = read(arn)
    assert [one["eventName"] for one in (insert, modify, remove)] == ["INSERT", "MODIFY", "REMOVE"]
    assert modify["dynamodb"]["NewImage"]["blob"] == {"B": b"\x00\xff"}
    assert modify["dynamodb"]["NewImage"]["deep"] == {"L": [{"BS": [b"x"]}]}
    assert "NewImage" not in remove["dynamodb"]
    assert (insert["eventSource"], insert["eventVersion"], insert["awsRegion"]) == ("aws:dynamodb", "1.1", "us-east-1")
    assert "userIdentity" not in insert
    numbers = [one["dynamodb"]["SequenceNumber"] for one in (insert, modify, remove)]
    assert numbers == sorted(numbers) and len(set(numbers)) == 3


def test_iterators_of_every_kind(streams, make, put, shards, iterator, clock):
    arn = make()
    clock.stop()
    for id in ("a", "b"):
        put(id)
    clock.advance(minutes=1)
    [shard] = [one["ShardId"] for one in shards(arn)]
    latest = iterator(arn, shard, "LATEST")
    put("c")

    def ids(token):
        return [one["dynamodb"]["Keys"]["id"]["S"] for one in streams.get_records(ShardIterator=token)["Records"]]

    records = streams.get_records(ShardIterator=iterator(arn, shard))["Records"]
    second = records[1]["dynamodb"]["SequenceNumber"]
    at = records[2]["dynamodb"]["ApproximateCreationDateTime"]
    assert ids(iterator(arn, shard)) == ["a", "b", "c"]
    assert ids(latest) == ["c"]
    assert ids(iterator(arn, shard, "AT_SEQUENCE_NUMBER", SequenceNumber=second)) == ["b", "c"]
    assert ids(iterator(arn, shard, "AFTER_SEQUENCE_NUMBER", SequenceNumber=second)) == ["c"]
    assert ids(iterator(arn, shard, "AT_TIMESTAMP", Timestamp=at)) == ["c"]


def test_pages_of_an_open_shard_never_end(streams, make, put, shards, iterator):
    arn = make()
    for id in "abc":
        put(id)
    token, seen = iterator(arn, shards(arn)[0]["ShardId"]), []
    for _ in range(3):
        answer = streams.get_records(ShardIterator=token, Limit=2)
        seen.append(len(answer["Records"]))
        token = answer["NextShardIterator"]
    put("d")
    assert seen == [2, 1, 0]
    assert len(streams.get_records(ShardIterator=token)["Records"]) == 1


def test_a_closed_shard_ends(streams, make, put, shards, iterator, clock):
    arn = make()
    put("a")
    put("b")
    clock.advance(hours=4)
    put("c")
    token = iterator(arn, shards(arn)[0]["ShardId"])
    page = streams.get_records(ShardIterator=token, Limit=1)
    page = streams.get_records(ShardIterator=page["NextShardIterator"])
    assert len(page["Records"]) == 1
    assert "NextShardIterator" not in page


def test_an_answer_has_a_megabyte_at_most(streams, make, put, shards, iterator):
    arn = make(view="NEW_IMAGE")
    for id in "abcdef":
        put(id, text={"S": "x" * 300_000})
    token, sizes = iterator(arn, shards(arn)[0]["ShardId"]), []
    while sum(sizes) < 6:
        answer = streams.get_records(ShardIterator=token)
        sizes.append(len(answer["Records"]))
        token = answer["NextShardIterator"]
    assert sizes == [3, 3]


def test_an_iterator_expires(streams, make, shards, iterator, refused, clock):
    arn = make()
    token = iterator(arn, shards(arn)[0]["ShardId"])
    clock.advance(minutes=16)
    assert refused(streams.get_records, ShardIterator=token)[0] == "ExpiredIteratorException"


def test_records_older_than_a_day_are_trimmed(streams, make, put, shards, iterator, refused, clock, settle):
    arn = make()
    put("old")
    [shard] = [one["ShardId"] for one in shards(arn)]
    first = streams.get_records(ShardIterator=iterator(arn, shard))["Records"][0]["dynamodb"]["SequenceNumber"]
    clock.advance(hours=23, minutes=50)
    token = iterator(arn, shard, "AT_SEQUENCE_NUMBER", SequenceNumber=first)
    put("new")
    clock.advance(minutes=11)
    code, message = refused(streams.get_records, ShardIterator=token)
    assert code == "TrimmedDataAccessException"
    assert message == "The operation attempted to read past the oldest stream record in a shard."
    settle()
    assert [shard["ShardId"] for shard in shards(arn)] != [shard]
    with_new = shards(arn)[-1]["ShardId"]
    [record] = streams.get_records(ShardIterator=iterator(arn, with_new))["Records"]
    assert record["dynamodb"]["Keys"]["id"]["S"] == "new"


def test_what_is_refused(streams, make, put, shards, iterator, refused):
    arn = make()
    put("a")
    shard = shards(arn)[0]["ShardId"]
    arguments = {"StreamArn": arn, "ShardId": shard}
    get = streams.get_shard_iterator
    assert refused(get, **arguments, ShardIteratorType="AT_SEQUENCE_NUMBER")[0] == "ValidationException"
    assert refused(get, **arguments, ShardIteratorType="AT_TIMESTAMP")[0] == "ValidationException"
    far = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": "9" * 21}
    assert refused(get, **arguments, **far)[0] == "ValidationException"
    unknown = "shardId-" + "0" * 20 + "-00000000"
    assert refused(get, StreamArn=arn, ShardId=unknown, ShardIteratorType="LATEST") == (
        "ResourceNotFoundException", "Requested resource not found: Shard does not exist",
    )  # fmt: skip
    assert refused(streams.get_records, ShardIterator="x") == ("ValidationException", "Invalid ShardIterator")
    assert (
        "less than or equal to 1000" in refused(streams.get_records, ShardIterator=iterator(arn, shard), Limit=1001)[1]
    )
