"""Put, get, update and delete of one item, and what they refuse in AWS's order."""

from __future__ import annotations

import pytest

KEY = {"id": {"S": "a"}}
NO_TABLE = ("ResourceNotFoundException", "Requested resource not found")
FAILED = ("ConditionalCheckFailedException", "The conditional request failed")


def test_an_item_comes_back_as_it_was(dynamodb, table):
    item = {
        **KEY, "n": {"N": "1.5"}, "b": {"B": b"\x00\xff"}, "t": {"BOOL": True}, "z": {"NULL": True},
        "ss": {"SS": ["x", "y"]}, "ns": {"NS": ["1", "2"]}, "bs": {"BS": [b"1", b"2"]},
        "l": {"L": [{"B": b"in"}, {"M": {"B": {"B": b"deep"}}}]}, "e": {"S": ""},
    }  # fmt: skip
    dynamodb.put_item(TableName=table, Item=item)
    assert dynamodb.get_item(TableName=table, Key=KEY)["Item"] == item


def test_numbers_are_kept_exactly_and_without_needless_zeros(dynamodb, table):
    dynamodb.put_item(TableName=table, Item={**KEY, "n": {"N": "0012345678901234567890123456789012345678.0"}})
    assert dynamodb.get_item(TableName=table, Key=KEY)["Item"]["n"] == {"N": "12345678901234567890123456789012345678"}


def test_get_of_nothing(dynamodb, table):
    assert "Item" not in dynamodb.get_item(TableName=table, Key=KEY)


def test_get_with_a_projection(dynamodb, table):
    dynamodb.put_item(TableName=table, Item={**KEY, "a": {"M": {"b": {"N": "1"}, "c": {"N": "2"}}}, "name": {"S": "x"}})
    answer = dynamodb.get_item(
        TableName=table, Key=KEY, ProjectionExpression="a.c, #n", ExpressionAttributeNames={"#n": "name"}
    )
    assert answer["Item"] == {"a": {"M": {"c": {"N": "2"}}}, "name": {"S": "x"}}
    assert dynamodb.get_item(TableName=table, Key=KEY, AttributesToGet=["id"])["Item"] == KEY


def test_put_replaces_and_can_answer_the_old_item(dynamodb, table):
    first, second = {**KEY, "x": {"S": "1"}}, {**KEY, "y": {"S": "2"}}
    assert "Attributes" not in dynamodb.put_item(TableName=table, Item=first, ReturnValues="ALL_OLD")
    assert dynamodb.put_item(TableName=table, Item=second, ReturnValues="ALL_OLD")["Attributes"] == first
    assert dynamodb.get_item(TableName=table, Key=KEY)["Item"] == second


def test_delete(dynamodb, table):
    dynamodb.put_item(TableName=table, Item=KEY)
    assert dynamodb.delete_item(TableName=table, Key=KEY, ReturnValues="ALL_OLD")["Attributes"] == KEY
    assert "Attributes" not in dynamodb.delete_item(TableName=table, Key=KEY, ReturnValues="ALL_OLD")
    assert "Item" not in dynamodb.get_item(TableName=table, Key=KEY)


def test_a_table_is_found_by_its_arn(dynamodb, table):
    arn = dynamodb.describe_table(TableName=table)["Table"]["TableArn"]
    dynamodb.put_item(TableName=arn, Item=KEY)
    assert dynamodb.get_item(TableName=arn, Key=KEY)["Item"] == KEY


@pytest.mark.parametrize(
    ("returns", "attributes"),
    [
        ("ALL_OLD", {**KEY, "n": {"N": "1"}, "m": {"M": {"x": {"S": "1"}, "y": {"S": "1"}}}}),
        ("ALL_NEW", {**KEY, "n": {"N": "3"}, "m": {"M": {"x": {"S": "2"}, "y": {"S": "1"}}}}),
        ("UPDATED_OLD", {"n": {"N": "1"}, "m": {"M": {"x": {"S": "1"}}}}),
        ("UPDATED_NEW", {"n": {"N": "3"}, "m": {"M": {"x": {"S": "2"}}}}),
    ],
)
def test_update_answers_what_was_asked_for(dynamodb, table, returns, attributes):
    item = {**KEY, "n": {"N": "1"}, "m": {"M": {"x": {"S": "1"}, "y": {"S": "1"}}}}
    dynamodb.put_item(TableName=table, Item=item)
    answer = dynamodb.update_item(
        TableName=table, Key=KEY, UpdateExpression="SET m.x = :x ADD n :n", ReturnValues=returns,
        ExpressionAttributeValues={":x": {"S": "2"}, ":n": {"N": "2"}},
    )  # fmt: skip
    assert answer["Attributes"] == attributes


def test_update_makes_an_item(dynamodb, table):
    dynamodb.update_item(TableName=table, Key=KEY)
    assert dynamodb.get_item(TableName=table, Key=KEY)["Item"] == KEY


