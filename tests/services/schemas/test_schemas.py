"""Schemas, their versions, search and export."""

from __future__ import annotations

import json

import pytest

from tests.services.schemas.conftest import openapi

DRAFT_4 = {"$schema": "http://json-schema.org/draft-04/schema#", "type": "object"}


@pytest.fixture
def create(schemas, registry):
    def make(name="one", content=None, type="OpenApi3", **more):
        return schemas.create_schema(
            RegistryName=registry, SchemaName=name, Type=type, Content=content or openapi(), **more
        )

    return make


def test_versions(schemas, registry, create, refused, account):
    made = create(Description="orders")
    assert made["SchemaArn"] == f"arn:aws:schemas:us-east-1:{account}:schema/orders/one"
    assert (made["SchemaVersion"], made["Type"], made["Description"]) == ("1", "OpenApi3", "orders")
    where = {"RegistryName": registry, "SchemaName": "one"}
    assert schemas.update_schema(**where, Content=openapi())["SchemaVersion"] == "1"
    assert schemas.update_schema(**where, Content=openapi("Other"))["SchemaVersion"] == "2"
    assert schemas.describe_schema(**where)["Content"] == openapi("Other")
    assert schemas.describe_schema(**where, SchemaVersion="1")["Content"] == openapi()
    listed = schemas.list_schema_versions(**where)["SchemaVersions"]
    assert [one["SchemaVersion"] for one in listed] == ["2", "1"]
    page = schemas.list_schema_versions(**where, Limit=1)
    rest = schemas.list_schema_versions(**where, Limit=1, NextToken=page["NextToken"])
    assert [one["SchemaVersion"] for one in rest["SchemaVersions"]] == ["1"]
    for other in (schemas.list_registries(Limit=1)["NextToken"], "nonsense"):
        assert refused(schemas.list_schema_versions, **where, NextToken=other) == (
            "BadRequestException", "The NextToken is not valid.",
        )  # fmt: skip
    schemas.delete_schema_version(**where, SchemaVersion="2")
    assert schemas.describe_schema(**where)["SchemaVersion"] == "1"
    assert refused(schemas.describe_schema, **where, SchemaVersion="2")[0] == "NotFoundException"
    schemas.delete_schema(**where)
    assert refused(schemas.describe_schema, **where) == ("NotFoundException", "Schema with name one does not exist.")


def test_names_are_unique(create, refused):
    create()
    assert refused(create) == ("ConflictException", "Schema with name one already exists.")


def test_lists_and_search(schemas, registry, create):
    create("order.created", openapi("OrderCreated"))
    create("order.paid", openapi("OrderPaid", amount={"type": "number"}))
    create("user.left", openapi("UserLeft"))
    found = schemas.list_schemas(RegistryName=registry, SchemaNamePrefix="order")["Schemas"]
    assert [(one["SchemaName"], one["VersionCount"]) for one in found] == [("order.created", 1), ("order.paid", 1)]

    def search(words):
        answer = schemas.search_schemas(RegistryName=registry, Keywords=words)["Schemas"]
        assert all(one["SchemaVersions"][0]["SchemaVersion"] == "1" for one in answer)
        return [one["SchemaName"] for one in answer]

    assert search("ORDER") == ["order.created", "order.paid"]
    assert search("order amount") == ["order.paid"]
    assert search("100%") == []


@pytest.mark.parametrize(
    ("type", "document"),
    [
        ("OpenApi3", "no json"),
        ("OpenApi3", "[]"),
        ("OpenApi3", {"openapi": "2.0", "info": {"title": "x", "version": "1"}, "paths": {}}),
        ("OpenApi3", {"openapi": "3.0.0", "info": {"title": "x"}, "paths": {}}),
        ("OpenApi3", {"openapi": "3.0.0", "info": {"title": "x", "version": "1"}}),
        ("OpenApi3", json.loads(openapi(a={"$ref": "#/components/schemas/Missing"}))),
        ("JSONSchemaDraft4", {"type": "object"}),
        ("JSONSchemaDraft4", {**DRAFT_4, "type": "nothing"}),
        ("Avro", {}),
    ],
)
def test_documents_that_are_none(create, refused, type, document):
    content = document if isinstance(document, str) else json.dumps(document)
    assert refused(create, content=content, type=type)[0] == "BadRequestException"


def test_json_schemas_are_kept(schemas, registry, create, refused):
    create(content=json.dumps(DRAFT_4), type="JSONSchemaDraft4")
    where = {"RegistryName": registry, "SchemaName": "one"}
    assert schemas.describe_schema(**where)["Type"] == "JSONSchemaDraft4"
    assert refused(schemas.export_schema, **where, Type="JSONSchemaDraft4")[0] == "BadRequestException"


def test_export(schemas, registry, create, refused):
    document = json.loads(openapi(customer={"$ref": "#/components/schemas/Customer"}))
    document["components"]["schemas"]["Customer"] = {"type": "object"}
    create(content=json.dumps(document))
    where = {"RegistryName": registry, "SchemaName": "one"}
    exported = schemas.export_schema(**where, Type="JSONSchemaDraft4")
    assert json.loads(exported["Content"]) == {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "title": "Order",
        "type": "object",
        "properties": {"customer": {"$ref": "#/definitions/Customer"}},
        "definitions": {"Customer": {"type": "object"}},
    }
    assert refused(schemas.export_schema, **where, Type="OpenApi3")[0] == "BadRequestException"
