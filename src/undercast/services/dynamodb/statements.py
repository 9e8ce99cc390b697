"""Running one PartiQL statement with the operations it is planned as."""

from __future__ import annotations

from base64 import b64decode, b64encode
from hashlib import sha256
from typing import Any

import orjson

from undercast.engines import partiql
from undercast.engines.dynamodb import values
from undercast.engines.dynamodb.errors import invalid_value
from undercast.engines.dynamodb.keys import KeySchema
from undercast.engines.partiql import Delete, Exists, Insert, Keys, PartiqlError, Select, SelectPlan, Statement, Update
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.dynamodb import errors, items, queries, storage
from undercast.services.dynamodb.model import Index, Table
from undercast.services.dynamodb.parameters import Guard, read_expressions, read_guard

_BATCH_CODES = {
    "ConditionalCheckFailedException": "ConditionalCheckFailed",
    "DuplicateItemException": "DuplicateItem",
    "ItemCollectionSizeLimitExceededException": "ItemCollectionSizeLimitExceeded",
    "ProvisionedThroughputExceededException": "ProvisionedThroughputExceeded",
    "ResourceNotFoundException": "ResourceNotFound",
    "ThrottlingException": "ThrottlingError",
    "TransactionConflictException": "TransactionConflict",
    "ValidationException": "ValidationError",
}


def read(request: dict[str, Any]) -> Statement:
    """The statement of a request, with its parameters in place. ValidationException."""
    try:
        return partiql.parse(request["Statement"], request.get("Parameters"))
    except PartiqlError as error:
        raise errors.ValidationException(str(error)) from error


def table_name(statement: Statement) -> str:
    """The table that a statement is about."""
    return statement.select.table if isinstance(statement, Exists) else statement.table


def batch_code(error: ServiceError) -> str:
    """How a batch names an error."""
    return _BATCH_CODES.get(error.code, "InternalServerError")


async def keys_of(call: Call, name: str, index: str = "") -> tuple[Table, Keys]:
    """A table with its key attributes, or those of an index."""
    table = await storage.find_table(call, name)
    key: KeySchema = table.key
    if index:
        found = table.index(index)
        if found is None:
            raise errors.ValidationException(f"The table does not have the specified index: {index}")
        key = found.key
    return table, Keys(key.hash, key.range or "")


def inside(call: Call) -> Call:
    """The call as operations shall see it that are run for a statement: what they answer goes to no client as it is."""
    copy = call.into()
    copy.request = None
    return copy


# --- reading ---


async def select(call: Call, statement: Select, request: dict[str, Any]) -> dict[str, Any]:
    """A page of the items of a SELECT."""
    table, keys = await keys_of(call, statement.table, statement.index)
    plan = _plan(partiql.plan_select, statement, keys)
    digest = _digest(request)
    number, start = _read_token(request.get("NextToken"), digest)
    found, consumed, last = await _read_page(
        call, plan, _common(statement, table, plan, request), number, start, request
    )
    return {
        "Items": [partiql.project(item, statement.columns) for item in found],
        "NextToken": _token(digest, *last) if last else None,
        "LastEvaluatedKey": last[1] if last else None,
        "ConsumedCapacity": _sum(consumed),
    }


async def select_one(call: Call, statement: Select, request: dict[str, Any]) -> dict[str, Any]:
    """The one item of a SELECT in a batch, whose WHERE clause must name a whole key."""
    _, keys = await keys_of(call, statement.table)
    try:
        partiql.plan_key(statement.where, keys)
    except PartiqlError as error:
        raise errors.ValidationException(
            "Select statements within BatchExecuteStatement must specify the primary key in the where clause."
        ) from error
    return await select(call, statement, request)


async def _read_page(
    call: Call, plan: SelectPlan, common: dict[str, Any], number: int, start: Any, request: dict[str, Any]
) -> tuple[list[Any], list[Any], tuple[int, Any] | None]:
    """Items, capacity, and where to go on: the number of the query and the key it ended at."""
    guard, limit = _guard(plan), request.get("Limit")
    found: list[Any] = []
    consumed: list[Any] = []
    requests = plan.queries or ({},)
    while number < len(requests):
        asked = {**common, **requests[number]} | ({"ExclusiveStartKey": start} if start else {})
        answer = await (queries.query if plan.queries else queries.scan)(inside(call), {**asked, **_limited(limit)})
        found += [item for item in answer["Items"] if guard is None or guard.holds(item)]
        consumed += [answer["ConsumedCapacity"]] if answer.get("ConsumedCapacity") else []
        start = answer.get("LastEvaluatedKey")
        if start:
            return found, consumed, (number, start)
        limit = limit and limit - answer["ScannedCount"]
        number += 1
        if limit == 0:
            return found, consumed, (number, None) if number < len(requests) else None
    return found, consumed, None


