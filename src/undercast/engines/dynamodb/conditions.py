"""Conditions and filters: compiled from nodes to functions, checked against the values of a request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from undercast.engines.dynamodb.comparing import begins_with, compare, contains, kind_of, look_up, order_key, size
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
    Sum,
)
from undercast.engines.dynamodb.values import Item, Value

Values = Mapping[str, Value]
Test = Callable[[Item, Values], bool]
Get = Callable[[Item, Values], Value | None]

_TYPES = ("B", "NULL", "SS", "BOOL", "L", "BS", "N", "NS", "S", "M")
# What the operands of a function and of an order may be, when they are values of the request.
_ORDERED = ("S", "N", "B")
_PARTS = {"begins_with": ("S", "B"), "contains": ("S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS")}
_WHOLES = {"begins_with": ("S", "B"), "contains": ("S", "B", "SS", "NS", "BS", "L")}
_SIZED = ("S", "B", "SS", "NS", "BS", "L", "M")


@dataclass(frozen=True, slots=True)
class Compiled:
    """A condition that can be asked of items. `paths` are those in it; `aliases` the names it used."""

    parameter: str
    node: Condition
    test: Test
    paths: frozenset[Path]
    substitutes: frozenset[str]
    aliases: frozenset[str]

    def check(self, values: Values) -> None:
        """Faulty when values are missing or of types that the operators do not take."""
        for name in sorted(self.substitutes):
            if name not in values:
                raise undefined(self.parameter, name)
        _check(self.parameter, self.node, values)


def compile_condition(parameter: str, node: Condition, aliases: frozenset[str] = frozenset()) -> Compiled:
    """A condition ready for use."""
    operands = list(operands_of(node))
    paths = frozenset(one for one in operands if isinstance(one, Path))
    substitutes = frozenset(one.name for one in operands if isinstance(one, Substitute))
    return Compiled(parameter, node, _test(node), paths, substitutes, aliases)


def undefined(parameter: str, name: str) -> Faulty:
    """A value that an expression uses and the request does not give."""
    return Faulty(
        parameter, f"An expression attribute value used in expression is not defined; attribute value: {name}"
    )


# --- compiling ---


def _test(node: Condition) -> Test:
    if isinstance(node, Compare):
        sign, left, right = node.sign, getter(node.left), getter(node.right)
        return lambda item, values: compare(sign, left(item, values), right(item, values))
    if isinstance(node, And):
        every = [_test(part) for part in node.parts]
        return lambda item, values: all(test(item, values) for test in every)
    if isinstance(node, Or):
        some = [_test(part) for part in node.parts]
        return lambda item, values: any(test(item, values) for test in some)
    if isinstance(node, Not):
        inner = _test(node.part)
        return lambda item, values: not inner(item, values)
    if isinstance(node, Between):
        return _between(node)
    if isinstance(node, In):
        value, choices = getter(node.value), [getter(one) for one in node.choices]
        return lambda item, values: any(compare("=", value(item, values), one(item, values)) for one in choices)
    return _call(node)


def _between(node: Between) -> Test:
    value, low, high = getter(node.value), getter(node.low), getter(node.high)

    def test(item: Item, values: Values) -> bool:
        found = value(item, values)
        return compare(">=", found, low(item, values)) and compare("<=", found, high(item, values))

    return test


def _call(node: Call) -> Test:
    operands = [getter(one) for one in node.operands]
    first = operands[0]
    if node.name == "attribute_exists":
        return lambda item, values: first(item, values) is not None
    if node.name == "attribute_not_exists":
        return lambda item, values: first(item, values) is None
    second = operands[1]
    if node.name == "attribute_type":
        return lambda item, values: (first(item, values) or {}).keys() == {(second(item, values) or {}).get("S")}
    if node.name == "begins_with":
        return lambda item, values: begins_with(first(item, values), second(item, values))
    return lambda item, values: contains(first(item, values), second(item, values))


def getter(node: Operand) -> Get:
    """The function that finds an operand's value."""
    if isinstance(node, Path):
        parts = node.parts
        if len(parts) == 1:
            name = str(parts[0])
            return lambda item, values: item.get(name)
        return lambda item, values: look_up(item, parts)
    if isinstance(node, Substitute):
        key = node.name
        return lambda item, values: values[key]
    if isinstance(node, Literal):
        value = node.value
        return lambda item, values: value
    assert isinstance(node, Call)  # `size`: sums and the functions of updates are computed there
    inner = getter(node.operands[0])
    return lambda item, values: size(inner(item, values))


