"""Queries and scans: against a sorted list, in pages, through indexes, and what they refuse."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

GLOBAL = [{"IndexName": "by-city", "KeySchema": [{"AttributeName": "city", "KeyType": "HASH"},
                                                 {"AttributeName": "n", "KeyType": "RANGE"}],
           "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["extra"]}}]  # fmt: skip
LOCAL = [{"IndexName": "by-name", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"},
                                                {"AttributeName": "who", "KeyType": "RANGE"}],
          "Projection": {"ProjectionType": "KEYS_ONLY"}}]  # fmt: skip


def put(dynamodb, table, numbers, **attributes):
    for number in numbers:
        dynamodb.put_item(TableName=table, Item={"id": {"S": "a"}, "n": {"N": str(number)}, **attributes})


def numbers_of(answer):
    return [Decimal(item["n"]["N"]) for item in answer["Items"]]


def query(dynamodb, table, condition="id = :id", values=None, **options):
    return dynamodb.query(
        TableName=table, KeyConditionExpression=condition,
        ExpressionAttributeValues={":id": {"S": "a"}, **(values or {})}, **options,
    )  # fmt: skip


def pages(operation, limit, **options):
    """The pages of a query or scan."""
    found = []
    while True:
        answer = operation(Limit=limit, **options)
        found.append(answer["Items"])
        if "LastEvaluatedKey" not in answer:
            return found
        options["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


numbers = st.decimals(-1000, 1000, places=2)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    st.sets(numbers, max_size=12),
    numbers,
    numbers,
    st.sampled_from(["=", "<", "<=", ">", ">=", "between"]),
    st.booleans(),
)
def test_a_query_is_a_stretch_of_a_sorted_list(dynamodb, sorted_table, some, low, high, operator, forward):
    low, high = sorted((low, high))
    for item in dynamodb.scan(TableName=sorted_table)["Items"]:
        dynamodb.delete_item(TableName=sorted_table, Key=item)
    put(dynamodb, sorted_table, some)
    between = operator == "between"
    condition = "id = :id AND n BETWEEN :low AND :high" if between else f"id = :id AND n {operator} :low"
    values = {":low": {"N": str(low)}, **({":high": {"N": str(high)}} if between else {})}
    answer = query(dynamodb, sorted_table, condition, values, ScanIndexForward=forward)
    test = {
        "=": low.__eq__, "<": low.__gt__, "<=": low.__ge__, ">": low.__lt__, ">=": low.__le__,
        "between": lambda number: low <= number <= high,
    }[operator]  # fmt: skip
    assert numbers_of(answer) == sorted(filter(test, some), reverse=not forward)


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("limit", [1, 3, 10, 11])
def test_pages_are_the_whole(dynamodb, sorted_table, limit, forward):
    put(dynamodb, sorted_table, range(10))
    options = {
        "TableName": sorted_table, "KeyConditionExpression": "id = :id", "ScanIndexForward": forward,
        "ExpressionAttributeValues": {":id": {"S": "a"}},
    }  # fmt: skip
    found = pages(dynamodb.query, limit, **options)
    assert [int(item["n"]["N"]) for page in found for item in page] == sorted(range(10), reverse=not forward)
    assert all(len(page) <= limit for page in found)


def test_strings_begin_with(dynamodb, make):
    make("names", "id", "name")
    for name in ("", "a", "ab", "abc", "b", "\U0010ffff", "\U0010ffffx"):
        if name:
            dynamodb.put_item(TableName="names", Item={"id": {"S": "a"}, "name": {"S": name}})
    for prefix, count in (("ab", 2), ("\U0010ffff", 2), ("z", 0)):
        answer = dynamodb.query(
            TableName="names", KeyConditionExpression="id = :i AND begins_with(#n, :p)",
            ExpressionAttributeNames={"#n": "name"},
            ExpressionAttributeValues={":i": {"S": "a"}, ":p": {"S": prefix}},
        )  # fmt: skip
        assert answer["Count"] == count


def test_a_page_ends_at_one_megabyte(dynamodb, sorted_table):
    put(dynamodb, sorted_table, range(12), pad={"S": "x" * 100_000})
    first = query(dynamodb, sorted_table)
    assert first["Count"] == 11  # the item that passes the limit is the last one
    rest = query(dynamodb, sorted_table, ExclusiveStartKey=first["LastEvaluatedKey"])
    assert rest["Count"] == 1
    assert "LastEvaluatedKey" not in rest


def test_many_small_items_are_one_page(dynamodb, sorted_table):
    for first in range(0, 300, 25):
        puts = [{"PutRequest": {"Item": {"id": {"S": "a"}, "n": {"N": str(n)}}}} for n in range(first, first + 25)]
        dynamodb.batch_write_item(RequestItems={sorted_table: puts})
    answer = query(dynamodb, sorted_table)
    assert numbers_of(answer) == list(range(300))


def test_filters_count_what_they_look_at(dynamodb, sorted_table):
    put(dynamodb, sorted_table, range(5), even={"BOOL": True})
    put(dynamodb, sorted_table, range(5, 8))
    answer = query(dynamodb, sorted_table, FilterExpression="attribute_exists(even)", Limit=6)
    assert (answer["Count"], answer["ScannedCount"]) == (5, 6)
    assert answer["LastEvaluatedKey"] == {"id": {"S": "a"}, "n": {"N": "5"}}
    counted = query(dynamodb, sorted_table, Select="COUNT")
    assert (counted["Count"], "Items" in counted) == (8, False)
    old = dynamodb.query(
        TableName=sorted_table,
        KeyConditions={"id": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "a"}]},
                       "n": {"ComparisonOperator": "GT", "AttributeValueList": [{"N": "3"}]}},
        QueryFilter={"even": {"ComparisonOperator": "NULL"}}, AttributesToGet=["n"],
    )  # fmt: skip
    assert old["Items"] == [{"n": {"N": str(n)}} for n in (5, 6, 7)]


# --- indexes ---


@pytest.fixture
def people(dynamodb, make):
    """A table with a global and a local index, and four items."""
    make("people", "id", "n:N", also=("city", "who"), GlobalSecondaryIndexes=GLOBAL, LocalSecondaryIndexes=LOCAL)
    for number, (city, who) in enumerate([("Bern", "zoe"), ("Bern", "amy"), ("Rome", "max"), (None, None)]):
        item = {"id": {"S": "a"}, "n": {"N": str(number)}, "extra": {"S": "e"}, "more": {"S": "m"}}
        item |= {"city": {"S": city}, "who": {"S": who}} if city else {}
        dynamodb.put_item(TableName="people", Item=item)
    return "people"


def in_city(dynamodb, city, **options):
    return dynamodb.query(
        TableName="people", IndexName="by-city", KeyConditionExpression="city = :c",
        ExpressionAttributeValues={":c": {"S": city}}, **options,
    )  # fmt: skip


def test_a_global_index_has_what_is_projected(dynamodb, people):
    answer = in_city(dynamodb, "Bern", ReturnConsumedCapacity="INDEXES")
    assert answer["Items"] == [
        {"id": {"S": "a"}, "n": {"N": str(n)}, "city": {"S": "Bern"}, "extra": {"S": "e"}} for n in (0, 1)
    ]
    assert answer["ConsumedCapacity"]["GlobalSecondaryIndexes"] == {"by-city": {"CapacityUnits": 0.5}}


def test_an_index_follows_changes(dynamodb, people):
    key = {"id": {"S": "a"}, "n": {"N": "0"}}
    move = {"TableName": people, "Key": key, "ExpressionAttributeValues": {":c": {"S": "Rome"}}}
    dynamodb.update_item(UpdateExpression="SET city = :c", **move)
    assert (in_city(dynamodb, "Bern")["Count"], in_city(dynamodb, "Rome")["Count"]) == (1, 2)
    dynamodb.update_item(TableName=people, Key=key, UpdateExpression="REMOVE city")
    dynamodb.delete_item(TableName=people, Key={"id": {"S": "a"}, "n": {"N": "2"}})
    assert in_city(dynamodb, "Rome")["Count"] == 0
    assert dynamodb.scan(TableName=people, IndexName="by-city")["Count"] == 1


def test_pages_through_a_global_index_with_equal_keys(dynamodb, make):
    index = [{**GLOBAL[0], "KeySchema": GLOBAL[0]["KeySchema"][:1], "Projection": {"ProjectionType": "ALL"}}]
    make("many", "id", also=("city",), GlobalSecondaryIndexes=index)
    names = [f"k{number}" for number in range(7)]
    for name in names:
        dynamodb.put_item(TableName="many", Item={"id": {"S": name}, "city": {"S": "X"}})
    for forward in (True, False):
        options = {
            "TableName": "many", "IndexName": "by-city", "KeyConditionExpression": "city = :c",
            "ExpressionAttributeValues": {":c": {"S": "X"}}, "ScanIndexForward": forward,
        }  # fmt: skip
        found = [item["id"]["S"] for page in pages(dynamodb.query, 2, **options) for item in page]
        assert sorted(found) == names


def test_a_local_index_fetches_from_the_table(dynamodb, people):
    options = {
        "TableName": people, "IndexName": "by-name", "KeyConditionExpression": "id = :i",
        "ExpressionAttributeValues": {":i": {"S": "a"}},
    }  # fmt: skip
    answer = dynamodb.query(**options)
    assert [item["who"]["S"] for item in answer["Items"]] == ["amy", "max", "zoe"]
    assert "more" not in answer["Items"][0]
    assert dynamodb.query(Select="ALL_ATTRIBUTES", **options)["Items"][0]["more"] == {"S": "m"}
    assert dynamodb.query(ProjectionExpression="more", **options)["Items"] == [{"more": {"S": "m"}}] * 3


def test_item_collections_are_measured_where_a_local_index_is(dynamodb, people, table):
    def metrics(name, item):
        answer = dynamodb.put_item(TableName=name, Item=item, ReturnItemCollectionMetrics="SIZE")
        return answer.get("ItemCollectionMetrics")

    found = metrics(people, {"id": {"S": "a"}, "n": {"N": "9"}})
    assert found == {"ItemCollectionKey": {"id": {"S": "a"}}, "SizeEstimateRangeGB": [0.0, 1.0]}
    assert metrics(table, {"id": {"S": "a"}}) is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"IndexName": "none"}, "The table does not have the specified index: none"),
        ({"IndexName": "by-city", "ConsistentRead": True},
         "Consistent reads are not supported on global secondary indexes"),
        ({"IndexName": "by-city", "Select": "ALL_ATTRIBUTES"},
         "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary "
         "index by-city because its projection type is not ALL"),
        ({"IndexName": "by-city", "ProjectionExpression": "more, extra"},
         "One or more parameter values were invalid: Global secondary index by-city does not project [more]"),
        ({"Select": "ALL_PROJECTED_ATTRIBUTES"},
         "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"),
        ({"Select": "COUNT", "ProjectionExpression": "a"},
         "Cannot specify the ProjectionExpression when choosing to get only the Count"),
        ({"ExclusiveStartKey": {"id": {"S": "a"}}},
         "The provided starting key is invalid: The provided key element does not match the schema"),
        ({"Segment": 0},
         "The TotalSegments parameter is required but was not present in the request when Segment parameter is present"),
        ({"TotalSegments": 2},
         "The Segment parameter is required but was not present in the request when parameter TotalSegments is present"),
        ({"Segment": 2, "TotalSegments": 2},
         "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 2 is not less than "
         "TotalSegments: 2"),
    ],
)  # fmt: skip
def test_scans_that_are_refused(dynamodb, people, invalid, options, message):
    assert invalid(dynamodb.scan, TableName=people, **options) == message


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ({"city": {"N": "1"}},
         "One or more parameter values were invalid: Type mismatch for Index Key city Expected: S Actual: N "
         "IndexName: by-city"),
        ({"city": {"S": ""}},
         "One or more parameter values are not valid. A value specified for a secondary index key is not supported. "
         "The AttributeValue for a key attribute cannot contain an empty string value. IndexName: by-city, "
         "IndexKey: city"),
    ],
)  # fmt: skip
def test_items_that_an_index_does_not_take(dynamodb, people, invalid, item, message):
    assert invalid(dynamodb.put_item, TableName=people, Item={"id": {"S": "b"}, "n": {"N": "1"}, **item}) == message


def test_updates_that_an_index_does_not_take(dynamodb, people, invalid):
    key = {"id": {"S": "a"}, "n": {"N": "0"}}

    def update(value):
        return invalid(
            dynamodb.update_item, TableName=people, Key=key, UpdateExpression="SET city = :v",
            ExpressionAttributeValues={":v": value},
        )  # fmt: skip

    assert update({"N": "1"}) == "The update expression attempted to update the secondary index key to unsupported type"
    assert "attempted to update a secondary index key to a value that is not supported" in update({"S": ""})
    assert in_city(dynamodb, "Bern")["Count"] == 2


# --- refused key conditions ---


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("n = :n", "Query condition missed key schema element: id"),
        ("id = :s AND x = :n", "Query condition missed key schema element: n"),
        ("id > :s", "Query key condition not supported"),
        ("id = :n", "One or more parameter values were invalid: Condition parameter type does not match schema type"),
        ("id = :s AND n = :s",
         "One or more parameter values were invalid: Condition parameter type does not match schema type"),
        ("id = :s AND n <> :n",
         "Invalid KeyConditionExpression: Invalid operator used in KeyConditionExpression: <>"),
        ("id = :s OR n = :n", "Invalid KeyConditionExpression: Invalid operator used in KeyConditionExpression: OR"),
        ("id = :s AND n > :n AND n < :n",
         "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key"),
        ("id.x = :s",
         "Invalid KeyConditionExpression: KeyConditionExpressions cannot have conditions on nested attributes"),
    ],
)  # fmt: skip
def test_key_conditions_that_are_refused(dynamodb, sorted_table, invalid, condition, message):
    values = {name: value for name, value in {":s": {"S": "a"}, ":n": {"N": "1"}}.items() if name in condition}
    asked = {"TableName": sorted_table, "KeyConditionExpression": condition, "ExpressionAttributeValues": values}
    assert invalid(dynamodb.query, **asked) == message


def test_other_refusals_of_queries(dynamodb, sorted_table, invalid):
    assert invalid(dynamodb.query, TableName=sorted_table) == (
        "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."
    )
    asked = {
        "TableName": sorted_table, "KeyConditionExpression": "id = :s", "ExpressionAttributeValues": {":s": {"S": "a"}},
    }  # fmt: skip
    assert invalid(dynamodb.query, FilterExpression="n = :s", **asked) == (
        "Filter Expression can only contain non-primary key attributes: Primary key attribute: n"
    )
    elsewhere = {"id": {"S": "b"}, "n": {"N": "1"}}
    assert invalid(dynamodb.query, ExclusiveStartKey=elsewhere, **asked) == (
        "The provided starting key is outside query boundaries based on provided conditions"
    )


# --- scans ---


@pytest.mark.parametrize("total", [1, 3, 7])
def test_segments_are_the_whole_and_nothing_twice(dynamodb, table, total):
    ids = [f"user-{number}" for number in range(40)]
    for first in range(0, 40, 20):
        puts = [{"PutRequest": {"Item": {"id": {"S": name}}}} for name in ids[first : first + 20]]
        dynamodb.batch_write_item(RequestItems={table: puts})
    found = []
    for number in range(total):
        for page in pages(dynamodb.scan, 4, TableName=table, Segment=number, TotalSegments=total):
            found += [item["id"]["S"] for item in page]
    assert sorted(found) == sorted(ids)


def test_scan_with_a_filter_of_each_kind(dynamodb, sorted_table):
    put(dynamodb, sorted_table, range(4))
    values = {":n": {"N": "2"}}
    new = dynamodb.scan(TableName=sorted_table, FilterExpression="n >= :n", ExpressionAttributeValues=values)
    condition = {"n": {"ComparisonOperator": "GE", "AttributeValueList": [{"N": "2"}]}}
    old = dynamodb.scan(TableName=sorted_table, ScanFilter=condition)
    assert numbers_of(new) == numbers_of(old) == [2, 3]
