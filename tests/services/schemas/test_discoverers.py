"""Discovery: from a bus, and from events that are given."""

from __future__ import annotations

import json

import jsonschema
import orjson
import pytest
from botocore.exceptions import ClientError

from tests.services.schemas.conftest import openapi

EVENT = {
    "version": "0", "id": "1", "detail-type": "Order created", "source": "shop", "account": "1",
    "time": "2024-01-01T00:00:00Z", "region": "us-east-1", "resources": [],
    "detail": {"id": "1", "amount": 3, "customer": {"name": "a"}, "lines": [{"sku": "x"}]},
}  # fmt: skip


@pytest.fixture
def bus(aws):
    """The ARN of a bus."""
    return aws("events").create_event_bus(Name="shop")["EventBusArn"]


@pytest.fixture
def put(aws, undercast):
    """Puts an event on the bus and waits until it is learnt."""

    def send(detail, detail_type="Order created"):
        entry = {"EventBusName": "shop", "Source": "shop", "DetailType": detail_type, "Detail": json.dumps(detail)}
        assert aws("events").put_events(Entries=[entry])["FailedEntryCount"] == 0
        undercast.run(undercast.platform.jobs.idle())

    return send


@pytest.fixture
def latest(schemas):
    """Version and content of a discovered schema."""

    def read(name="shop@OrderCreated"):
        found = schemas.describe_schema(RegistryName="discovered-schemas", SchemaName=name)
        return found["SchemaVersion"], json.loads(found["Content"])

    return read


def nested(levels):
    return {"in": nested(levels - 1)} if levels > 1 else {}


def test_events_that_are_nested_too_deeply_are_left_out(schemas, bus, put, latest):
    schemas.create_discoverer(SourceArn=bus)
    put(nested(199), "Deep")
    put(nested(200), "Deeper")
    assert latest("shop@Deep")[0] == "1"
    names = [one["SchemaName"] for one in schemas.list_schemas(RegistryName="discovered-schemas")["Schemas"]]
    assert names == ["shop@Deep"]
    put({**nested(199), "n": 1}, "Deep")
    lists = orjson.loads("[" * 198 + "]" * 198)
    put({"in": lists}, "Lists")
    assert latest("shop@Lists")[0] == "1"
    assert latest("shop@Deep")[0] == "2"
    with pytest.raises(ClientError, match="nested too deeply"):
        schemas.get_discovered_schema(Type="OpenApi3", Events=[json.dumps(nested(201))])
    assert schemas.get_discovered_schema(Type="JSONSchemaDraft4", Events=[json.dumps(nested(200))])["Content"]


def test_schemas_are_learnt_from_a_bus(schemas, bus, put, latest):
    schemas.create_discoverer(SourceArn=bus)
    put({"id": "1", "amount": 3})
    version, document = latest()
    assert (version, document["info"]["title"]) == ("1", "OrderCreated")
    detail = document["components"]["schemas"]["OrderCreated"]
    assert detail == {
        "type": "object",
        "required": ["amount", "id"],
        "properties": {"amount": {"type": "number"}, "id": {"type": "string"}},
    }
    event = document["components"]["schemas"]["AWSEvent"]
    assert (event["x-amazon-events-source"], event["x-amazon-events-detail-type"]) == ("shop", "Order created")
    put({"id": "2", "amount": 4})
    assert latest()[0] == "1"
    put({"id": "3", "note": {"text": "new"}})
    version, document = latest()
    assert version == "2"
    assert document["components"]["schemas"]["OrderCreated"]["required"] == ["id"]
    assert document["components"]["schemas"]["Note"]["properties"] == {"text": {"type": "string"}}
    put({}, "Order paid")
    names = [one["SchemaName"] for one in schemas.list_schemas(RegistryName="discovered-schemas")["Schemas"]]
    assert names == ["shop@OrderCreated", "shop@OrderPaid"]