def operands_of(node: Condition | Operand) -> Iterator[Operand]:
    """Every path and value in a node."""
    if isinstance(node, Path | Substitute | Literal):
        yield node
        return
    for part in _parts(node):
        yield from operands_of(part)


def _parts(node: Condition | Operand) -> tuple[Condition | Operand, ...]:
    if isinstance(node, Compare | Sum):
        return node.left, node.right
    if isinstance(node, Between):
        return node.value, node.low, node.high
    if isinstance(node, In):
        return node.value, *node.choices
    if isinstance(node, And | Or):
        return node.parts
    if isinstance(node, Not):
        return (node.part,)
    return node.operands if isinstance(node, Call) else ()


# --- checking the values of a request ---


def _check(parameter: str, node: Condition | Operand, values: Values) -> None:
    if isinstance(node, Call):
        _check_call(parameter, node, values)
    elif isinstance(node, Compare):
        _check_compare(parameter, node, values)
    elif isinstance(node, Between):
        _check_between(parameter, node, values)
    for part in _parts(node):
        if not isinstance(part, Path | Substitute | Literal):
            _check(parameter, part, values)


def _check_call(parameter: str, node: Call, values: Values) -> None:
    first, rest = node.operands[0], node.operands[1:]
    if node.name.startswith("attribute_") and not isinstance(first, Path):
        raise Faulty(parameter, f"Operator or function requires a document path; operator or function: {node.name}")
    if node.name == "attribute_type":
        _check_type_name(parameter, rest[0], values)
    elif node.name in _PARTS:
        check_type(parameter, node.name, first, values, _WHOLES[node.name])
        check_type(parameter, node.name, rest[0], values, _PARTS[node.name])
        _check_distinct(parameter, node.name, first, rest[0])
    elif node.name == "size":
        check_type(parameter, node.name, first, values, _SIZED)


def _check_type_name(parameter: str, operand: Operand, values: Values) -> None:
    check_type(parameter, "attribute_type", operand, values, ("S",))
    value = _given(operand, values)
    if value is not None and value["S"] not in _TYPES:
        raise Faulty(
            parameter,
            f"Invalid attribute type name found; type: {value['S']}, valid types: {{{','.join(_TYPES)}}}",
        )


def _check_compare(parameter: str, node: Compare, values: Values) -> None:
    if node.sign not in ("=", "<>"):
        for operand in (node.left, node.right):
            check_type(parameter, node.sign, operand, values, _ORDERED)
    _check_distinct(parameter, node.sign, node.left, node.right)


def _check_distinct(parameter: str, operator: str, left: Operand, right: Operand) -> None:
    if isinstance(left, Path) and left == right:
        raise Faulty(
            parameter,
            "The first operand must be distinct from the remaining operands for this operator or function; "
            f"operator: {operator}, first operand: {left}",
        )


def _check_between(parameter: str, node: Between, values: Values) -> None:
    for operand in (node.value, node.low, node.high):
        check_type(parameter, "BETWEEN", operand, values, _ORDERED)
    low, high = _given(node.low, values), _given(node.high, values)
    if low is None or high is None:
        return
    bounds = f"lower bound operand: AttributeValue: {shown(low)}, upper bound operand: AttributeValue: {shown(high)}"
    if kind_of(low) != kind_of(high):
        raise Faulty(parameter, f"The BETWEEN operator requires same data type for lower and upper bounds; {bounds}")
    if order_key(low) > order_key(high):
        raise Faulty(
            parameter,
            f"The BETWEEN operator requires upper bound to be greater than or equal to lower bound; {bounds}",
        )


def check_type(parameter: str, operator: str, operand: Operand, values: Values, types: tuple[str, ...]) -> None:
    """Faulty when an operand is a value of the request and of a type that the operator does not take."""
    value = _given(operand, values)
    if value is not None and kind_of(value) not in types:
        raise Faulty(
            parameter,
            "Incorrect operand type for operator or function; "
            f"operator or function: {operator}, operand type: {kind_of(value)}",
        )


def _given(operand: Operand, values: Values) -> Value | None:
    return values[operand.name] if isinstance(operand, Substitute) else None


def shown(value: Value) -> str:
    """A value as AWS's messages print it: {S:text}."""
    ((kind, content),) = value.items()
    return f"{{{kind}:{content}}}"
