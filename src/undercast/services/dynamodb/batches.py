"""BatchGetItem and BatchWriteItem: many items, each for itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from undercast.engines.dynamodb.errors import Invalid
from undercast.engines.dynamodb.keys import KeyBytes
from undercast.engines.dynamodb.values import Item
from undercast.kit.call import Call
from undercast.kit.service import relaxed
from undercast.services.dynamodb import capacity, collection, forms, storage, writes
from undercast.services.dynamodb.capacity import Consumed, read_units
from undercast.services.dynamodb.errors import ValidationException
from undercast.services.dynamodb.model import Stored, Table
from undercast.services.dynamodb.parameters import read_expressions, read_item, read_key, read_projection
from undercast.services.dynamodb.writes import Write

_MOST_GETS, _MOST_WRITES = 100, 25
_MOST_BYTES = 16 * 1024 * 1024  # of an answer
_DUPLICATES = "Provided list of item keys contains duplicates"


@relaxed
async def batch_get_item(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Items of several tables; what does not fit into 16 MB is named to be asked for again."""
    wanted: dict[str, Any] = request["RequestItems"]
    if sum(len(one["Keys"]) for one in wanted.values()) > _MOST_GETS:
        raise ValidationException("Too many items requested for the BatchGetItem call")
    read = {name: _read_gets(one) for name, one in wanted.items()}
    responses: dict[str, Any] = {}
    unprocessed: dict[str, Any] = {}
    consumed: list[Consumed] = []
    left = _MOST_BYTES
    for name, (keys, projection) in read.items():
        table = await storage.find_table(call, name)
        places = _distinct(table.key.of_key(key) for key in keys)
        found, used = await _get_some(call, table, places, left, consistent=bool(wanted[name].get("ConsistentRead")))
        left -= sum(stored.size for stored in found if stored)
        responses[name] = forms.many(call, [stored for stored in found if stored], projection)
        if len(found) < len(keys):
            unprocessed[name] = {**wanted[name], "Keys": keys[len(found) :]}
        consumed.append(used)
    return {
        "Responses": responses,
        "UnprocessedKeys": unprocessed,
        "ConsumedCapacity": _reports(consumed, request),
    }


async def batch_write_item(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Puts and deletes in several tables; those that are throttled are given back."""
    wanted: dict[str, Any] = request["RequestItems"]
    if sum(map(len, wanted.values())) > _MOST_WRITES:
        raise ValidationException("Too many items requested for the BatchWriteItem call")
    read = {name: [_read_write(one) for one in many] for name, many in wanted.items()}
    fitted = [(name, *await _fit(call, name, many)) for name, many in read.items()]
    unprocessed: dict[str, Any] = {}
    consumed: list[Consumed] = []
    metrics: dict[str, Any] = {}
    for name, table, places in fitted:
        for write, place, given in zip(read[name], places, wanted[name], strict=True):
            used = await _write(call, table, write, place, counted=_counted(request))
            if used is None:
                unprocessed.setdefault(name, []).append(given)
                continue
            consumed.append(used)
            if request.get("ReturnItemCollectionMetrics") == "SIZE":
                shown = await collection.metrics(call, table, write.attributes, place)
                metrics.setdefault(name, []).extend([shown] if shown else [])
    if not consumed:
        raise capacity.THROTTLED[fitted[0][1].on_demand]()
    return {
        "UnprocessedItems": unprocessed,
        "ItemCollectionMetrics": {name: many for name, many in metrics.items() if many} or None,
        "ConsumedCapacity": _reports(consumed, request),
    }


# --- getting ---


def _read_gets(wanted: Mapping[str, Any]) -> tuple[list[Item], Any]:
    expressions = read_expressions(wanted, "ProjectionExpression")
    keys = [read_key(key) for key in wanted["Keys"]]
    projection = read_projection(wanted, expressions)
    expressions.check_used()
    return keys, projection


async def _get_some(
    call: Call, table: Table, places: list[KeyBytes], room: int, *, consistent: bool
) -> tuple[list[Stored | None], Consumed]:
    """The items of the first places, up to `room` bytes; None for those that are not there."""
    found: list[Stored | None] = []
    consumed = Consumed(table, "read")
    for place in places:
        stored = await storage.find_item(call, table, place)
        room -= stored.size if stored else 0
        if room < 0:
            break
        found.append(stored)
        consumed.add(read_units(stored.size if stored else 0, consistent=consistent))
    await capacity.take(call, consumed)
    return found, consumed


# --- writing ---


def _read_write(request: Mapping[str, Any]) -> Write:
    if len(request) != 1:
        raise Invalid(
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"
            if request
            else "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
        )
    if "PutRequest" in request:
        item, size = read_item(request["PutRequest"]["Item"])
        return Write(item, size, None, "put")
    return Write(read_key(request["DeleteRequest"]["Key"]), 0, None, "delete")


async def _fit(call: Call, name: str, many: list[Write]) -> tuple[Table, list[KeyBytes]]:
    table = await storage.find_table(call, name)
    places = []
    for write in many:
        # recorded: test_batch_write_not_matching_schema; a batch says so of items too
        key = {one: write.attributes[one] for one in table.key.names if one in write.attributes}
        table.key.of_key(key if write.kind == "put" else write.attributes)
        places.append(writes.fit(table, write))
    return table, _distinct(places)


async def _write(call: Call, table: Table, write: Write, place: KeyBytes, *, counted: bool) -> Consumed | None:
    """Make a write; None when it is throttled."""
    if not capacity.throttled(table):
        done = await writes.make(call, table, write, place, images=counted)
        return capacity.of_write(table, done.old, done.new)
    try:
        async with call.db.savepoint():
            done = await writes.make(call, table, write, place, images=True)
            used = capacity.of_write(table, done.old, done.new)
            await capacity.take(call, used)
    except capacity.THROTTLED:
        return None
    return used


def _distinct(places: Iterable[KeyBytes]) -> list[KeyBytes]:
    found = list(places)
    if len(set(found)) < len(found):
        raise Invalid(_DUPLICATES)
    return found


def _counted(request: Mapping[str, Any]) -> bool:
    return bool(request.get("ReturnConsumedCapacity", "NONE") != "NONE")


def _reports(consumed: list[Consumed], request: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    if not _counted(request):
        return None
    reports = (one.report(request["ReturnConsumedCapacity"]) for one in capacity.merged(consumed))
    return [report for report in reports if report]