def test_legacy_updates(dynamodb, table):
    dynamodb.update_item(TableName=table, Key=KEY, AttributeUpdates={"x": {"Action": "DELETE"}})
    assert "Item" not in dynamodb.get_item(TableName=table, Key=KEY)
    dynamodb.update_item(
        TableName=table, Key=KEY,
        AttributeUpdates={"n": {"Value": {"N": "5"}, "Action": "ADD"}, "s": {"Value": {"S": "x"}}},
        Expected={"id": {"Exists": False}},
    )  # fmt: skip
    assert dynamodb.get_item(TableName=table, Key=KEY)["Item"] == {**KEY, "n": {"N": "5"}, "s": {"S": "x"}}


def test_conditions(dynamodb, table, refused, error_of):
    absent = {"TableName": table, "ConditionExpression": "attribute_not_exists(id)"}
    dynamodb.put_item(Item={**KEY, "v": {"N": "1"}}, **absent)
    assert refused(dynamodb.put_item, Item=KEY, **absent) == FAILED
    assert refused(dynamodb.delete_item, Key=KEY, **absent) == FAILED
    error = error_of(
        dynamodb.update_item, Key=KEY, UpdateExpression="REMOVE v", ReturnValuesOnConditionCheckFailure="ALL_OLD",
        **absent,
    )  # fmt: skip
    assert error.response["Item"] == {**KEY, "v": {"N": "1"}}
    assert refused(dynamodb.put_item, TableName=table, Item=KEY, Expected={"v": {"Value": {"N": "2"}}}) == FAILED
    assert dynamodb.get_item(TableName=table, Key=KEY)["Item"]["v"] == {"N": "1"}


# --- refusals ---


def test_no_table(dynamodb, refused):
    assert refused(dynamodb.put_item, TableName="none", Item=KEY) == NO_TABLE
    assert refused(dynamodb.get_item, TableName="none", Key=KEY) == NO_TABLE
    assert refused(dynamodb.query, TableName="none", KeyConditionExpression="id = :v",
                   ExpressionAttributeValues={":v": {"S": ""}}) == NO_TABLE  # fmt: skip


def test_a_name_that_no_table_can_have(dynamodb, invalid):
    assert invalid(dynamodb.get_item, TableName="a b", Key=KEY).startswith(
        "Invalid table/index name.  Table/index names"
    )


def test_values_are_checked_before_the_table_and_keys_after_it(dynamodb, table, invalid, refused):
    bad = {"id": {"N": "1"}, "n": {"N": "x"}}
    wrong_value = "The parameter cannot be converted to a numeric value: x"
    assert invalid(dynamodb.put_item, TableName="none", Item=bad) == wrong_value
    assert invalid(dynamodb.put_item, TableName=table, Item=bad) == wrong_value
    assert refused(dynamodb.put_item, TableName="none", Item={"id": {"N": "1"}}) == NO_TABLE
    assert invalid(dynamodb.put_item, TableName=table, Item={"id": {"N": "1"}}) == (
        "One or more parameter values were invalid: Type mismatch for key id expected: S actual: N"
    )


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ({"x": {"S": "a"}}, "One or more parameter values were invalid: Missing the key id in the item"),
        ({"id": {"S": ""}}, "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "
                            "contain an empty string value. Key: id"),
        ({"id": {"S": "k" * 2049}},
         "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes"),
        ({**KEY, "x": {"S": "x" * 409_600}}, "Item size has exceeded the maximum allowed size"),
    ],
)  # fmt: skip
def test_items_that_a_table_does_not_take(dynamodb, table, invalid, item, message):
    assert invalid(dynamodb.put_item, TableName=table, Item=item) == message


@pytest.mark.parametrize("depth", [33, 450])
def test_a_nesting_that_is_too_deep(dynamodb, table, invalid, depth):
    """450 lists in lists are 900 levels of JSON: a request that can be read."""
    value = {"S": "deepest"}
    for _ in range(depth):
        value = {"L": [value]}
    message = "Nesting Levels have exceeded supported limits"
    assert invalid(dynamodb.put_item, TableName=table, Item={**KEY, "a": value}) == message


def test_an_item_of_400_kb_is_taken(dynamodb, table, invalid):
    dynamodb.put_item(TableName=table, Item={**KEY, "x": {"S": "x" * (409_600 - 4)}})
    more = {
        "TableName": table,
        "Key": KEY,
        "UpdateExpression": "SET y = :y",
        "ExpressionAttributeValues": {":y": {"S": ""}},
    }
    assert invalid(dynamodb.update_item, **more) == "Item size to update has exceeded the maximum allowed size"


@pytest.mark.parametrize("key", [{}, {"other": {"S": "a"}}, {"id": {"N": "1"}}, {**KEY, "x": {"S": "1"}}])
def test_keys_that_do_not_match(dynamodb, table, invalid, key):
    message = "The provided key element does not match the schema"
    assert invalid(dynamodb.get_item, TableName=table, Key=key) == message
    assert invalid(dynamodb.delete_item, TableName=table, Key=key) == message
    assert invalid(dynamodb.update_item, TableName=table, Key=key) == message