def test_a_version_by_hand_is_no_obstacle(schemas, bus, put, latest):
    schemas.create_discoverer(SourceArn=bus)
    put({"id": "1"})
    schemas.update_schema(RegistryName="discovered-schemas", SchemaName="shop@OrderCreated", Content=openapi())
    put({"id": "1"})
    version, document = latest()
    assert (version, document["components"]["schemas"]["OrderCreated"]["required"]) == ("3", ["id"])
    put({}, "AWS event")
    assert latest("shop@AWSEvent")[1]["components"]["schemas"].keys() == {"AWSEvent", "AWSEventDetail"}


def test_a_discoverer_lives(aws, schemas, bus, put, refused, account):
    made = schemas.create_discoverer(SourceArn=bus, Description="ours", Tags={"a": "1"})
    id = made["DiscovererId"]
    assert (id, made["State"], made["CrossAccount"], made["Tags"]) == ("events-event-bus-shop", "STARTED", True, {"a": "1"})  # fmt: skip
    assert made["DiscovererArn"] == f"arn:aws:schemas:us-east-1:{account}:discoverer/{id}"
    assert refused(schemas.create_discoverer, SourceArn=bus)[0] == "ConflictException"
    (rule,) = aws("events").list_rules(EventBusName="shop")["Rules"]
    assert (rule["Name"], rule["ManagedBy"]) == (f"Schemas-{id}", "schemas.amazonaws.com")
    with pytest.raises(ClientError, match="ManagedRuleException"):
        aws("events").remove_targets(Rule=rule["Name"], EventBusName="shop", Ids=["Schemas"])
    assert schemas.stop_discoverer(DiscovererId=id)["State"] == "STOPPED"
    put({"id": 1})
    assert schemas.list_schemas(RegistryName="discovered-schemas")["Schemas"] == []
    assert schemas.start_discoverer(DiscovererId=id)["State"] == "STARTED"
    put({"id": 1})
    assert len(schemas.list_schemas(RegistryName="discovered-schemas")["Schemas"]) == 1
    changed = schemas.update_discoverer(DiscovererId=id, Description="theirs", CrossAccount=False)
    assert (changed["Description"], changed["CrossAccount"]) == ("theirs", False)
    (listed,) = schemas.list_discoverers(SourceArnPrefix=bus[:-1], DiscovererIdPrefix="events-")["Discoverers"]
    assert listed["DiscovererId"] == id
    schemas.delete_discoverer(DiscovererId=id)
    assert aws("events").list_rules(EventBusName="shop")["Rules"] == []
    assert refused(schemas.describe_discoverer, DiscovererId=id)[0] == "NotFoundException"


def test_sources_that_are_none(schemas, refused, account):
    for arn in ("x" * 20, f"arn:aws:sqs:us-east-1:{account}:queue", f"arn:aws:events:us-east-1:{account}:event-bus/no"):
        assert refused(schemas.create_discoverer, SourceArn=arn)[0] == "BadRequestException"


def test_schema_of_given_events(schemas):
    other = {**EVENT, "detail": {"id": "2", "amount": "much"}}
    found = schemas.get_discovered_schema(Events=[json.dumps(EVENT), json.dumps(other)], Type="OpenApi3")
    components = json.loads(found["Content"])["components"]["schemas"]
    assert components["OrderCreated"]["required"] == ["amount", "id"]
    assert components["OrderCreated"]["properties"]["amount"] == {}
    assert components["OrderCreated"]["properties"]["lines"] == {
        "type": "array", "items": {"$ref": "#/components/schemas/LinesItem"},
    }  # fmt: skip


def test_given_events_as_json_schema(schemas):
    found = schemas.get_discovered_schema(Events=[json.dumps(EVENT)], Type="JSONSchemaDraft4")
    schema = json.loads(found["Content"])
    jsonschema.Draft4Validator.check_schema(schema)
    jsonschema.validate(EVENT, schema, jsonschema.Draft4Validator)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**EVENT, "detail": {}}, schema, jsonschema.Draft4Validator)


def test_what_is_no_event(schemas, refused):
    for text in ("no json", "[]"):
        assert refused(schemas.get_discovered_schema, Events=[text], Type="OpenApi3")[0] == "BadRequestException"
