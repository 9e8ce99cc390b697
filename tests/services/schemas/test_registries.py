"""Registries and their policies."""

from __future__ import annotations

import json

from tests.services.schemas.conftest import openapi


def test_a_registry_lives(schemas, refused, account):
    made = schemas.create_registry(RegistryName="orders", Description="of ours", Tags={"a": "1"})
    assert made["RegistryArn"] == f"arn:aws:schemas:us-east-1:{account}:registry/orders"
    assert (made["RegistryName"], made["Description"], made["Tags"]) == ("orders", "of ours", {"a": "1"})
    again = refused(schemas.create_registry, RegistryName="orders")
    assert again == ("ConflictException", "Registry with name orders already exists.")
    assert schemas.update_registry(RegistryName="orders", Description="changed")["Description"] == "changed"
    assert schemas.describe_registry(RegistryName="orders")["Description"] == "changed"
    schemas.delete_registry(RegistryName="orders")
    gone = ("NotFoundException", "Registry with name orders does not exist.")
    for operation in (schemas.describe_registry, schemas.delete_registry, schemas.update_registry):
        assert refused(operation, RegistryName="orders") == gone


def test_names(schemas, refused):
    for name in ("aws.mine", "with space", "x" * 65):
        assert refused(schemas.create_registry, RegistryName=name)[0] == "BadRequestException"


def test_lists_in_pages(schemas):
    for name in ("a1", "a2", "a3", "b1"):
        schemas.create_registry(RegistryName=name)
    names = [one["RegistryName"] for one in schemas.list_registries()["Registries"]]
    assert names == ["a1", "a2", "a3", "aws.events", "b1"]
    page = schemas.list_registries(RegistryNamePrefix="a", Limit=2, Scope="LOCAL")
    assert [one["RegistryName"] for one in page["Registries"]] == ["a1", "a2"]
    rest = schemas.list_registries(RegistryNamePrefix="a", Limit=2, Scope="LOCAL", NextToken=page["NextToken"])
    assert [one["RegistryName"] for one in rest["Registries"]] == ["a3"] and "NextToken" not in rest
    assert [one["RegistryName"] for one in schemas.list_registries(Scope="AWS")["Registries"]] == ["aws.events"]


def test_aws_events_is_read_only(schemas, refused):
    assert schemas.describe_registry(RegistryName="aws.events")["RegistryArn"] == "arn:aws:schemas:us-east-1::registry/aws.events"  # fmt: skip
    assert schemas.list_schemas(RegistryName="aws.events")["Schemas"] == []
    assert refused(schemas.delete_registry, RegistryName="aws.events")[0] == "ForbiddenException"
    wanted = {"RegistryName": "aws.events", "SchemaName": "x", "Type": "OpenApi3", "Content": openapi()}
    assert refused(schemas.create_schema, **wanted)[0] == "ForbiddenException"


def test_a_registry_with_schemas_stays(schemas, registry, refused):
    schemas.create_schema(RegistryName=registry, SchemaName="one", Type="OpenApi3", Content=openapi())
    assert refused(schemas.delete_registry, RegistryName=registry)[0] == "BadRequestException"


def test_policies(schemas, registry, refused):
    assert refused(schemas.get_resource_policy, RegistryName=registry)[0] == "NotFoundException"
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "schemas:*"}]}
    put = schemas.put_resource_policy(RegistryName=registry, Policy=json.dumps(policy))
    found = schemas.get_resource_policy(RegistryName=registry)
    assert (json.loads(found["Policy"]), found["RevisionId"]) == (policy, put["RevisionId"])
    stale = refused(schemas.put_resource_policy, RegistryName=registry, Policy=json.dumps(policy), RevisionId="old")
    assert stale[0] == "PreconditionFailedException"
    assert refused(schemas.put_resource_policy, RegistryName=registry, Policy="{")[0] == "BadRequestException"
    schemas.delete_resource_policy(RegistryName=registry)
    assert refused(schemas.delete_resource_policy, RegistryName=registry)[0] == "NotFoundException"


def test_tags(schemas, registry, refused, account):
    arn = f"arn:aws:schemas:us-east-1:{account}:registry/{registry}"
    schemas.tag_resource(ResourceArn=arn, Tags={"a": "1", "b": "2"})
    schemas.untag_resource(ResourceArn=arn, TagKeys=["a", "c"])
    assert schemas.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"b": "2"}
    schemas.create_schema(RegistryName=registry, SchemaName="one", Type="OpenApi3", Content=openapi(), Tags={"c": "3"})
    schema = f"arn:aws:schemas:us-east-1:{account}:schema/{registry}/one"
    assert schemas.list_tags_for_resource(ResourceArn=schema)["Tags"] == {"c": "3"}
    assert refused(schemas.list_tags_for_resource, ResourceArn=arn + "x")[0] == "NotFoundException"
