"""Plans a PartiQL statement as requests of DynamoDB's own operations: Query, Scan, PutItem, UpdateItem, DeleteItem."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from undercast.engines.partiql.model import (
    And,
    Attribute,
    AttributeValue,
    Between,
    Comparison,
    Condition,
    Delete,
    Exists,
    Holds,
    In,
    Insert,
    Keys,
    Missing,
    Not,
    Or,
    PartiqlError,
    Select,
    Update,
    Value,
)
from undercast.engines.partiql.rendering import Rendered, Rendering

Request = dict[str, Any]

_TURNED = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True)
class SelectPlan:
    """How to find the items of a SELECT.

    `queries` are requests of Query, to run one after the other; without any the whole table is scanned. Both leave
    `residual` to be checked on every item, because a Query's filter may not name key attributes.
    """

    queries: tuple[Request, ...]
    residual: Rendered | None


def plan_select(select: Select, keys: Keys) -> SelectPlan:
    """Queries when the WHERE clause fixes the partition key with `=`, IN or OR; a scan otherwise. PartiqlError."""
    parts = _conjunction(select.where)
    found = _partition_values(parts, keys)
    _check_order(select, keys, found is not None)
    if found is None:
        return SelectPlan((), _residual(parts))
    part, values = found
    rest = [other for other in parts if other is not part]
    on_sort = next((other for other in rest if keys.sort and _sort_condition(other, keys.sort)), None)
    rest = [other for other in rest if other is not on_sort]
    descending = dict(select.order)
    if keys.partition in descending:
        values = sorted(values, key=_order_of, reverse=descending[keys.partition])
    queries = [_query(select, keys, value, on_sort, descending.get(keys.sort, False)) for value in values]
    return SelectPlan(tuple(queries), _residual(rest))


def plan_key(where: Condition | None, keys: Keys) -> tuple[dict[str, AttributeValue], list[Condition]]:
    """The one key that a WHERE clause fixes, and what else it demands. PartiqlError."""
    key: dict[str, AttributeValue] = {}
    rest: list[Condition] = []
    for part in _conjunction(where):
        name, value = _equality(part)
        if name in keys.names and name not in key and value is not None:
            key[name] = value
        else:
            rest.append(part)
    if len(key) < len(keys.names):
        raise PartiqlError("Where clause does not contain a mandatory equality on all key attributes")
    return key, rest


def plan_insert(insert: Insert, keys: Keys) -> Request:
    """A PutItem of an item that is not there yet."""
    rendering = Rendering()
    condition = rendering.condition(Missing((keys.partition,)))
    return {
        "TableName": insert.table, "Item": insert.item, "ConditionExpression": condition, **rendering.members(),
    }  # fmt: skip


def plan_update(update: Update, keys: Keys) -> Request:
    """An UpdateItem of an item that is there."""
    key, rest = plan_key(update.where, keys)
    rendering = Rendering()
    expression = rendering.update(update.actions)
    condition = rendering.condition(_all([Not(Missing((keys.partition,))), *rest]))
    return {
        "TableName": update.table, "Key": key, "UpdateExpression": expression, "ConditionExpression": condition,
        **rendering.members(), "ReturnValues": update.returning,
    }  # fmt: skip


def plan_delete(delete: Delete, keys: Keys) -> Request:
    """A DeleteItem; that there is no such item is no error, that it is not as demanded is one."""
    if delete.returning not in ("NONE", "ALL_OLD"):
        raise PartiqlError("Only ALL OLD * is supported in the RETURNING clause of a DELETE statement")
    key, rest = plan_key(delete.where, keys)
    request: Request = {"TableName": delete.table, "Key": key, "ReturnValues": delete.returning}
    if rest:
        rendering = Rendering()
        condition = rendering.condition(Or((Missing((keys.partition,)), _all(rest))))
        request |= {"ConditionExpression": condition, **rendering.members()}
    return request


def plan_exists(exists: Exists, keys: Keys) -> Request:
    """A ConditionCheck of a transaction."""
    key, rest = plan_key(exists.select.where, keys)
    rendering = Rendering()
    condition = rendering.condition(_all(rest or [Not(Missing((keys.partition,)))]))
    return {
        "TableName": exists.select.table, "Key": key, "ConditionExpression": condition, **rendering.members(),
    }  # fmt: skip


# --- what a WHERE clause says of the keys ---


def _conjunction(where: Condition | None) -> list[Condition]:
    if where is None:
        return []
    if isinstance(where, And):
        return [part for one in where.parts for part in _conjunction(one)]
    return [where]


def _all(parts: list[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def _residual(parts: list[Condition]) -> Rendered | None:
    return Rendering().rendered(_all(parts)) if parts else None


def _equality(part: Condition) -> tuple[str, AttributeValue | None]:
    """`name = value`, whichever side the name is on."""
    match part:
        case Comparison("=", Attribute((str(name),)), Value(value)) | Comparison(
            "=", Value(value), Attribute((str(name),))
        ):
            return name, value
    return "", None


def _partition_values(parts: list[Condition], keys: Keys) -> tuple[Condition, list[AttributeValue]] | None:
    """The first part that fixes the partition key, and the values it may have."""
    for part in parts:
        values = _values_of(part, keys.partition)
        if values:
            return part, [value for index, value in enumerate(values) if value not in values[:index]]
    return None


def _values_of(part: Condition, name: str) -> list[AttributeValue] | None:
    match part:
        case In(Attribute((str(found),)), options) if found == name:
            values = [option.value for option in options if isinstance(option, Value)]
            return values if len(values) == len(options) else None
        case Or(parts):
            found_values = [_equality(one) for one in parts]
            if all(found == name and value is not None for found, value in found_values):
                return [value for _, value in found_values if value is not None]
            return None
    found, value = _equality(part)
    return [value] if found == name and value is not None else None


def _sort_condition(part: Condition, sort: str) -> Condition | None:
    """The part as a key condition on the sort key, if it is one."""
    match part:
        case Comparison(operator, Attribute((str(name),)), Value(_)) if name == sort and operator != "<>":
            return part
        case Comparison(operator, Value(_), Attribute((str(name),))) if name == sort and operator != "<>":
            return Comparison(_TURNED[operator], part.right, part.left)
        case Between(Attribute((str(name),)), Value(_), Value(_)) if name == sort:
            return part
        case Holds(call) if call.name == "begins_with" and call.arguments[0] == Attribute((sort,)):
            return part if isinstance(call.arguments[1], Value) else None
    return None


def _query(select: Select, keys: Keys, value: AttributeValue, on_sort: Condition | None, descending: bool) -> Request:
    rendering = Rendering()
    expression = rendering.condition(Comparison("=", Attribute((keys.partition,)), Value(value)))
    sort_condition = on_sort and _sort_condition(on_sort, keys.sort)
    if sort_condition:
        expression += " AND " + rendering.condition(sort_condition)
    request: Request = {"TableName": select.table, "KeyConditionExpression": expression, **rendering.members()}
    if select.index:
        request["IndexName"] = select.index
    if descending:
        request["ScanIndexForward"] = False
    return request


def _check_order(select: Select, keys: Keys, by_partition: bool) -> None:
    if not select.order:
        return
    if select.where is None:
        raise PartiqlError("Must have WHERE clause in the statement when using ORDER BY clause.")
    if not by_partition:
        raise PartiqlError(
            "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause."
        )
    for name, _ in select.order:
        if name not in keys.names:
            raise PartiqlError(f"Variable reference {name} in ORDER BY clause must be part of the primary key")


def _order_of(value: AttributeValue) -> tuple[str, Any]:
    kind, content = next(iter(value.items()))
    return kind, _number(content) if kind == "N" else content


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise PartiqlError(f"The parameter cannot be converted to a numeric value: {text}") from error
