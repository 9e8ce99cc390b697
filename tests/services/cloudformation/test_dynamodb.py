"""AWS::DynamoDB::Table and SAM's SimpleTable: made, changed, replaced, deleted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.cloudformation.test_types import change, failures, make, of, remove

NEED = ["CAPABILITY_AUTO_EXPAND"]
ON_DEMAND = {"BillingMode": "PAY_PER_REQUEST"}


@pytest.fixture
def dynamodb(aws: Any) -> Any:
    return aws("dynamodb")


def attributes(*names: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "AttributeType": "S"} for name in names]


def key(name: str = "id") -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": "HASH"}]


def index(name: str) -> dict[str, Any]:
    return {"IndexName": name, "KeySchema": key(name), "Projection": {"ProjectionType": "ALL"}}


def table(*extra: str, **properties: Any) -> dict[str, Any]:
    wanted = {**ON_DEMAND, "AttributeDefinitions": attributes("id", *extra), "KeySchema": key(), **properties}
    return of("DynamoDB::Table", **wanted)


def described(dynamodb: Any, name: str) -> dict[str, Any]:
    return dynamodb.describe_table(TableName=name)["Table"]


def test_a_table_is_made_changed_and_deleted(stacks: Any, dynamodb: Any) -> None:
    make(
        stacks,
        Table=table(
            StreamSpecification={"StreamViewType": "KEYS_ONLY"}, Tags=[{"Key": "a", "Value": "1"}],
            TimeToLiveSpecification={"AttributeName": "ttl", "Enabled": True},
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
        ),
    )  # fmt: skip
    name = stacks.physical("Table")
    found = described(dynamodb, name)
    assert found["StreamSpecification"]["StreamViewType"] == "KEYS_ONLY"
    assert dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]["TimeToLiveStatus"].startswith(
        "ENABL"
    )
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    change(
        stacks,
        Table=table(
            "city", GlobalSecondaryIndexes=[index("city")], DeletionProtectionEnabled=True, TableClass="STANDARD",
            TimeToLiveSpecification={"AttributeName": "ttl", "Enabled": True},
        ),
    )  # fmt: skip
    found = described(dynamodb, name)
    assert [one["IndexName"] for one in found["GlobalSecondaryIndexes"]] == ["city"]
    assert found["DeletionProtectionEnabled"]
    assert "StreamSpecification" not in found
    change(stacks, Table=table(TimeToLiveSpecification={"AttributeName": "ttl", "Enabled": True}))
    assert "GlobalSecondaryIndexes" not in described(dynamodb, name)
    remove(stacks)
    assert dynamodb.list_tables()["TableNames"] == []


def test_outputs_and_capacity(stacks: Any, dynamodb: Any) -> None:
    units = {"ReadCapacityUnits": 2, "WriteCapacityUnits": 3}
    made = table(
        BillingMode="PROVISIONED", ProvisionedThroughput=units, StreamSpecification={"StreamViewType": "NEW_IMAGE"}
    )
    outputs = {
        "Name": {"Value": {"Ref": "Table"}},
        "Arn": {"Value": {"Fn::GetAtt": "Table.Arn"}},
        "Stream": {"Value": {"Fn::GetAtt": "Table.StreamArn"}},
    }
    stacks.create({"Resources": {"Table": made}, "Outputs": outputs})
    told = stacks.outputs()
    found = described(dynamodb, told["Name"])
    assert (told["Arn"], told["Stream"]) == (found["TableArn"], found["LatestStreamArn"])
    made["Properties"]["ProvisionedThroughput"] = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
    stacks.update({"Resources": {"Table": made}})
    assert described(dynamodb, told["Name"])["ProvisionedThroughput"]["ReadCapacityUnits"] == 5
    stacks.update({"Resources": {"Table": table()}})
    assert described(dynamodb, told["Name"])["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"


def test_another_key_is_another_table(stacks: Any, dynamodb: Any) -> None:
    make(stacks, Table=table())
    before = stacks.physical("Table")
    change(stacks, Table=table(AttributeDefinitions=attributes("other"), KeySchema=key("other")))
    assert stacks.physical("Table") != before
    assert dynamodb.list_tables()["TableNames"] == [stacks.physical("Table")]


def test_what_is_refused(stacks: Any, dynamodb: Any) -> None:
    dynamodb.create_table(TableName="taken", AttributeDefinitions=attributes("id"), KeySchema=key(), **ON_DEMAND)
    stacks.create({"Resources": {"Table": table(TableName="taken")}})
    assert any("already exists" in reason for *_, reason in failures(stacks))


def test_two_indexes_at_once_are_refused(stacks: Any) -> None:
    make(stacks, Table=table())
    both = table("one", "two", GlobalSecondaryIndexes=[index("one"), index("two")])
    both["Properties"]["GlobalSecondaryIndexes"] = [
        index("one") | {"IndexName": "index-1"},
        index("two") | {"IndexName": "index-2"},
    ]
    stacks.update({"Resources": {"Table": both}})
    assert any("Cannot perform more than one GSI creation" in reason for *_, reason in failures(stacks))


def test_a_simple_table(stacks: Any, dynamodb: Any) -> None:
    simple = {"Type": "AWS::Serverless::SimpleTable", "Properties": {"PrimaryKey": {"Name": "code", "Type": "Number"}}}
    template = {"Transform": "AWS::Serverless-2016-10-31", "Resources": {"Simple": simple}}
    stacks.create(template, Capabilities=NEED)
    found = described(dynamodb, stacks.physical("Simple"))
    assert found["AttributeDefinitions"] == [{"AttributeName": "code", "AttributeType": "N"}]
