"""Streams: listed, described, opened and closed; their shards."""

from __future__ import annotations

from tests.recorded import recorded


def test_a_stream_is_described(streams, make, account):
    arn = make(view="NEW_IMAGE")
    described = streams.describe_stream(StreamArn=arn)["StreamDescription"]
    assert described["StreamStatus"] == "ENABLED"
    assert described["StreamViewType"] == "NEW_IMAGE"
    assert described["TableName"] == "table"
    assert described["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
    assert arn == f"arn:aws:dynamodb:us-east-1:{account}:table/table/stream/{described['StreamLabel']}"
    [shard] = described["Shards"]
    assert "ParentShardId" not in shard
    assert "EndingSequenceNumber" not in shard["SequenceNumberRange"]


def test_shards_roll_over_every_four_hours(streams, make, put, shards, clock):
    arn = make()
    for number in range(3):
        put(str(number))
        clock.advance(hours=4)
    one, two, three = shards(arn)
    assert two["ParentShardId"] == one["ShardId"]
    assert three["ParentShardId"] == two["ShardId"]
    for parent, child in ((one, two), (two, three)):
        ending = parent["SequenceNumberRange"]["EndingSequenceNumber"]
        assert ending < child["SequenceNumberRange"]["StartingSequenceNumber"]
    assert "EndingSequenceNumber" not in three["SequenceNumberRange"]


def test_shards_are_paged_and_filtered(streams, make, put, shards, clock):
    arn = make()
    for number in range(4):
        put(str(number))
        clock.advance(hours=4)
    ids = [shard["ShardId"] for shard in shards(arn)]
    page = streams.describe_stream(StreamArn=arn, Limit=2)["StreamDescription"]
    assert page["LastEvaluatedShardId"] == ids[1]
    rest = streams.describe_stream(StreamArn=arn, ExclusiveStartShardId=ids[1])["StreamDescription"]
    assert [shard["ShardId"] for shard in rest["Shards"]] == ids[2:]
    children = streams.describe_stream(StreamArn=arn, ShardFilter={"Type": "CHILD_SHARDS", "ShardId": ids[0]})
    assert [shard["ShardId"] for shard in children["StreamDescription"]["Shards"]] == [ids[1]]


def test_streams_are_listed_in_pages(streams, make):
    arns = [make(name) for name in ("aaa", "bbb", "ccc")]
    answer = streams.list_streams()
    assert [one["StreamArn"] for one in answer["Streams"]] == arns
    assert "LastEvaluatedStreamArn" not in answer
    page = streams.list_streams(Limit=2)
    assert page["LastEvaluatedStreamArn"] == arns[1]
    rest = streams.list_streams(ExclusiveStartStreamArn=arns[1])
    assert [one["TableName"] for one in rest["Streams"]] == ["ccc"]
    assert [one["TableName"] for one in streams.list_streams(TableName="bbb")["Streams"]] == ["bbb"]
    assert streams.list_streams(TableName="bb_")["Streams"] == []


def test_a_deleted_tables_stream_stays_for_a_day(dynamodb, streams, make, put, read, clock, settle):
    arn = make()
    put("a")
    dynamodb.delete_table(TableName="table")
    described = streams.describe_stream(StreamArn=arn)["StreamDescription"]
    assert described["StreamStatus"] == "DISABLED"
    assert "EndingSequenceNumber" in described["Shards"][0]["SequenceNumberRange"]
    assert len(read(arn)) == 1
    clock.advance(hours=25)
    settle()
    assert streams.list_streams()["Streams"] == []


def test_a_new_stream_has_a_label_of_its_own(dynamodb, streams, make, put, read, clock):
    first = make()
    dynamodb.update_table(TableName="table", StreamSpecification={"StreamEnabled": False})
    clock.advance(seconds=1)
    wanted = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
    second = dynamodb.update_table(TableName="table", StreamSpecification=wanted)["TableDescription"]["LatestStreamArn"]
    put("a")
    assert first != second
    assert len(streams.list_streams(TableName="table")["Streams"]) == 2
    assert (len(read(first)), len(read(second))) == (0, 1)


def test_what_is_refused(streams, make, refused, account):
    arn = make()
    ghost = arn[:-3] + "000" if not arn.endswith("000") else arn[:-3] + "111"
    code, message = refused(streams.describe_stream, StreamArn=ghost)
    assert (code, message) == (
        "ResourceNotFoundException", f"Requested resource not found: Stream: {ghost} not found",
    )  # fmt: skip
    assert refused(streams.describe_stream, StreamArn=arn.replace("us-east-1", "eu-west-1"))[0] == (
        "ResourceNotFoundException"
    )
    assert refused(streams.describe_stream, StreamArn="x" * 40) == (
        "ValidationException", "Invalid StreamArn: " + "x" * 40,
    )  # fmt: skip
    assert "less than or equal to 100" in refused(streams.list_streams, Limit=101)[1]


def test_recorded_non_existent_stream(streams, refused, account):
    case = recorded("dynamodb_streams::TestDynamoDBStreams::test_non_existent_stream", "dynamodbstreams")
    arn = f"arn:aws:dynamodb:us-east-1:{account}:table/table/stream/2024-11-18T14:36:44.149"
    try:
        streams.describe_stream(StreamArn=arn)
    except streams.exceptions.ResourceNotFoundException as error:
        case.check("non-existent-stream", error)
    else:
        raise AssertionError("it exists")
