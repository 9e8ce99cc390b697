"""A table with indexes against a plain dict: whatever is done to it, every way of reading it agrees."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

INDEX = {"IndexName": "by-city", "KeySchema": [{"AttributeName": "city", "KeyType": "HASH"},
                                               {"AttributeName": "age", "KeyType": "RANGE"}],
         "Projection": {"ProjectionType": "ALL"}}  # fmt: skip
LOCAL = {"IndexName": "by-age", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"},
                                              {"AttributeName": "age", "KeyType": "RANGE"}],
         "Projection": {"ProjectionType": "KEYS_ONLY"}}  # fmt: skip

ids, places, ages = st.sampled_from("ab"), st.integers(0, 3), st.integers(-5, 5)
cities = st.sampled_from(["Bern", "Rome"])
steps = st.one_of(
    st.tuples(st.just("put"), ids, places, st.one_of(st.none(), cities), st.one_of(st.none(), ages)),
    st.tuples(st.just("move"), ids, places, cities, ages),
    st.tuples(st.just("forget"), ids, places, st.none(), st.none()),
    st.tuples(st.just("delete"), ids, places, st.none(), st.none()),
)


@pytest.fixture
def table(make):
    return make(
        "table", "id", "n:N", also=("city", "age:N"), GlobalSecondaryIndexes=[INDEX], LocalSecondaryIndexes=[LOCAL]
    )


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(todo=st.lists(steps, max_size=12))
def test_every_reading_agrees(dynamodb, table, todo):
    for item in dynamodb.scan(TableName=table, ProjectionExpression="id, n")["Items"]:
        dynamodb.delete_item(TableName=table, Key=item)
    model: dict[tuple[str, int], dict] = {}
    for step in todo:
        do(dynamodb, table, model, *step)
    everything = sorted(model.values(), key=place)
    assert sorted(dynamodb.scan(TableName=table)["Items"], key=place) == everything
    for id in "ab":
        mine = [item for item in everything if item["id"]["S"] == id]
        assert query(dynamodb, table, "id", id) == mine
        aged = sorted((item for item in mine if "age" in item), key=age)
        assert [age(item) for item in query(dynamodb, table, "id", id, IndexName="by-age")] == list(map(age, aged))
    for city in ("Bern", "Rome"):
        inside = [item for item in everything if item.get("city") == {"S": city} and "age" in item]
        found = query(dynamodb, table, "city", city, IndexName="by-city")
        assert [age(item) for item in found] == sorted(map(age, inside))
        assert sorted(found, key=place) == inside


def do(dynamodb, table, model, kind, id, number, city, years):
    key = {"id": {"S": id}, "n": {"N": str(number)}}
    if kind == "put":
        item = {
            **key,
            **({"city": {"S": city}} if city else {}),
            **({"age": {"N": str(years)}} if years is not None else {}),
        }
        dynamodb.put_item(TableName=table, Item=item)
        model[id, number] = item
    elif kind == "move":
        values = {":c": {"S": city}, ":a": {"N": str(years)}}
        dynamodb.update_item(
            TableName=table, Key=key, UpdateExpression="SET city = :c, age = :a", ExpressionAttributeValues=values
        )
        model[id, number] = {**model.get((id, number), key), "city": values[":c"], "age": values[":a"]}
    elif kind == "forget":
        dynamodb.update_item(TableName=table, Key=key, UpdateExpression="REMOVE city")
        kept = model.get((id, number), key)
        model[id, number] = {name: value for name, value in kept.items() if name != "city"}
    else:
        dynamodb.delete_item(TableName=table, Key=key)
        model.pop((id, number), None)


def query(dynamodb, table, name, value, **options):
    return dynamodb.query(
        TableName=table, KeyConditionExpression="#k = :v", ExpressionAttributeNames={"#k": name},
        ExpressionAttributeValues={":v": {"S": value}}, **options,
    )["Items"]  # fmt: skip


def place(item):
    return item["id"]["S"], int(item["n"]["N"])


def age(item):
    return Decimal(item["age"]["N"])
