"""The parameters from before expressions."""

from __future__ import annotations

import pytest

from undercast.engines.dynamodb import legacy
from undercast.engines.dynamodb.conditions import compile_condition
from undercast.engines.dynamodb.errors import Invalid

ITEM = {"n": {"N": "5"}, "s": {"S": "hello"}, "set": {"SS": ["a"]}}


def holds(read, given, operator=None):
    return compile_condition("", read(given, operator)).test(ITEM, {})


@pytest.mark.parametrize(
    ("operator", "name", "values", "truth"),
    [
        ("EQ", "n", [{"N": "5.0"}], True),
        ("NE", "n", [{"N": "5"}], False),
        ("LT", "n", [{"N": "6"}], True),
        ("GE", "n", [{"N": "6"}], False),
        ("BETWEEN", "n", [{"N": "5"}, {"N": "6"}], True),
        ("IN", "s", [{"S": "a"}, {"S": "hello"}], True),
        ("BEGINS_WITH", "s", [{"S": "he"}], True),
        ("CONTAINS", "set", [{"S": "a"}], True),
        ("NOT_CONTAINS", "s", [{"S": "ell"}], False),
        ("NULL", "x", [], True),
        ("NOT_NULL", "x", [], False),
    ],
)
def test_operators(operator, name, values, truth):
    condition = {name: {"ComparisonOperator": operator, "AttributeValueList": values}}
    assert holds(legacy.read_filter, condition) is truth
    assert holds(legacy.read_expected, condition) is truth


def test_expectations():
    assert holds(legacy.read_expected, {"n": {"Value": {"N": "5"}}})
    assert holds(legacy.read_expected, {"x": {"Exists": False}})
    both = {"n": {"Value": {"N": "4"}}, "x": {"Exists": False}}
    assert not holds(legacy.read_expected, both)
    assert holds(legacy.read_expected, both, "OR")


@pytest.mark.parametrize(
    ("expected", "reason"),
    [
        ({"Exists": True}, "Value must be provided when Exists is true for Attribute: a"),
        ({}, "Value must be provided when Exists is null for Attribute: a"),
        ({"Exists": False, "Value": {"S": ""}}, "Value cannot be used when Exists is false for Attribute: a"),
        ({"AttributeValueList": []}, "AttributeValueList can only be used with a ComparisonOperator for Attribute: a"),
        ({"ComparisonOperator": "EQ"},
         "Value or AttributeValueList must be used with ComparisonOperator: EQ for Attribute: a"),
        ({"ComparisonOperator": "EQ", "Exists": True},
         "Exists and ComparisonOperator cannot be used together for Attribute: a"),
        ({"Value": {"S": ""}, "AttributeValueList": []},
         "Value and AttributeValueList cannot be used together for Attribute: a"),
        ({"ComparisonOperator": "EQ", "AttributeValueList": []},
         "Invalid number of argument(s) for the EQ ComparisonOperator"),
        ({"ComparisonOperator": "LT", "AttributeValueList": [{"SS": ["a"]}]},
         "ComparisonOperator LT is not valid for SS AttributeValue type"),
        ({"ComparisonOperator": "IN", "AttributeValueList": [{"S": "a"}, {"N": "1"}]},
         "AttributeValues inside AttributeValueList must all be of the same type"),
    ],
)  # fmt: skip
def test_wrong_expectations(expected, reason):
    with pytest.raises(Invalid) as error:
        legacy.read_expected({"a": expected}, None)
    assert str(error.value) == f"One or more parameter values were invalid: {reason}"


@pytest.mark.parametrize(
    ("update", "reason"),
    [
        ({"Action": "ADD", "Value": {"S": "a"}}, "ADD action is not supported for the type S"),
        ({"Action": "DELETE", "Value": {"S": "a"}}, "DELETE action with value is not supported for the type S"),
        ({"Action": "PUT"}, "Only DELETE action is allowed when no attribute value is specified"),
    ],
)
def test_wrong_updates(update, reason):
    with pytest.raises(Invalid) as error:
        legacy.read_updates({"a": update})
    assert str(error.value) == f"One or more parameter values were invalid: {reason}"


def test_the_operator_joins_two_or_more():
    with pytest.raises(Invalid, match="ConditionalOperator cannot be used without Filter or Expected"):
        legacy.check_operator("AND", None)
    with pytest.raises(Invalid, match="has two or more elements"):
        legacy.check_operator("AND", {"a": {}})
