"""AWS::KinesisFirehose and AWS::EventSchemas: made, changed, deleted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.services.cloudformation.test_types import change, make, of, remove

ROLE = "arn:aws:iam::111111111111:role/firehose"


def openapi(title: str) -> str:
    return json.dumps({"openapi": "3.0.0", "info": {"title": title, "version": "1"}, "paths": {}})


@pytest.fixture
def firehose(aws: Any) -> Any:
    return aws("firehose")


@pytest.fixture
def schemas(aws: Any) -> Any:
    return aws("schemas")


def described(firehose: Any, name: str) -> dict[str, Any]:
    return firehose.describe_delivery_stream(DeliveryStreamName=name)["DeliveryStreamDescription"]


def stream(**settings: Any) -> dict[str, Any]:
    more = settings.pop("more", {})
    if "Tags" in settings:
        more = {**more, "Tags": settings.pop("Tags")}
    bucket = {"Fn::GetAtt": ["Bucket", "Arn"]}
    wanted = {"RoleARN": ROLE, "BucketARN": bucket, **settings}
    return of("KinesisFirehose::DeliveryStream", ExtendedS3DestinationConfiguration=wanted, **more)


def test_a_delivery_stream(stacks: Any, firehose: Any, aws: Any, account: str) -> None:
    bucket = of("S3::Bucket")
    make(stacks, Bucket=bucket, Stream=stream(Prefix="a/", Tags=[{"Key": "a", "Value": "1"}]))
    name = stacks.physical("Stream")
    found = described(firehose, name)
    assert found["Destinations"][0]["ExtendedS3DestinationDescription"]["Prefix"] == "a/"
    hints = {"SizeInMBs": 1, "IntervalInSeconds": 60}
    encryption = {"DeliveryStreamEncryptionConfigurationInput": {"KeyType": "AWS_OWNED_CMK"}}
    change(
        stacks,
        Bucket=bucket,
        Stream=stream(Prefix="b/", BufferingHints=hints, Tags=[{"Key": "b", "Value": "2"}], more=encryption),
    )
    found = described(firehose, name)
    settings = found["Destinations"][0]["ExtendedS3DestinationDescription"]
    assert (settings["Prefix"], settings["BufferingHints"]) == ("b/", hints)
    assert found["DeliveryStreamEncryptionConfiguration"]["Status"] == "ENABLED"
    tags = firehose.list_tags_for_delivery_stream(DeliveryStreamName=name)["Tags"]
    assert {"Key": "b", "Value": "2"} in tags and {"Key": "a", "Value": "1"} not in tags
    change(stacks, Bucket=bucket, Stream=stream(more={"DeliveryStreamName": "other"}))
    assert firehose.list_delivery_streams()["DeliveryStreamNames"] == ["other"]
    remove(stacks)
    assert firehose.list_delivery_streams()["DeliveryStreamNames"] == []


def test_a_stream_from_kinesis(stacks: Any, firehose: Any) -> None:
    source = {"KinesisStreamARN": {"Fn::GetAtt": ["Source", "Arn"]}, "RoleARN": ROLE}
    more = {"DeliveryStreamType": "KinesisStreamAsSource", "KinesisStreamSourceConfiguration": source}
    make(stacks, Bucket=of("S3::Bucket"), Source=of("Kinesis::Stream", ShardCount=1), Stream=stream(more=more))
    assert described(firehose, stacks.physical("Stream"))["DeliveryStreamType"] == "KinesisStreamAsSource"
    remove(stacks)


def test_a_registry_and_its_schemas(stacks: Any, schemas: Any) -> None:
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "schemas:*"}]}

    def resources(title: str, **tags: str) -> dict[str, Any]:
        listed = [{"Key": key, "Value": value} for key, value in tags.items()]
        return {
            "Registry": of("EventSchemas::Registry", RegistryName="orders", Description=title, Tags=listed),
            "Schema": {
                **of("EventSchemas::Schema", RegistryName="orders", SchemaName="order", Type="OpenApi3",
                     Content=openapi(title), Tags=listed),
                "DependsOn": "Registry",
            },
            "Policy": {
                **of("EventSchemas::RegistryPolicy", RegistryName="orders", Policy=policy), "DependsOn": "Registry",
            },
        }  # fmt: skip

    make(stacks, **resources("one", a="1"))
    where = {"RegistryName": "orders", "SchemaName": "order"}
    arn = stacks.physical("Schema")
    assert arn == schemas.describe_schema(**where)["SchemaArn"]
    assert schemas.list_tags_for_resource(ResourceArn=arn)["Tags"]["a"] == "1"
    assert json.loads(schemas.get_resource_policy(RegistryName="orders")["Policy"]) == policy
    change(stacks, **resources("two", b="2"))
    assert schemas.describe_schema(**where)["SchemaVersion"] == "2"
    assert schemas.describe_registry(RegistryName="orders")["Description"] == "two"
    assert "a" not in schemas.list_tags_for_resource(ResourceArn=arn)["Tags"]
    remove(stacks)
    assert schemas.list_registries(Scope="LOCAL")["Registries"] == []


def test_a_discoverer(stacks: Any, schemas: Any) -> None:
    source = {"Fn::GetAtt": ["Bus", "Arn"]}
    bus = of("Events::EventBus", Name="shop")
    make(stacks, Bus=bus, Discoverer=of("EventSchemas::Discoverer", SourceArn=source, Description="one"))
    (found,) = schemas.list_discoverers()["Discoverers"]
    assert stacks.physical("Discoverer") == found["DiscovererArn"]
    change(stacks, Bus=bus, Discoverer=of("EventSchemas::Discoverer", SourceArn=source, CrossAccount=False))
    found = schemas.describe_discoverer(DiscovererId=found["DiscovererId"])
    assert found["CrossAccount"] is False and "Description" not in found
    remove(stacks)
    assert schemas.list_discoverers()["Discoverers"] == []


def test_a_catalog(stacks: Any, aws: Any) -> None:
    catalog = {"Ref": "AWS::AccountId"}

    def resources(*columns: str) -> dict[str, Any]:
        listed = [{"Name": column, "Type": "string"} for column in columns]
        table = {"Name": "orders", "StorageDescriptor": {"Columns": listed}}
        return {
            "Database": of("Glue::Database", CatalogId=catalog, DatabaseInput={"Description": " ".join(columns)}),
            "Table": of("Glue::Table", CatalogId=catalog, DatabaseName={"Ref": "Database"}, TableInput=table),
        }

    glue = aws("glue")
    make(stacks, **resources("a"))
    change(stacks, **resources("a", "b"))
    (database,) = glue.get_databases()["DatabaseList"]
    assert (database["Name"], database["Description"]) == (stacks.physical("Database"), "a b")
    (table,) = glue.get_tables(DatabaseName=database["Name"])["TableList"]
    assert [one["Name"] for one in table["StorageDescriptor"]["Columns"]] == ["a", "b"]
    remove(stacks)
    assert glue.get_databases()["DatabaseList"] == []
