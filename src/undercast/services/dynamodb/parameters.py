"""Reading what requests on items have in common: expressions or the legacy parameters, never both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from undercast.engines.dynamodb import legacy, values
from undercast.engines.dynamodb.conditions import Compiled, Values, compile_condition
from undercast.engines.dynamodb.errors import Invalid
from undercast.engines.dynamodb.expressions import Expressions, Projection
from undercast.engines.dynamodb.nodes import Path
from undercast.engines.dynamodb.paths import tree_of
from undercast.engines.dynamodb.values import Item

_LEGACY = ("AttributesToGet", "AttributeUpdates", "Expected", "KeyConditions", "QueryFilter", "ScanFilter",
           "ConditionalOperator")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition with the values it is asked with."""

    compiled: Compiled
    values: Values

    def holds(self, item: Item) -> bool:
        return self.compiled.test(item, self.values)


def read_expressions(request: Mapping[str, Any], *parameters: str) -> Expressions:
    """The names and values of a request whose expressions may be in `parameters`."""
    given = [name for name in parameters if request.get(name) is not None]
    if given:
        mixed = [name for name in _LEGACY if request.get(name) is not None]
        if mixed:
            raise Invalid(
                "Can not use both expression and non-expression parameters in the same request: "
                f"Non-expression parameters: {{{', '.join(mixed)}}} Expression parameters: {{{', '.join(given)}}}"
            )
        return Expressions(request)
    if "ExpressionAttributeNames" in request:
        raise Invalid("ExpressionAttributeNames can only be specified when using expressions")
    if "ExpressionAttributeValues" in request:
        users = [name for name in parameters if name != "ProjectionExpression"]
        null = "are null" if len(users) > 1 else "is null"
        raise Invalid(
            f"ExpressionAttributeValues can only be specified when using expressions: {' and '.join(users)} {null}"
        )
    return _NONE


_NONE = Expressions({})


def read_guard(
    request: Mapping[str, Any], expressions: Expressions, parameter: str, legacy_parameter: str
) -> Guard | None:
    """The condition of a write, or the filter of a read."""
    if parameter in request:
        return Guard(expressions.condition(parameter, request[parameter]), expressions.values)
    given, operator = request.get(legacy_parameter), request.get("ConditionalOperator")
    legacy.check_operator(operator, given)
    if not given:
        return None
    read = legacy.read_expected if legacy_parameter == "Expected" else legacy.read_filter
    return Guard(compile_condition(legacy_parameter, read(given, operator)), {})


def read_projection(request: Mapping[str, Any], expressions: Expressions) -> Projection | None:
    """What of items a read answers; None for all."""
    if "ProjectionExpression" in request:
        return expressions.projection(request["ProjectionExpression"])
    names = request.get("AttributesToGet")
    if not names:
        return None
    for number, name in enumerate(names):
        if name in names[:number]:
            raise Invalid(f"One or more parameter values were invalid: Duplicate value in attribute name: {name}")
    return Projection(tree_of([Path((name,)) for name in names]), frozenset(names), frozenset())


def read_item(
    item: Mapping[str, Any], too_large: str = "Item size has exceeded the maximum allowed size"
) -> tuple[Item, int]:
    """An item that a client gives, canonical, and its size."""
    checked, size = values.check_item(item)
    if size > values.LARGEST_ITEM:
        raise Invalid(too_large)
    return checked, size


def read_key(key: Mapping[str, Any]) -> Item:
    """The attributes of a key that a client gives, canonical."""
    return values.check_item(key)[0]


def check_return_values(request: Mapping[str, Any], allowed: Sequence[str]) -> None:
    """ReturnValues of operations that do not take all of them."""
    if request.get("ReturnValues", "NONE") not in allowed:
        raise Invalid("ReturnValues can only be ALL_OLD or NONE")
