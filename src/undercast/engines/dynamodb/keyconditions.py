"""Key conditions: which stretch of a partition a query reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from undercast.engines.dynamodb import keys
from undercast.engines.dynamodb.conditions import Values
from undercast.engines.dynamodb.errors import Invalid, invalid_value
from undercast.engines.dynamodb.keys import KeySchema
from undercast.engines.dynamodb.lexer import Faulty
from undercast.engines.dynamodb.nodes import (
    And,
    Between,
    Call,
    Compare,
    Condition,
    In,
    Literal,
    Not,
    Operand,
    Or,
    Path,
    Substitute,
)
from undercast.engines.dynamodb.values import Value

_PARAMETER = "KeyConditionExpression"
_TURNED = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class KeyRange:
    """A partition, and from where (`low`) up to where (`high`) in it; None for its ends."""

    pk: bytes
    low: bytes | None = None
    low_inclusive: bool = True
    high: bytes | None = None
    high_inclusive: bool = True


@dataclass(frozen=True, slots=True)
class KeyTest:
    """One condition on a key attribute: an operator (= < <= > >= BETWEEN begins_with) and its values."""

    name: str
    operator: str
    values: tuple[Value, ...]


def read_tests(node: Condition, values: Values) -> list[KeyTest]:
    """The conditions of a KeyConditionExpression. Faulty for what keys cannot be asked."""
    tests = [_read(one, values) for one in _flat(node)]
    names = [test.name for test in tests]
    if len(set(names)) < len(names):
        raise Faulty(_PARAMETER, "KeyConditionExpressions must only contain one condition per key")
    return tests


def key_range(tests: list[KeyTest], key: KeySchema) -> KeyRange:
    """The stretch that conditions name. Invalid when they do not fit the key."""
    if not 1 <= len(tests) <= 2:
        raise Invalid("Conditions can be of length 1 or 2 only")
    by_name = {test.name: test for test in tests}
    if key.hash not in by_name:
        raise Invalid(f"Query condition missed key schema element: {key.hash}")
    partition = by_name.pop(key.hash)
    if by_name and key.range not in by_name:
        raise Invalid(f"Query condition missed key schema element: {key.range}" if key.range else _UNSUPPORTED)
    if partition.operator != "=":
        raise Invalid(_UNSUPPORTED)
    _check(partition, key.hash_type)
    pk = keys.partition(partition.values[0], key.hash_type)
    if not by_name:
        return KeyRange(pk)
    (place,) = by_name.values()
    _check(place, key.range_type)
    return _bounded(pk, place, key.range_type)


_UNSUPPORTED = "Query key condition not supported"


def _bounded(pk: bytes, test: KeyTest, kind: str) -> KeyRange:
    first = keys.to_bytes(test.values[0], kind)
    if test.operator == "=":
        return KeyRange(pk, low=first, high=first)
    if test.operator in (">", ">="):
        return KeyRange(pk, low=first, low_inclusive=test.operator == ">=")
    if test.operator in ("<", "<="):
        return KeyRange(pk, high=first, high_inclusive=test.operator == "<=")
    if test.operator == "BETWEEN":
        return KeyRange(pk, low=first, high=keys.to_bytes(test.values[1], kind))
    return KeyRange(pk, low=first, high=_behind(first), high_inclusive=False)


def _behind(prefix: bytes) -> bytes | None:
    """The first bytes behind all that begin with a prefix; None when there are none."""
    stem = prefix.rstrip(b"\xff")
    return stem[:-1] + bytes([stem[-1] + 1]) if stem else None


def _check(test: KeyTest, kind: str) -> None:
    for value in test.values:
        if kind not in value:
            raise invalid_value("Condition parameter type does not match schema type")
        if kind != "N" and not value[kind] and test.operator != "begins_with":
            word = "string" if kind == "S" else "binary"
            raise Invalid(
                "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
                f"empty {word} value. Key: {test.name}"
            )
    if test.operator == "begins_with" and kind == "N":
        raise invalid_value("Condition parameter type does not match schema type")


# --- reading an expression ---


def _flat(node: Condition) -> Iterator[Condition]:
    if isinstance(node, And):
        for part in node.parts:
            yield from _flat(part)
    else:
        yield node


def _read(node: Condition, values: Values) -> KeyTest:
    if isinstance(node, Compare) and node.sign != "<>":
        return _read_compare(node, values)
    if isinstance(node, Between):
        return KeyTest(_name(node.value), "BETWEEN", (_given(node.low, values), _given(node.high, values)))
    if isinstance(node, Call) and node.name == "begins_with":
        return KeyTest(_name(node.operands[0]), "begins_with", (_given(node.operands[1], values),))
    raise Faulty(_PARAMETER, f"Invalid operator used in KeyConditionExpression: {_operator(node)}")


def _read_compare(node: Compare, values: Values) -> KeyTest:
    if isinstance(node.left, Path) and isinstance(node.right, Path):
        raise _bad_condition("Multiple attribute names used in one condition")
    if isinstance(node.right, Path):
        return KeyTest(_name(node.right), _TURNED[node.sign], (_given(node.left, values),))
    return KeyTest(_name(node.left), node.sign, (_given(node.right, values),))


def _name(operand: Operand) -> str:
    if isinstance(operand, Call):
        raise Faulty(_PARAMETER, f"KeyConditionExpressions cannot contain nested operations; operation: {operand.name}")
    if not isinstance(operand, Path):
        raise _bad_condition("No key attribute specified")
    if len(operand.parts) > 1:
        raise Faulty(_PARAMETER, "KeyConditionExpressions cannot have conditions on nested attributes")
    return str(operand.parts[0])


def _given(operand: Operand, values: Values) -> Value:
    if isinstance(operand, Substitute):
        return values[operand.name]
    if isinstance(operand, Literal):
        value: Value = operand.value
        return value
    raise _bad_condition("Multiple attribute names used in one condition")


def _bad_condition(reason: str) -> Invalid:
    return Invalid(f"Invalid condition in KeyConditionExpression: {reason}")


def _operator(node: Condition) -> str:
    if isinstance(node, Or | Not | In):
        return {Or: "OR", Not: "NOT", In: "IN"}[type(node)]
    if isinstance(node, Compare):
        return node.sign
    return node.name if isinstance(node, Call) else type(node).__name__
