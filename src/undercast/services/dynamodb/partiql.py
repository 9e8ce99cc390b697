"""Operations that run PartiQL statements."""

from __future__ import annotations

from typing import Any

from undercast.engines.dynamodb.errors import Invalid
from undercast.engines.partiql import PartiqlError, Select, parse
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.dynamodb import statement_transactions, statements
from undercast.services.dynamodb.errors import ValidationException

_MOST = 25  # statements of a batch


async def execute_statement(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """One statement: a page of a SELECT's items, or a write."""
    statement = statements.read(request)
    if isinstance(statement, Select):
        return await statements.select(call, statement, request)
    if request.get("NextToken") or request.get("Limit"):
        raise ValidationException("NextToken and Limit are only supported for SELECT statements")
    return await statements.write(call, statement, request)


async def batch_execute_statement(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Up to 25 statements, all reads of one item or all writes; each succeeds or fails by itself."""
    wanted = request["Statements"]
    if len(wanted) > _MOST:
        raise ValidationException(f"Too many statements in the batch: the limit is {_MOST}")
    if len({one["Statement"].lstrip()[:6].upper() == "SELECT" for one in wanted}) > 1:
        raise ValidationException(
            "BatchExecuteStatement API does not support both read and write operations in the same request."
        )
    responses, consumed = [], []
    for one in wanted:
        answer, units = await _one_of_batch(call, one, request.get("ReturnConsumedCapacity"))
        responses.append(answer)
        consumed += [units] if units else []
    return {"Responses": responses, "ConsumedCapacity": consumed or None}


async def execute_transaction(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Up to 100 statements, all reads or all writes; all of them or none."""
    wanted = request["TransactStatements"]
    parsed = [statements.read(one) for one in wanted]
    selects = [one for one in parsed if isinstance(one, Select)]
    if len(selects) == len(parsed):
        return await statement_transactions.read(call, selects, request)
    if selects:
        raise ValidationException(
            "ExecuteTransaction API does not support both read and write operations in the same request."
        )
    return await statement_transactions.write(call, parsed, wanted, request)


async def _one_of_batch(call: Call, one: dict[str, Any], capacity: str | None) -> tuple[dict[str, Any], Any]:
    """A response of a batch, and the capacity it took."""
    table = ""
    try:
        statement = parse(one["Statement"], one.get("Parameters"))
        table = statements.table_name(statement)
        async with call.db.savepoint():
            asked = {**one, "ReturnConsumedCapacity": capacity or "NONE"}
            if isinstance(statement, Select):
                answer = await statements.select_one(call, statement, asked)
            else:
                answer = await statements.write(call, statement, asked)
    except (PartiqlError, Invalid) as error:
        told: dict[str, Any] = {"Code": "ValidationError", "Message": str(error)}
        return {"TableName": table or None, "Error": told}, None
    except ServiceError as error:
        told = {"Code": statements.batch_code(error), "Message": error.message, "Item": error.members.get("Item")}
        return {"TableName": table, "Error": told}, None
    items = answer.get("Items") or [None]
    return {"TableName": table, "Item": items[0]}, answer.get("ConsumedCapacity")
