"""The parameters from before expressions: Expected, filters, KeyConditions, AttributeUpdates, read into the same nodes.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LegacyConditionalParameters.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from undercast.engines.dynamodb.comparing import kind_of, order_key
from undercast.engines.dynamodb.errors import Invalid, invalid_value
from undercast.engines.dynamodb.keyconditions import KeyTest
from undercast.engines.dynamodb.nodes import (
    Action,
    And,
    Between,
    Call,
    Compare,
    Condition,
    In,
    Literal,
    Not,
    Or,
    Path,
)
from undercast.engines.dynamodb.values import SETS, Value, check_value

_SIGNS = {"EQ": "=", "NE": "<>", "LT": "<", "LE": "<=", "GT": ">", "GE": ">="}
_SCALARS = ("S", "N", "B")
# How many values an operator takes; none given here: one or more.
_COUNTS = {"NULL": 0, "NOT_NULL": 0, "BETWEEN": 2, "IN": None}
_TYPES: dict[str, tuple[str, ...]] = {
    "LT": _SCALARS, "LE": _SCALARS, "GT": _SCALARS, "GE": _SCALARS, "BETWEEN": _SCALARS, "IN": _SCALARS,
    "BEGINS_WITH": ("S", "B"),
    "CONTAINS": ("S", "N", "B", "BOOL", "NULL"), "NOT_CONTAINS": ("S", "N", "B", "BOOL", "NULL"),
}  # fmt: skip


def read_expected(expected: Mapping[str, Any], operator: str | None) -> Condition:
    """The condition that an Expected parameter states."""
    return _joined([_read_expectation(name, one) for name, one in expected.items()], operator)


def read_filter(conditions: Mapping[str, Any], operator: str | None) -> Condition:
    """The condition of a ScanFilter or QueryFilter."""
    found = []
    for name, one in conditions.items():
        values = _checked(one["ComparisonOperator"], one.get("AttributeValueList") or ())
        found.append(_condition(name, one["ComparisonOperator"], values))
    return _joined(found, operator)


def read_key_conditions(conditions: Mapping[str, Any]) -> list[KeyTest]:
    """The tests of a KeyConditions parameter."""
    tests = []
    for name, one in conditions.items():
        operator = one["ComparisonOperator"]
        values = _checked(operator, one.get("AttributeValueList") or ())
        if operator in ("NULL", "NOT_NULL", "NE", "CONTAINS", "NOT_CONTAINS", "IN"):
            raise Invalid("Attempted conditional constraint is not an indexable operation")
        sign = "begins_with" if operator == "BEGINS_WITH" else _SIGNS.get(operator, operator)
        tests.append(KeyTest(name, sign, tuple(values)))
    return tests


def read_updates(updates: Mapping[str, Any]) -> list[Action]:
    """The actions of an AttributeUpdates parameter."""
    actions = []
    for name, one in updates.items():
        kind, given = one.get("Action") or "PUT", one.get("Value")
        path = Path((name,))
        if given is None:
            if kind != "DELETE":
                raise invalid_value("Only DELETE action is allowed when no attribute value is specified")
            actions.append(Action("REMOVE", path))
            continue
        value, _ = check_value(given)
        if kind == "DELETE" and kind_of(value) not in SETS:
            raise invalid_value(f"DELETE action with value is not supported for the type {kind_of(value)}")
        if kind == "ADD" and kind_of(value) not in ("N", "L", *SETS):
            raise invalid_value(f"ADD action is not supported for the type {kind_of(value)}")
        actions.append(Action("SET" if kind == "PUT" else kind, path, Literal(value)))
    return actions


def check_operator(operator: str | None, conditions: Mapping[str, Any] | None) -> None:
    """ConditionalOperator joins two or more conditions."""
    if operator and not conditions:
        raise Invalid("ConditionalOperator cannot be used without Filter or Expected")
    if operator and conditions is not None and len(conditions) == 1:
        raise Invalid("ConditionalOperator can only be used when Filter or Expected has two or more elements")


def _joined(conditions: list[Condition], operator: str | None) -> Condition:
    return Or(tuple(conditions)) if operator == "OR" else And(tuple(conditions))


def _read_expectation(name: str, given: Mapping[str, Any]) -> Condition:
    operator, values = given.get("ComparisonOperator"), given.get("AttributeValueList")
    value, exists = given.get("Value"), given.get("Exists")
    if value is not None and values is not None:
        raise invalid_value(f"Value and AttributeValueList cannot be used together for Attribute: {name}")
    if operator is None:
        if values is not None:
            raise invalid_value(f"AttributeValueList can only be used with a ComparisonOperator for Attribute: {name}")
        return _read_exists(name, value, exists)
    if exists is not None:
        raise invalid_value(f"Exists and ComparisonOperator cannot be used together for Attribute: {name}")
    if value is None and values is None and operator not in ("NULL", "NOT_NULL"):
        raise invalid_value(
            f"Value or AttributeValueList must be used with ComparisonOperator: {operator} for Attribute: {name}"
        )
    return _condition(name, operator, _checked(operator, [value] if value is not None else values or ()))


def _read_exists(name: str, value: Value | None, exists: bool | None) -> Condition:
    if exists is False:
        if value is not None:
            raise invalid_value(f"Value cannot be used when Exists is false for Attribute: {name}")
        return Call("attribute_not_exists", (Path((name,)),))
    if value is None:
        shown = "true" if exists else "null"
        raise invalid_value(f"Value must be provided when Exists is {shown} for Attribute: {name}")
    return Compare("=", Path((name,)), Literal(check_value(value)[0]))


def _checked(operator: str, values: Sequence[Value]) -> list[Value]:
    """The values of a condition in canonical form. Invalid when the operator does not take them."""
    wanted = _COUNTS.get(operator, 1)
    if (not values) if wanted is None else len(values) != wanted:
        raise invalid_value(f"Invalid number of argument(s) for the {operator} ComparisonOperator")
    checked = [check_value(value)[0] for value in values]
    for value in checked:
        if operator in _TYPES and kind_of(value) not in _TYPES[operator]:
            raise invalid_value(f"ComparisonOperator {operator} is not valid for {kind_of(value)} AttributeValue type")
    if len({kind_of(value) for value in checked}) > 1:
        raise invalid_value("AttributeValues inside AttributeValueList must all be of the same type")
    if operator == "BETWEEN" and order_key(checked[0]) > order_key(checked[1]):
        raise Invalid(
            "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound"
        )
    return checked


def _condition(name: str, operator: str, values: list[Value]) -> Condition:
    path, literals = Path((name,)), [Literal(value) for value in values]
    if operator in _SIGNS:
        return Compare(_SIGNS[operator], path, literals[0])
    if operator == "NULL":
        return Call("attribute_not_exists", (path,))
    if operator == "NOT_NULL":
        return Call("attribute_exists", (path,))
    if operator == "BETWEEN":
        return Between(path, literals[0], literals[1])
    if operator == "IN":
        return In(path, tuple(literals))
    test = Call("begins_with" if operator == "BEGINS_WITH" else "contains", (path, literals[0]))
    return Not(test) if operator == "NOT_CONTAINS" else test