def _limited(limit: int | None) -> dict[str, int]:
    return {"Limit": limit} if limit else {}


def _common(statement: Select, table: Table, plan: SelectPlan, request: dict[str, Any]) -> dict[str, Any]:
    """What all requests of a SELECT have in common."""
    common: dict[str, Any] = {"TableName": statement.table}
    if statement.index:
        common["IndexName"] = statement.index
    for name in ("ConsistentRead", "ReturnConsumedCapacity"):
        if request.get(name):
            common[name] = request[name]
    index = table.index(statement.index) if statement.index else None
    if index and statement.columns:
        wanted = {str(column.path[0]) for column in statement.columns}
        if index.is_global:
            _check_projected(table, index, wanted)
        elif not all(index.has(name, table.key) for name in wanted | (plan.residual.roots if plan.residual else set())):
            common["Select"] = "ALL_ATTRIBUTES"
    return common


def _check_projected(table: Table, index: Index, wanted: set[str]) -> None:
    lacking = sorted(name for name in wanted if not index.has(name, table.key))
    if lacking:
        raise invalid_value(f"Global secondary index {index.name} does not project [{', '.join(lacking)}]")


def _guard(plan: SelectPlan) -> Guard | None:
    if plan.residual is None:
        return None
    asked: dict[str, Any] = {"FilterExpression": plan.residual.expression}
    if plan.residual.names:
        asked["ExpressionAttributeNames"] = plan.residual.names
    if plan.residual.values:
        asked["ExpressionAttributeValues"] = plan.residual.values
    return read_guard(asked, read_expressions(asked, "FilterExpression"), "FilterExpression", "QueryFilter")


def _digest(request: dict[str, Any]) -> str:
    asked = values.encode({"s": {"S": request["Statement"]}, "p": {"L": request.get("Parameters") or []}})
    return sha256(asked).hexdigest()


def _token(digest: str, number: int, key: Any) -> str:
    position = values.encode({"d": {"S": digest}, "n": {"N": str(number)}, "k": {"M": key or {}}})
    return b64encode(position).decode()


def _read_token(token: str | None, digest: str) -> tuple[int, Any]:
    if not token:
        return 0, None
    try:
        position = values.decode(b64decode(token, validate=True))
        if position["d"]["S"] == digest:
            return int(position["n"]["N"]), position["k"]["M"]
    except (ValueError, KeyError, TypeError, orjson.JSONDecodeError) as error:
        raise errors.ValidationException("Invalid NextToken") from error
    raise errors.ValidationException("NextToken does not match request")


def _sum(consumed: list[Any]) -> Any:
    if not consumed:
        return None
    total = dict(consumed[0])
    total["CapacityUnits"] = sum(one["CapacityUnits"] for one in consumed)
    return total


# --- writing ---


async def write(call: Call, statement: Statement, request: dict[str, Any]) -> dict[str, Any]:
    """INSERT, UPDATE or DELETE of one item."""
    _, keys = await keys_of(call, table_name(statement))
    options = {
        name: request[name]
        for name in ("ReturnConsumedCapacity", "ReturnValuesOnConditionCheckFailure")
        if request.get(name)
    }
    match statement:
        case Insert():
            answer = await _insert(call, {**_plan(partiql.plan_insert, statement, keys), **options})
        case Update():
            answer = await items.update_item(inside(call), {**_plan(partiql.plan_update, statement, keys), **options})
        case Delete():
            answer = await items.delete_item(inside(call), {**_plan(partiql.plan_delete, statement, keys), **options})
        case _:
            raise errors.ValidationException("EXISTS is only supported in ExecuteTransaction")
    attributes = answer.get("Attributes")
    return {"Items": [attributes] if attributes else [], "ConsumedCapacity": answer.get("ConsumedCapacity")}


async def _insert(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    try:
        return await items.put_item(inside(call), request)
    except errors.ConditionalCheckFailedException as error:
        raise errors.DuplicateItemException from error


def _plan(planner: Any, statement: Any, keys: Keys) -> Any:
    """A plan. ValidationException."""
    try:
        return planner(statement, keys)
    except PartiqlError as error:
        raise errors.ValidationException(str(error)) from error