def test_a_key_cannot_be_updated(dynamodb, table, invalid):
    message = "One or more parameter values were invalid: Cannot update attribute id. This attribute is part of the key"
    values = {":v": {"S": "b"}}
    update = {"TableName": table, "Key": KEY, "UpdateExpression": "SET id = :v", "ExpressionAttributeValues": values}
    assert invalid(dynamodb.update_item, **update) == message
    assert (
        invalid(dynamodb.update_item, TableName=table, Key=KEY, AttributeUpdates={"id": {"Value": {"S": "b"}}})
        == message
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ReturnValues": "ALL_NEW"}, "ReturnValues can only be ALL_OLD or NONE"),
        ({"ConditionExpression": "a = :v", "Expected": {}, "ExpressionAttributeValues": {":v": {"S": ""}}},
         "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: "
         "{Expected} Expression parameters: {ConditionExpression}"),
        ({"ExpressionAttributeNames": {"#a": "a"}},
         "ExpressionAttributeNames can only be specified when using expressions"),
        ({"ExpressionAttributeValues": {":a": {"S": ""}}},
         "ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null"),
        ({"ConditionExpression": "attribute_exists(a)", "ExpressionAttributeNames": {"#a": "a"}},
         "Value provided in ExpressionAttributeNames unused in expressions: keys: {#a}"),
        ({"ConditionalOperator": "AND"}, "ConditionalOperator cannot be used without Filter or Expected"),
    ],
)  # fmt: skip
def test_parameters_that_do_not_go_together(dynamodb, table, invalid, options, message):
    assert invalid(dynamodb.put_item, TableName=table, Item=KEY, **options) == message


# --- capacity ---


def test_consumed_capacity(dynamodb, table):
    item = {**KEY, "x": {"S": "x" * 5000}}

    def units(answer):
        return answer["ConsumedCapacity"]["CapacityUnits"]

    assert units(dynamodb.put_item(TableName=table, Item=item, ReturnConsumedCapacity="TOTAL")) == 5
    assert units(dynamodb.get_item(TableName=table, Key=KEY, ReturnConsumedCapacity="TOTAL")) == 1
    consistent = dynamodb.get_item(TableName=table, Key=KEY, ConsistentRead=True, ReturnConsumedCapacity="INDEXES")
    assert consistent["ConsumedCapacity"] == {"TableName": table, "CapacityUnits": 2, "Table": {"CapacityUnits": 2}}
    assert units(dynamodb.put_item(TableName=table, Item=KEY, ReturnConsumedCapacity="TOTAL")) == 5  # the larger counts
    assert units(dynamodb.delete_item(TableName=table, Key=KEY, ReturnConsumedCapacity="TOTAL")) == 1
    assert units(dynamodb.get_item(TableName=table, Key=KEY, ReturnConsumedCapacity="TOTAL")) == 0.5


def test_throttling_is_switched_on_by_a_tag(dynamodb, make, refused, clock):
    clock.stop()
    units = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
    name = make("slow", ProvisionedThroughput=units, Tags=[{"Key": "undercast:throttling", "Value": "on"}])
    for _ in range(3):  # five minutes of unused units are saved up
        dynamodb.put_item(TableName=name, Item={**KEY, "x": {"S": "x" * 110_000}})
    code, message = refused(dynamodb.put_item, TableName=name, Item=KEY)
    assert code == "ProvisionedThroughputExceededException"
    assert message.startswith("The level of configured provisioned throughput for the table was exceeded.")
    written = dynamodb.get_item(TableName=name, Key=KEY)["Item"]
    assert len(written["x"]["S"]) == 110_000  # what was throttled was not written
    clock.advance(minutes=1)
    dynamodb.put_item(TableName=name, Item=KEY)


def test_on_demand_the_maximum_is_the_limit(dynamodb, make, refused, clock):
    clock.stop()
    on = {"Tags": [{"Key": "undercast:throttling", "Value": "on"}]}
    name = make("limited", OnDemandThroughput={"MaxWriteRequestUnits": 5}, **on)
    dynamodb.put_item(TableName=name, Item={**KEY, "x": {"S": "x" * 300_000}})
    code, message = refused(dynamodb.put_item, TableName=name, Item=KEY)
    assert (code, message) == (
        "ThrottlingException", "Throughput exceeds the maximum OnDemandThroughput configured on table or index.",
    )  # fmt: skip
    dynamodb.get_item(TableName=name, Key=KEY)  # reads have no maximum
    make("unlimited", **on)
    for _ in range(3):
        dynamodb.put_item(TableName="unlimited", Item={**KEY, "x": {"S": "x" * 300_000}})


def test_without_the_tag_nothing_is_throttled(dynamodb, make):
    name = make("free", ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1})
    for _ in range(4):
        dynamodb.put_item(TableName=name, Item={**KEY, "x": {"S": "x" * 200_000}})
