"""Operations on one item."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undercast.engines.dynamodb.paths import pick
from undercast.engines.dynamodb.values import Item
from undercast.kit.call import Call
from undercast.kit.service import relaxed
from undercast.services.dynamodb import capacity, collection, forms, storage, writes
from undercast.services.dynamodb.capacity import Consumed, read_units
from undercast.services.dynamodb.model import Stored, Table
from undercast.services.dynamodb.parameters import check_return_values, read_expressions, read_key, read_projection
from undercast.services.dynamodb.writes import Done, Write


@relaxed
async def get_item(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The item of a key; reads see every write that was answered, consistent or not."""
    expressions = read_expressions(request, "ProjectionExpression")
    key = read_key(request["Key"])
    projection = read_projection(request, expressions)
    expressions.check_used()
    table = await storage.find_table(call, request["TableName"])
    found = await storage.find_item(call, table, table.key.of_key(key))
    answer: dict[str, Any] = {}
    if request.get("ReturnConsumedCapacity", "NONE") != "NONE" or capacity.throttled(table):
        consumed = await _read(call, table, found, consistent=bool(request.get("ConsistentRead")))
        answer["ConsumedCapacity"] = consumed.report(request.get("ReturnConsumedCapacity"))
    if found is not None:
        answer["Item"] = forms.one(call, found, projection)
    return answer


async def put_item(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Put an item in the place of one with its key."""
    check_return_values(request, ("NONE", "ALL_OLD"))
    write = writes.read_put(request)
    table = await storage.find_table(call, request["TableName"])
    return await _answer(call, table, write, request)


async def delete_item(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete the item of a key, if it is there."""
    check_return_values(request, ("NONE", "ALL_OLD"))
    write = writes.read_delete(request)
    table = await storage.find_table(call, request["TableName"])
    return await _answer(call, table, write, request)


async def update_item(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change attributes of an item, or make it."""
    write = writes.read_update(request)
    table = await storage.find_table(call, request["TableName"])
    return await _answer(call, table, write, request)


async def _answer(call: Call, table: Table, write: Write, request: Mapping[str, Any]) -> dict[str, Any]:
    """Make the write and answer what the request wants to know of it."""
    returns, counted = request.get("ReturnValues", "NONE"), request.get("ReturnConsumedCapacity", "NONE") != "NONE"
    key = writes.fit(table, write)
    done = await writes.make(call, table, write, key, images=counted or returns != "NONE" or capacity.throttled(table))
    answer: dict[str, Any] = {}
    if returns != "NONE":
        answer["Attributes"] = _attributes(write, done, returns)
    if counted or capacity.throttled(table):
        consumed = capacity.of_write(table, done.old, done.new)
        await capacity.take(call, consumed)
        answer["ConsumedCapacity"] = consumed.report(request.get("ReturnConsumedCapacity"))
    if request.get("ReturnItemCollectionMetrics") == "SIZE":
        answer["ItemCollectionMetrics"] = await collection.metrics(call, table, write.attributes, key)
    return answer


def _attributes(write: Write, done: Done, returns: str) -> Item | None:
    """What ReturnValues asks for; None for nothing."""
    image = done.old if returns.endswith("OLD") else done.new
    if image is None:
        return None
    if returns.startswith("ALL"):
        return image.item
    return pick(image.item, write.update.tree) or None if write.update else None


async def _read(call: Call, table: Table, found: Stored | None, *, consistent: bool) -> Consumed:
    consumed = Consumed(table, "read")
    consumed.add(read_units(found.size if found else 0, consistent=consistent))
    await capacity.take(call, consumed)
    return consumed
