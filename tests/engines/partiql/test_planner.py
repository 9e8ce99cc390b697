"""Statements become the requests of DynamoDB's own operations."""

from __future__ import annotations

import pytest

from undercast.engines.partiql import (
    Column,
    Keys,
    PartiqlError,
    parse,
    plan_delete,
    plan_exists,
    plan_insert,
    plan_select,
    plan_update,
    project,
)

KEYS = Keys("pk", "sk")


def select(where, order=""):
    return plan_select(parse(f"SELECT * FROM t WHERE {where} {order}"), KEYS)


def test_a_partition_key_makes_a_query():
    plan = select("pk = 'a' AND sk > 1 AND sk < 5 AND x = 2")
    [query] = plan.queries
    assert query["KeyConditionExpression"] == "#n0 = :v0 AND #n1 > :v1"
    assert query["ExpressionAttributeNames"] == {"#n0": "pk", "#n1": "sk"}
    assert query["ExpressionAttributeValues"] == {":v0": {"S": "a"}, ":v1": {"N": "1"}}
    assert plan.residual.expression == "(#n0 < :v0) AND (#n1 = :v1)"


@pytest.mark.parametrize(
    "where", ["pk IN ['a', 'b', 'a']", "pk = 'a' OR pk = 'b'", "sk = 1 AND (pk = 'a' OR pk = 'b')"]
)
def test_several_partition_keys_make_several_queries(where):
    assert [query["ExpressionAttributeValues"][":v0"] for query in select(where).queries] == [{"S": "a"}, {"S": "b"}]


@pytest.mark.parametrize("where", ["pk > 'a'", "x = 1", "pk = 'a' OR x = 1", "pk = x", "NOT pk = 'a'"])
def test_anything_else_is_a_scan(where):
    plan = select(where)
    assert plan.queries == ()
    assert plan.residual is not None


@pytest.mark.parametrize(
    ("condition", "expression"),
    [
        ("sk BETWEEN 1 AND 2", "#n1 BETWEEN :v1 AND :v2"),
        ("5 >= sk", "#n1 <= :v1"),
        ("begins_with(sk, 'x')", "begins_with(#n1, :v1)"),
    ],
)
def test_conditions_on_the_sort_key(condition, expression):
    plan = select(f"pk = 'a' AND {condition}")
    assert plan.queries[0]["KeyConditionExpression"] == f"#n0 = :v0 AND {expression}"
    assert plan.residual is None


def test_a_sort_key_can_be_asked_for_what_no_key_condition_can():
    plan = select("pk = 'a' AND sk <> 1")
    assert plan.queries[0]["KeyConditionExpression"] == "#n0 = :v0"
    assert plan.residual.expression == "#n0 <> :v0"


def test_order():
    assert select("pk = 'a'", "ORDER BY sk DESC").queries[0]["ScanIndexForward"] is False
    assert "ScanIndexForward" not in select("pk = 'a'", "ORDER BY sk").queries[0]
    values = [
        query["ExpressionAttributeValues"][":v0"]["S"]
        for query in select("pk IN ['b', 'c', 'a']", "ORDER BY pk DESC").queries
    ]
    assert values == ["c", "b", "a"]


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("SELECT * FROM t ORDER BY sk", "Must have WHERE clause in the statement when using ORDER BY clause."),
        (
            "SELECT * FROM t WHERE x = 1 ORDER BY sk",
            "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.",
        ),
        ("SELECT * FROM t WHERE pk = 'a' ORDER BY x", "Variable reference x in ORDER BY clause must be part of the primary key"),
    ],
)  # fmt: skip
def test_orders_that_cannot_be(statement, message):
    with pytest.raises(PartiqlError) as error:
        plan_select(parse(statement), KEYS)
    assert str(error.value) == message


def test_an_insert_wants_the_item_missing():
    plan = plan_insert(parse("INSERT INTO t VALUE {'pk': 'a', 'sk': 1}"), KEYS)
    assert plan["Item"] == {"pk": {"S": "a"}, "sk": {"N": "1"}}
    assert plan["ConditionExpression"] == "attribute_not_exists(#n0)"


def test_an_update():
    text = "UPDATE t SET a = 1 SET s = set_add(s, <<'x'>>) REMOVE b.c SET d = set_delete(d, ?) WHERE pk = 'a' AND sk = 1 AND a > 0"
    plan = plan_update(parse(text, [{"SS": ["y"]}]), KEYS)
    assert plan["Key"] == {"pk": {"S": "a"}, "sk": {"N": "1"}}
    assert plan["UpdateExpression"] == "SET #n0 = :v0 ADD #n1 :v1 REMOVE #n2.#n3 DELETE #n4 :v2"
    assert plan["ConditionExpression"] == "(attribute_exists(#n5)) AND (#n0 > :v3)"
    assert plan["ReturnValues"] == "NONE"


def test_a_delete_succeeds_without_an_item_but_not_with_another():
    assert "ConditionExpression" not in plan_delete(parse("DELETE FROM t WHERE pk = 'a' AND sk = 1"), KEYS)
    plan = plan_delete(parse("DELETE FROM t WHERE pk = 'a' AND sk = 1 AND x = 2"), KEYS)
    assert plan["ConditionExpression"] == "(attribute_not_exists(#n0)) OR (#n1 = :v0)"


def test_exists():
    plan = plan_exists(parse("EXISTS(SELECT * FROM t WHERE pk = 'a' AND sk = 1 AND x IS MISSING)"), KEYS)
    assert plan["ConditionExpression"] == "attribute_not_exists(#n0)"
    plan = plan_exists(parse("EXISTS(SELECT * FROM t WHERE pk = 'a' AND sk = 1)"), KEYS)
    assert plan["ConditionExpression"] == "attribute_exists(#n0)"


@pytest.mark.parametrize("where", ["WHERE pk = 'a'", "WHERE pk = 'a' AND sk > 1", "WHERE pk = 'a' OR sk = 1", ""])
def test_a_write_needs_the_whole_key(where):
    for statement, plan in ((f"UPDATE t SET x = 1 {where}", plan_update), (f"DELETE FROM t {where}", plan_delete)):
        with pytest.raises(PartiqlError) as error:
            plan(parse(statement), KEYS)
        assert str(error.value) == "Where clause does not contain a mandatory equality on all key attributes"


def test_sets_are_changed_where_they_are():
    with pytest.raises(PartiqlError):
        plan_update(parse("UPDATE t SET a = set_add(b, <<1>>) WHERE pk = 'a' AND sk = 1"), KEYS)


def test_columns_are_taken_from_items():
    item = {"a": {"M": {"b": {"L": [{"S": "x"}]}}}, "c": {"N": "1"}}
    columns = (Column(("a", "b", 0)), Column(("c",)), Column(("c", "d")), Column(("a", "b", 7)), Column(("z",)))
    assert project(item, columns) == {"b[0]": {"S": "x"}, "c": {"N": "1"}}
    assert project(item, ()) == item
