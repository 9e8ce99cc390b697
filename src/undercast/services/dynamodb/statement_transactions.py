"""Running PartiQL statements together, with TransactGetItems and TransactWriteItems."""

from __future__ import annotations

from typing import Any

from undercast.engines import partiql
from undercast.engines.partiql import Delete, Exists, Insert, Keys, PartiqlError, Select, Statement, Update
from undercast.kit.call import Call
from undercast.services.dynamodb import errors, statements, transactions


async def read(call: Call, selects: list[Select], request: dict[str, Any]) -> dict[str, Any]:
    """All SELECTs as of one moment; each names one item."""
    gets = []
    for select in selects:
        _, keys = await statements.keys_of(call, select.table)
        key, rest = _key(select, keys)
        if rest or select.index or select.order:
            raise errors.ValidationException(
                "SELECT statements in ExecuteTransaction take nothing but the primary key in the WHERE clause"
            )
        gets.append({"Get": {"TableName": select.table, "Key": key}})
    asked = {"TransactItems": gets, "ReturnConsumedCapacity": request.get("ReturnConsumedCapacity") or "NONE"}
    answer = await transactions.transact_get_items(statements.inside(call), asked)
    found = [
        {"Item": partiql.project(one["Item"], select.columns)} if one.get("Item") else {}
        for one, select in zip(answer["Responses"], selects, strict=True)
    ]
    return {"Responses": found, "ConsumedCapacity": answer.get("ConsumedCapacity")}


async def write(
    call: Call, parsed: list[Statement], wanted: list[dict[str, Any]], request: dict[str, Any]
) -> dict[str, Any]:
    """All writes and checks, or none."""
    writes = []
    for statement, one in zip(parsed, wanted, strict=True):
        _, keys = await statements.keys_of(call, statements.table_name(statement))
        action, planned = _write(statement, keys)
        if one.get("ReturnValuesOnConditionCheckFailure"):
            planned["ReturnValuesOnConditionCheckFailure"] = one["ReturnValuesOnConditionCheckFailure"]
        writes.append({action: planned})
    asked = {"TransactItems": writes}
    asked |= {name: request[name] for name in ("ClientRequestToken", "ReturnConsumedCapacity") if request.get(name)}
    try:
        answer = await transactions.transact_write_items(statements.inside(call), asked)
    except errors.TransactionCanceledException as error:
        raise _canceled(error, parsed) from error
    return {"Responses": [], "ConsumedCapacity": (answer or {}).get("ConsumedCapacity")}


def _write(statement: Statement, keys: Keys) -> tuple[str, dict[str, Any]]:
    try:
        match statement:
            case Insert():
                return "Put", partiql.plan_insert(statement, keys)
            case Update():
                action, planned = "Update", partiql.plan_update(statement, keys)
            case Delete():
                action, planned = "Delete", partiql.plan_delete(statement, keys)
            case Exists():
                return "ConditionCheck", partiql.plan_exists(statement, keys)
            case _:
                raise AssertionError(statement)
    except PartiqlError as error:
        raise errors.ValidationException(str(error)) from error
    if planned.pop("ReturnValues") != "NONE":
        raise errors.ValidationException("RETURNING clause is not supported in ExecuteTransaction")
    return action, planned


def _key(select: Select, keys: Keys) -> tuple[dict[str, Any], list[Any]]:
    try:
        return partiql.plan_key(select.where, keys)
    except PartiqlError as error:
        raise errors.ValidationException(str(error)) from error


def _canceled(error: errors.TransactionCanceledException, parsed: list[Statement]) -> Exception:
    """The error with an INSERT's failed condition called what it is: a duplicate."""
    reasons = error.members.get("CancellationReasons") or []
    told = [
        {**reason, "Code": "DuplicateItem", "Message": errors.DuplicateItemException().message}
        if isinstance(statement, Insert) and reason.get("Code") == "ConditionalCheckFailed"
        else reason
        for reason, statement in zip(reasons, parsed, strict=False)
    ]
    codes = ", ".join(str(reason["Code"]) for reason in told)
    message = f"{error.message.partition(' [')[0]} [{codes}]"
    return errors.TransactionCanceledException(message, CancellationReasons=told)
