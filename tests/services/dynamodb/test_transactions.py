"""Transactions: all or nothing, with reasons; tokens make them harmless to repeat."""

from __future__ import annotations

import pytest


def key(name):
    return {"id": {"S": name}}


def put(table, name, **attributes):
    return {"Put": {"TableName": table, "Item": {**key(name), **attributes}}}


def test_every_kind_of_write_in_one(dynamodb, table):
    for name in ("gone", "counted", "checked"):
        dynamodb.put_item(TableName=table, Item={**key(name), "n": {"N": "1"}})
    dynamodb.transact_write_items(
        TransactItems=[
            put(table, "new"),
            {"Delete": {"TableName": table, "Key": key("gone")}},
            {"Update": {"TableName": table, "Key": key("counted"), "UpdateExpression": "ADD n :one",
                        "ExpressionAttributeValues": {":one": {"N": "1"}}}},
            {"ConditionCheck": {"TableName": table, "Key": key("checked"),
                                "ConditionExpression": "attribute_exists(n)"}},
        ]
    )  # fmt: skip
    answer = dynamodb.transact_get_items(
        TransactItems=[
            {"Get": {"TableName": table, "Key": key(name)}} for name in ("new", "gone", "counted", "checked")
        ]
    )
    assert answer["Responses"] == [
        {"Item": key("new")}, {}, {"Item": {**key("counted"), "n": {"N": "2"}}},
        {"Item": {**key("checked"), "n": {"N": "1"}}},
    ]  # fmt: skip


def test_one_failure_cancels_all_with_reasons(dynamodb, table, error_of):
    dynamodb.put_item(TableName=table, Item={**key("there"), "n": {"S": "text"}})
    absent = {"ConditionExpression": "attribute_not_exists(id)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    error = error_of(
        dynamodb.transact_write_items,
        TransactItems=[
            put(table, "new"),
            {"Put": {"TableName": table, "Item": key("there"), **absent}},
            {"Update": {"TableName": table, "Key": {"id": {"N": "1"}}, "UpdateExpression": "REMOVE n"}},
        ],
    )
    assert error.response["Error"]["Code"] == "TransactionCanceledException"
    assert error.response["Error"]["Message"] == (
        "Transaction cancelled, please refer cancellation reasons for specific reasons "
        "[None, ConditionalCheckFailed, ValidationError]"
    )
    assert error.response["CancellationReasons"] == [
        {"Code": "None"},
        {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed",
         "Item": {**key("there"), "n": {"S": "text"}}},
        {"Code": "ValidationError", "Message": "The provided key element does not match the schema"},
    ]  # fmt: skip
    assert "Item" not in dynamodb.get_item(TableName=table, Key=key("new"))


def test_a_token_makes_the_same_request_harmless(dynamodb, table, refused, clock):
    add = {"Update": {"TableName": table, "Key": key("a"), "UpdateExpression": "ADD n :one",
                      "ExpressionAttributeValues": {":one": {"N": "1"}}}}  # fmt: skip
    asked = {"ClientRequestToken": "token", "ReturnConsumedCapacity": "TOTAL"}

    def count():
        return dynamodb.get_item(TableName=table, Key=key("a"))["Item"]["n"]["N"]

    first = dynamodb.transact_write_items(TransactItems=[add], **asked)
    assert first["ConsumedCapacity"] == [{"TableName": table, "CapacityUnits": 2.0, "WriteCapacityUnits": 2.0}]
    again = dynamodb.transact_write_items(TransactItems=[add], **asked)
    assert again["ConsumedCapacity"] == [{"TableName": table, "CapacityUnits": 2.0, "ReadCapacityUnits": 2.0}]
    assert count() == "1"
    code, _ = refused(dynamodb.transact_write_items, TransactItems=[put(table, "b")], **asked)
    assert code == "IdempotentParameterMismatchException"
    clock.advance(minutes=11)
    dynamodb.transact_write_items(TransactItems=[add], **asked)
    assert count() == "2"


@pytest.mark.parametrize(
    ("items", "message"),
    [
        (lambda table: [put(table, "a"), {"Delete": {"TableName": table, "Key": key("a")}}],
         "Transaction request cannot include multiple operations on one item"),
        (lambda table: [{**put(table, "a"), "Delete": {"TableName": table, "Key": key("b")}}],
         "TransactItems can only contain one of Check, Put, Update or Delete"),
        (lambda table: [{"Update": {"TableName": table, "Key": key("a"), "UpdateExpression": "SET name = :v"}}],
         "Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: name"),
        (lambda table: [put(table, str(number), x={"S": "x" * 400_000}) for number in range(11)],
         "Aggregated size of all items in the transaction has exceeded the maximum of 4 MB"),
    ],
)  # fmt: skip
def test_refusals(dynamodb, table, invalid, items, message):
    assert invalid(dynamodb.transact_write_items, TransactItems=items(table)) == message
    assert dynamodb.scan(TableName=table)["Count"] == 0


def test_a_missing_table(dynamodb, refused):
    expected = ("ResourceNotFoundException", "Requested resource not found")
    assert refused(dynamodb.transact_write_items, TransactItems=[put("none", "a")]) == expected
    gets = [{"Get": {"TableName": "none", "Key": key("a")}}]
    assert refused(dynamodb.transact_get_items, TransactItems=gets) == expected
