"""Batches: each item for itself."""

from __future__ import annotations


def key(name):
    return {"id": {"S": name}}


def put(name, **attributes):
    return {"PutRequest": {"Item": {**key(name), **attributes}}}


def test_write_and_get(dynamodb, make):
    one, two = make("one"), make("two")
    answer = dynamodb.batch_write_item(RequestItems={one: [put("a"), put("b")], two: [put("a", x={"B": b"1"})]})
    assert answer["UnprocessedItems"] == {}
    dynamodb.batch_write_item(RequestItems={one: [{"DeleteRequest": {"Key": key("b")}}]})
    answer = dynamodb.batch_get_item(
        RequestItems={one: {"Keys": [key("a"), key("b")]}, two: {"Keys": [key("a")], "ProjectionExpression": "x"}}
    )
    assert answer["Responses"] == {one: [key("a")], two: [{"x": {"B": b"1"}}]}
    assert answer["UnprocessedKeys"] == {}


def test_what_does_not_fit_into_16_mb_is_given_back(dynamodb, table):
    for number in range(45):
        dynamodb.put_item(TableName=table, Item={**key(f"k{number:02}"), "x": {"S": "x" * 400_000}})
    keys = [key(f"k{number:02}") for number in range(45)]
    answer = dynamodb.batch_get_item(RequestItems={table: {"Keys": keys}})
    returned = [{"id": item["id"]} for item in answer["Responses"][table]]
    assert len(returned) == 41
    assert returned + answer["UnprocessedKeys"][table]["Keys"] == keys


def test_what_is_throttled_is_given_back(dynamodb, make, clock, refused):
    clock.stop()
    units = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
    name = make("slow", ProvisionedThroughput=units, Tags=[{"Key": "undercast:throttling", "Value": "on"}])
    large = {"S": "x" * 310_000}
    wanted = [put("a", x=large), put("b")]
    assert dynamodb.batch_write_item(RequestItems={name: wanted})["UnprocessedItems"] == {name: wanted[1:]}
    code, _ = refused(dynamodb.batch_write_item, RequestItems={name: wanted[1:]})
    assert code == "ProvisionedThroughputExceededException"


def test_capacity_is_reported_for_each_table(dynamodb, make):
    one, two = make("one"), make("two")
    wanted = {one: [put("a"), put("b")], two: [put("a")]}
    answer = dynamodb.batch_write_item(RequestItems=wanted, ReturnConsumedCapacity="TOTAL")
    assert answer["ConsumedCapacity"] == [
        {"TableName": one, "CapacityUnits": 2.0}, {"TableName": two, "CapacityUnits": 1.0},
    ]  # fmt: skip


def test_refusals(dynamodb, table, invalid, refused):
    def write(*requests, name=table):
        return {"RequestItems": {name: list(requests)}}

    duplicates = "Provided list of item keys contains duplicates"
    assert invalid(dynamodb.batch_write_item, **write(put("a"), put("a"))) == duplicates
    assert invalid(dynamodb.batch_get_item, RequestItems={table: {"Keys": [key("a"), key("a")]}}) == duplicates
    wrong_key = {"PutRequest": {"Item": {"x": {"S": ""}}}}
    assert (
        invalid(dynamodb.batch_write_item, **write(wrong_key)) == "The provided key element does not match the schema"
    )
    many = {name: [put(str(number)) for number in range(13)] for name in ("one", "two")}
    assert (
        invalid(dynamodb.batch_write_item, RequestItems=many) == "Too many items requested for the BatchWriteItem call"
    )
    gets = {name: {"Keys": [key(str(number)) for number in range(51)]} for name in ("one", "two")}
    assert invalid(dynamodb.batch_get_item, RequestItems=gets) == "Too many items requested for the BatchGetItem call"
    assert refused(dynamodb.batch_write_item, **write(put("a"), name="none")) == (
        "ResourceNotFoundException", "Requested resource not found",
    )  # fmt: skip
    large = put("a", x={"S": "x" * 409_600})
    assert invalid(dynamodb.batch_write_item, **write(large)) == "Item size has exceeded the maximum allowed size"


def test_a_batch_that_is_refused_writes_nothing(dynamodb, table, invalid):
    invalid(dynamodb.batch_write_item, RequestItems={table: [put("a"), {"DeleteRequest": {"Key": {"x": {"S": ""}}}}]})
    assert dynamodb.scan(TableName=table)["Count"] == 0
