"""Global tables of both versions: replicas in other regions, and the items in them."""

from __future__ import annotations

import pytest

STREAM = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}


@pytest.fixture
def west(aws):
    return aws("dynamodb", region_name="us-west-2")


@pytest.fixture
def replicate(dynamodb, settle):
    def replicate(action="Create", region="us-west-2", **options):
        updates = [{action: {"RegionName": region, **options}}]
        dynamodb.update_table(TableName="table", ReplicaUpdates=updates)
        settle()

    return replicate


def items(client):
    return sorted(client.scan(TableName="table")["Items"], key=str)


def replicas(client):
    described = client.describe_table(TableName="table")["Table"]
    return [(one["RegionName"], one["ReplicaStatus"]) for one in described.get("Replicas", ())]


def test_a_replica_has_what_is_there_and_what_comes(dynamodb, west, make, put, replicate):
    make()
    for number in range(3):
        put(str(number))
    replicate()
    assert replicas(dynamodb) == [("us-west-2", "ACTIVE")]
    assert replicas(west) == [("us-east-1", "ACTIVE")]
    put("3", n={"N": "1"})
    west.put_item(TableName="table", Item={"id": {"S": "4"}})
    dynamodb.delete_item(TableName="table", Key={"id": {"S": "0"}})
    west.update_item(
        TableName="table", Key={"id": {"S": "3"}}, UpdateExpression="ADD n :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )  # fmt: skip
    assert items(dynamodb) == items(west)
    assert {item["id"]["S"] for item in items(west)} == {"1", "2", "3", "4"}
    assert {"id": {"S": "3"}, "n": {"N": "2"}} in items(dynamodb)


def test_each_replica_has_a_stream(dynamodb, west, aws, make, put, replicate):
    make()
    replicate()
    put("a")
    for region in ("us-east-1", "us-west-2"):
        client = aws("dynamodb", region_name=region)
        streams = aws("dynamodbstreams", region_name=region)
        arn = client.describe_table(TableName="table")["Table"]["LatestStreamArn"]
        shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
        iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
        [record] = streams.get_records(ShardIterator=iterator["ShardIterator"])["Records"]
        assert (record["eventName"], record["awsRegion"]) == ("INSERT", region)
        assert "userIdentity" not in record


def test_three_regions_and_indexes(dynamodb, west, aws, make, put, replicate):
    index = {
        "IndexName": "by-kind",
        "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "KEYS_ONLY"},
    }
    make("table", also=("kind",), GlobalSecondaryIndexes=[index])
    replicate()
    replicate(region="eu-west-1")
    put("a", kind={"S": "x"})
    europe = aws("dynamodb", region_name="eu-west-1")
    assert sorted(replicas(europe)) == [("us-east-1", "ACTIVE"), ("us-west-2", "ACTIVE")]
    found = europe.query(
        TableName="table", IndexName="by-kind", KeyConditionExpression="kind = :k",
        ExpressionAttributeValues={":k": {"S": "x"}},
    )  # fmt: skip
    assert found["Items"] == [{"id": {"S": "a"}, "kind": {"S": "x"}}]


def test_a_replica_is_removed(dynamodb, west, make, put, replicate, refused):
    make()
    replicate()
    replicate("Delete")
    assert replicas(dynamodb) == []
    assert refused(west.describe_table, TableName="table")[0] == "ResourceNotFoundException"
    put("a")


def test_a_deleted_table_leaves_the_others(dynamodb, west, make, put, replicate):
    make()
    replicate()
    put("a")
    dynamodb.delete_table(TableName="table")
    assert replicas(west) == []
    assert items(west) == [{"id": {"S": "a"}}]


def test_items_expire_in_all_replicas(undercast, dynamodb, west, make, put, replicate, clock, settle):
    make()
    specification = {"Enabled": True, "AttributeName": "expires"}
    dynamodb.update_time_to_live(TableName="table", TimeToLiveSpecification=specification)
    replicate()
    assert west.describe_time_to_live(TableName="table")["TimeToLiveDescription"]["TimeToLiveStatus"] == "ENABLED"
    put("a", expires={"N": str(undercast.platform.clock.now() // 1000 + 10)})
    clock.advance(seconds=20)
    settle()
    assert items(dynamodb) == items(west) == []


def test_settings_that_replicas_share(dynamodb, west, make, put, replicate, settle):
    make()
    put("a", kind={"S": "x"})
    replicate()
    index = {
        "IndexName": "by-kind",
        "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "KEYS_ONLY"},
    }
    dynamodb.update_table(
        TableName="table", AttributeDefinitions=[{"AttributeName": "kind", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[{"Create": index}],
    )  # fmt: skip
    specification = {"Enabled": True, "AttributeName": "expires"}
    west.update_time_to_live(TableName="table", TimeToLiveSpecification=specification)
    settle()
    found = west.query(
        TableName="table", IndexName="by-kind", KeyConditionExpression="kind = :k",
        ExpressionAttributeValues={":k": {"S": "x"}},
    )  # fmt: skip
    assert found["Count"] == 1
    assert dynamodb.describe_time_to_live(TableName="table")["TimeToLiveDescription"]["AttributeName"] == "expires"
    units = {"ReadCapacityUnits": 3, "WriteCapacityUnits": 4}
    dynamodb.update_table(
        TableName="table", BillingMode="PROVISIONED", ProvisionedThroughput=units,
        GlobalSecondaryIndexUpdates=[{"Update": {"IndexName": "by-kind", "ProvisionedThroughput": units}}],
    )  # fmt: skip
    described = west.describe_table(TableName="table")["Table"]
    assert described["ProvisionedThroughput"]["WriteCapacityUnits"] == 4


def test_what_is_refused(dynamodb, west, make, replicate, refused):
    make()
    assert "local region" in refused(replicate, region="us-east-1")[1]
    assert "was not found" in refused(replicate, action="Delete")[1]
    west.create_table(
        TableName="table", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}], BillingMode="PAY_PER_REQUEST",
    )  # fmt: skip
    assert "already existed as tables" in refused(replicate)[1]


# --- version 2017.11.29 ---


@pytest.fixture
def old_version(dynamodb, west, make):
    make(StreamSpecification=STREAM)
    west.create_table(
        TableName="table", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}], BillingMode="PAY_PER_REQUEST",
        StreamSpecification=STREAM,
    )  # fmt: skip
    group = [{"RegionName": "us-east-1"}, {"RegionName": "us-west-2"}]
    return dynamodb.create_global_table(GlobalTableName="table", ReplicationGroup=group)["GlobalTableDescription"]


def test_the_old_version_stamps_items(dynamodb, west, put, old_version, account):
    assert old_version["GlobalTableArn"] == f"arn:aws:dynamodb::{account}:global-table/table"
    put("a")
    [item] = items(west)
    assert item["aws:rep:updateregion"] == {"S": "us-east-1"}
    assert item["aws:rep:deleting"] == {"BOOL": False}
    assert "aws:rep:updatetime" in item
    assert items(dynamodb) == [item]


def test_the_old_versions_tables_are_described_and_changed(dynamodb, west, put, old_version, refused):
    described = dynamodb.describe_global_table(GlobalTableName="table")["GlobalTableDescription"]
    assert [one["RegionName"] for one in described["ReplicationGroup"]] == ["us-east-1", "us-west-2"]
    [listed] = dynamodb.list_global_tables(RegionName="us-west-2")["GlobalTables"]
    assert listed["GlobalTableName"] == "table"
    assert dynamodb.list_global_tables(RegionName="eu-west-1")["GlobalTables"] == []
    updates = [{"Delete": {"RegionName": "us-west-2"}}]
    dynamodb.update_global_table(GlobalTableName="table", ReplicaUpdates=updates)
    put("a")
    assert items(west) == []
    assert refused(dynamodb.update_global_table, GlobalTableName="table", ReplicaUpdates=updates)[0] == (
        "ReplicaNotFoundException"
    )


def test_what_the_old_version_refuses(dynamodb, make, refused):
    create, group = dynamodb.create_global_table, [{"RegionName": "us-east-1"}]
    assert refused(create, GlobalTableName="table", ReplicationGroup=group)[0] == "TableNotFoundException"
    make()
    assert refused(create, GlobalTableName="table", ReplicationGroup=group)[0] == "ValidationException"
    assert refused(dynamodb.describe_global_table, GlobalTableName="ghost") == (
        "GlobalTableNotFoundException", "Global table not found: Global table with name: 'ghost' not found.",
    )  # fmt: skip


def test_capacity_of_the_old_version(dynamodb, west, make, put, refused):
    units = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
    make(ProvisionedThroughput=units, StreamSpecification=STREAM)
    west.create_table(
        TableName="table", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}], ProvisionedThroughput=units,
        StreamSpecification=STREAM,
    )  # fmt: skip
    group = [{"RegionName": "us-east-1"}, {"RegionName": "us-west-2"}]
    dynamodb.create_global_table(GlobalTableName="table", ReplicationGroup=group)
    answer = dynamodb.update_global_table_settings(
        GlobalTableName="table", GlobalTableProvisionedWriteCapacityUnits=7,
        ReplicaSettingsUpdate=[{"RegionName": "us-west-2", "ReplicaProvisionedReadCapacityUnits": 3}],
    )  # fmt: skip
    described = dynamodb.describe_global_table_settings(GlobalTableName="table")
    assert described["ReplicaSettings"] == answer["ReplicaSettings"]
    found = [
        (one["ReplicaProvisionedReadCapacityUnits"], one["ReplicaProvisionedWriteCapacityUnits"])
        for one in answer["ReplicaSettings"]
    ]
    assert found == [(1, 7), (3, 7)]
    assert west.describe_table(TableName="table")["Table"]["ProvisionedThroughput"]["ReadCapacityUnits"] == 3
    scaling = {"MinimumUnits": 1, "MaximumUnits": 2}
    code, _ = refused(
        dynamodb.update_global_table_settings, GlobalTableName="table",
        GlobalTableProvisionedWriteCapacityAutoScalingSettingsUpdate=scaling,
    )  # fmt: skip
    assert code == "ValidationException"
