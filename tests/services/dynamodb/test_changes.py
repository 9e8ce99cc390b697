"""An item, its index rows and its stream record commit together, or none of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from undercast.kit.call import Call
from undercast.kit.credentials import root_identity
from undercast.services.dynamodb import changes, storage, writes

INDEX = {"IndexName": "by-city", "KeySchema": [{"AttributeName": "city", "KeyType": "HASH"}],
         "Projection": {"ProjectionType": "ALL"}}  # fmt: skip
STREAM = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
ITEM = {"id": {"S": "a"}, "city": {"S": "Bern"}}


@pytest.fixture
def records(dynamodb, aws):
    """`records()`: what the stream of the table has told."""

    def read():
        streams = aws("dynamodbstreams")
        arn = dynamodb.describe_table(TableName="table")["Table"]["LatestStreamArn"]
        shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
        iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
        return streams.get_records(ShardIterator=iterator["ShardIterator"])["Records"]

    return read


async def _fail_after_change(call):
    """Change an item, and break when the table itself is to be saved."""
    table = await storage.find_table(call, "table")
    write = writes.read_put({"Item": ITEM})
    key = writes.fit(table, write)
    await changes.change_item(call, table, key, None, writes.result(table, write, None))
    await storage.save_table(call, replace(table, status="BROKEN"))
    raise LookupError("broken on purpose")


def test_what_breaks_leaves_nothing(undercast, dynamodb, make, records, account, region):
    make("table", also=("city",), GlobalSecondaryIndexes=[INDEX], StreamSpecification=STREAM)
    identity = root_identity(account)
    call = Call(
        undercast.platform, account=account, region=region, identity=identity, request_id="x", service="dynamodb"
    )
    with pytest.raises(LookupError):
        undercast.run(call.transact(_fail_after_change))
    assert dynamodb.scan(TableName="table")["Count"] == 0
    assert dynamodb.scan(TableName="table", IndexName="by-city")["Count"] == 0
    assert records() == []
    dynamodb.put_item(TableName="table", Item=ITEM)
    assert dynamodb.scan(TableName="table", IndexName="by-city")["Items"] == [ITEM]
    assert [record["eventName"] for record in records()] == ["INSERT"]


def test_a_transaction_that_is_cancelled_leaves_nothing(dynamodb, make, records, refused):
    make("table", also=("city",), GlobalSecondaryIndexes=[INDEX], StreamSpecification=STREAM)
    check = {"ConditionCheck": {"TableName": "table", "Key": {"id": {"S": "b"}},
                                "ConditionExpression": "attribute_exists(id)"}}  # fmt: skip
    code, _ = refused(
        dynamodb.transact_write_items, TransactItems=[{"Put": {"TableName": "table", "Item": ITEM}}, check]
    )
    assert code == "TransactionCanceledException"
    assert dynamodb.scan(TableName="table", IndexName="by-city")["Count"] == 0
    assert records() == []


def test_the_same_item_again_is_no_change(dynamodb, make, records):
    make("table", StreamSpecification=STREAM)
    for tags in (["a", "b"], ["b", "a"]):  # sets have no order
        dynamodb.put_item(TableName="table", Item={"id": {"S": "a"}, "tags": {"SS": tags}})
    assert [record["eventName"] for record in records()] == ["INSERT"]
