"""TransactGetItems and TransactWriteItems: all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

from undercast.engines.dynamodb.errors import Invalid
from undercast.engines.dynamodb.keys import KeyBytes
from undercast.kit.call import Call
from undercast.services.dynamodb import capacity, changes, collection, errors, forms, storage, writes
from undercast.services.dynamodb.capacity import Consumed, read_units
from undercast.services.dynamodb.errors import ConditionalCheckFailedException, ValidationException
from undercast.services.dynamodb.model import Stored, Table
from undercast.services.dynamodb.parameters import read_expressions, read_key, read_projection
from undercast.services.dynamodb.writes import Write

_TOKEN_MS = 10 * 60 * 1000
_MOST_BYTES = 4 * 1024 * 1024
_READERS: dict[str, Callable[[Mapping[str, Any]], Write]] = {
    "Put": writes.read_put,
    "Update": writes.read_update,
    "Delete": writes.read_delete,
    "ConditionCheck": lambda request: writes.read_delete(request, "check"),
}
_NO_REASON = {"Code": "None"}


@dataclass(slots=True)
class Part:
    """One write of a transaction: where, and what is there before and after."""

    table: Table
    write: Write
    key: KeyBytes | None = None
    old: Stored | None = None
    new: Stored | None = None


async def transact_get_items(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Items of several tables, all as of one moment."""
    gets = [one["Get"] for one in request["TransactItems"]]
    read = []
    for get in gets:
        expressions = read_expressions(get, "ProjectionExpression")
        key = read_key(get["Key"])
        read.append((key, read_projection(get, expressions)))
        expressions.check_used()
    tables = [await storage.find_table(call, get["TableName"]) for get in gets]
    reasons: list[dict[str, Any]] = []
    found: list[Stored | None] = []
    for table, (key, _) in zip(tables, read, strict=True):
        try:
            found.append(await storage.find_item(call, table, table.key.of_key(key)))
            reasons.append(_NO_REASON)
        except Invalid as error:
            reasons.append(_invalid(error))
    _check_reasons(reasons)
    consumed = _consumed_reads(tables, found)
    for one in consumed:
        await capacity.take(call, one)
    shown = [forms.one(call, item, what) if item else None for item, (_, what) in zip(found, read, strict=True)]
    return {
        "Responses": [{"Item": item} for item in shown],
        "ConsumedCapacity": _reports(consumed, request),
    }


async def transact_write_items(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Writes and checks in several tables: all of them, or none with the reasons why."""
    read = [_read(one) for one in request["TransactItems"]]
    token = request.get("ClientRequestToken")
    if token and (kept := await _earlier(call, token, request)) is not None:
        return {"ConsumedCapacity": kept if request.get("ReturnConsumedCapacity", "NONE") != "NONE" else None}
    parts = [Part(await storage.find_table(call, name), write) for name, write in read]
    reasons = [await _prepare(call, part) for part in parts]
    _check_distinct(parts)
    _check_reasons(reasons)
    consumed = await _make(call, parts)
    if token:
        await _remember(call, token, request, parts)
    return {
        "ConsumedCapacity": _reports(consumed, request),
        "ItemCollectionMetrics": await _metrics(call, parts, request),
    }


# --- writing ---


def _read(item: Mapping[str, Any]) -> tuple[str, Write]:
    if len(item) != 1:
        raise ValidationException("TransactItems can only contain one of Check, Put, Update or Delete")
    ((kind, given),) = item.items()
    return given["TableName"], _READERS[kind](given)


async def _prepare(call: Call, part: Part) -> dict[str, Any]:
    """Find out what a write would do; the reason why it must not."""
    try:
        part.key = writes.fit(part.table, part.write)
        part.old = await storage.find_item(call, part.table, part.key)
        writes.check_guard(part.write, part.old)
        part.new = writes.result(part.table, part.write, part.old)
    except ConditionalCheckFailedException as error:
        return {"Code": "ConditionalCheckFailed", "Message": error.message, "Item": error.members.get("Item")}
    except Invalid as error:
        return _invalid(error)
    return _NO_REASON


def _invalid(error: Invalid) -> dict[str, Any]:
    return {"Code": "ValidationError", "Message": str(error)}


def _check_reasons(reasons: list[dict[str, Any]]) -> None:
    if all(reason is _NO_REASON for reason in reasons):
        return
    codes = ", ".join(reason["Code"] for reason in reasons)
    raise errors.TransactionCanceledException(
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
        CancellationReasons=reasons,
    )


def _check_distinct(parts: list[Part]) -> None:
    places = [(part.table.id, part.key) for part in parts if part.key is not None]
    if len(set(places)) < len(places):
        raise ValidationException("Transaction request cannot include multiple operations on one item")
    if sum(part.new.size for part in parts if part.new and part.write.kind != "check") > _MOST_BYTES:
        raise ValidationException("Aggregated size of all items in the transaction has exceeded the maximum of 4 MB")


async def _make(call: Call, parts: list[Part]) -> list[Consumed]:
    for part in parts:
        assert part.key is not None
        if part.write.kind != "check" and (part.old is not None or part.new is not None):
            await changes.change_item(call, part.table, part.key, part.old, part.new)
    consumed = capacity.merged(capacity.of_write(part.table, part.old, part.new, 2.0) for part in parts)
    for one in consumed:
        await capacity.take(call, one)
    return consumed


async def _metrics(call: Call, parts: list[Part], request: Mapping[str, Any]) -> dict[str, Any] | None:
    if request.get("ReturnItemCollectionMetrics") != "SIZE":
        return None
    found: dict[str, Any] = {}
    for part in parts:
        assert part.key is not None
        shown = await collection.metrics(call, part.table, part.write.attributes, part.key)
        if shown and part.write.kind != "check":
            found.setdefault(part.table.name, []).append(shown)
    return found or None


# --- a token makes the same request harmless for ten minutes ---


async def _earlier(call: Call, token: str, request: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """What the same request reports when it comes again; None when the token is new."""
    kept = await storage.find_token(call, token)
    if kept is None:
        return None
    if kept[0] != _digest(request):
        raise errors.IdempotentParameterMismatchException()
    reports: list[dict[str, Any]] = orjson.loads(kept[1])
    return reports


async def _remember(call: Call, token: str, request: Mapping[str, Any], parts: list[Part]) -> None:
    reads = _consumed_reads([part.table for part in parts], [part.new for part in parts])
    # "the subsequent calls return the read capacity units consumed in reading the item" (API_TransactWriteItems)
    reports = [one.report("TOTAL", by_kind=True) for one in reads]
    await storage.save_token(call, token, call.now + _TOKEN_MS, _digest(request), orjson.dumps(reports).decode())


def _digest(request: Mapping[str, Any]) -> bytes:
    plain = orjson.dumps(request["TransactItems"], default=bytes.hex, option=orjson.OPT_SORT_KEYS)
    return sha256(plain).digest()


# --- capacity ---


def _consumed_reads(tables: list[Table], found: list[Stored | None]) -> list[Consumed]:
    parts = []
    for table, stored in zip(tables, found, strict=True):
        part = Consumed(table, "read")
        part.add(read_units(stored.size if stored else 0, consistent=True, transactional=True))
        parts.append(part)
    return capacity.merged(parts)


def _reports(consumed: list[Consumed], request: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    wanted = request.get("ReturnConsumedCapacity", "NONE")
    if wanted == "NONE":
        return None
    return [report for one in consumed if (report := one.report(wanted, by_kind=True))]
