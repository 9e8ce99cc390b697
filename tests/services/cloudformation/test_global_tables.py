"""AWS::DynamoDB::GlobalTable: made, changed and deleted with its replicas."""

from __future__ import annotations

import pytest

from tests.recorded import recorded


@pytest.fixture
def here(aws):
    return aws("dynamodb")


@pytest.fixture
def west(aws):
    return aws("dynamodb", region_name="us-west-2")


def template(*replicas, **properties):
    table = {
        "TableName": "global",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
        "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
        "Replicas": [{"Region": region, **more} for region, more in replicas],
        **properties,
    }
    return {
        "Resources": {"Table": {"Type": "AWS::DynamoDB::GlobalTable", "Properties": table}},
        "Outputs": {
            "Arn": {"Value": {"Fn::GetAtt": ["Table", "Arn"]}},
            "Stream": {"Value": {"Fn::GetAtt": ["Table", "StreamArn"]}},
            "Name": {"Value": {"Ref": "Table"}},
        },
    }


HERE, WEST = ("us-east-1", {}), ("us-west-2", {})
RECOVERY = {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}}


def recovers(client):
    answer = client.describe_continuous_backups(TableName="global")["ContinuousBackupsDescription"]
    return answer["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]


def test_a_table_with_replicas(stacks, here, west):
    stack = stacks.create(template(HERE, ("us-west-2", {**RECOVERY, "Tags": [{"Key": "a", "Value": "b"}]})))
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    described = here.describe_table(TableName="global")["Table"]
    assert stacks.outputs() == {
        "Arn": described["TableArn"], "Stream": described["LatestStreamArn"], "Name": "global",
    }  # fmt: skip
    here.put_item(TableName="global", Item={"id": {"S": "a"}})
    assert west.scan(TableName="global")["Count"] == 1
    assert (recovers(here), recovers(west)) == ("DISABLED", "ENABLED")
    arn = west.describe_table(TableName="global")["Table"]["TableArn"]
    assert {"Key": "a", "Value": "b"} in west.list_tags_of_resource(ResourceArn=arn)["Tags"]


def test_replicas_come_and_go(stacks, here, west, aws):
    stacks.create(template(HERE, WEST))
    europe = aws("dynamodb", region_name="eu-west-1")
    stack = stacks.update(template(("us-east-1", RECOVERY), ("eu-west-1", RECOVERY)))
    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    assert (recovers(here), recovers(europe)) == ("ENABLED", "ENABLED")
    assert west.list_tables()["TableNames"] == []
    stacks.delete()
    assert here.list_tables()["TableNames"] == europe.list_tables()["TableNames"] == []


def test_provisioned_capacity(stacks, here):
    scaling = {"MinCapacity": 7, "MaxCapacity": 9, "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 70}}
    properties = {
        "BillingMode": "PROVISIONED",
        "WriteProvisionedThroughputSettings": {"WriteCapacityAutoScalingSettings": scaling},
    }
    reads = {"ReadProvisionedThroughputSettings": {"ReadCapacityUnits": 3}}
    stacks.create(template(("us-east-1", reads), **properties))
    throughput = here.describe_table(TableName="global")["Table"]["ProvisionedThroughput"]
    assert (throughput["ReadCapacityUnits"], throughput["WriteCapacityUnits"]) == (3, 7)


def test_another_name_is_another_table(stacks, here):
    stacks.create(template(HERE))
    stacks.update(template(HERE, TableName="renamed"))
    assert here.list_tables()["TableNames"] == ["renamed"]


def test_a_replica_here_is_needed(stacks):
    assert stacks.create(template(WEST))["StackStatus"] == "ROLLBACK_COMPLETE"


def test_recorded_table_v2(stacks, here):
    stacks.create(template(HERE))
    case = recorded("dynamodb_streams::TestDynamoDBStreams::test_table_v2_stream", "dynamodbstreams")
    case.check("global-table-v2", here.describe_table(TableName="global"))
