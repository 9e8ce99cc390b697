"""One write of one item, as PutItem, UpdateItem and DeleteItem, batches and transactions have in common.

It is read from a request without the table (`read_put`, …), fitted to the table (`fit`) and then made (`make`), so that
what is wrong is found in AWS's order: values and expressions first, then the table, its keys, and last the condition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from undercast.engines.dynamodb import legacy, values
from undercast.engines.dynamodb.conditions import Values
from undercast.engines.dynamodb.errors import invalid_value
from undercast.engines.dynamodb.keys import KeyBytes
from undercast.engines.dynamodb.updates import Update, make_update
from undercast.engines.dynamodb.values import Item
from undercast.kit.call import Call
from undercast.services.dynamodb import changes, errors, storage
from undercast.services.dynamodb.model import Stored, Table
from undercast.services.dynamodb.parameters import Guard, read_expressions, read_guard, read_item, read_key

_UPDATE_TOO_LARGE = "Item size to update has exceeded the maximum allowed size"


@dataclass(frozen=True, slots=True)
class Write:
    """What shall be done to one item, once `guard` holds."""

    attributes: Item  # of the item that is put, or of the key
    size: int  # of the item that is put
    guard: Guard | None
    kind: str  # put, update, delete or check
    update: Update | None = None
    values: Values | None = None
    return_on_failure: bool = False
    is_legacy: bool = False  # an update by AttributeUpdates

    @property
    def reads(self) -> bool:
        """Whether the item that is there must be known."""
        return self.guard is not None or self.kind == "update"


@dataclass(frozen=True, slots=True)
class Done:
    """A write that was made: the images before and after."""

    key: KeyBytes
    old: Stored | None
    new: Stored | None


# --- reading ---


def read_put(request: Mapping[str, Any]) -> Write:
    """PutItem's parameters, or those of a put in a transaction."""
    expressions = read_expressions(request, "ConditionExpression")
    item, size = read_item(request["Item"])
    guard = read_guard(request, expressions, "ConditionExpression", "Expected")
    expressions.check_used()
    return Write(item, size, guard, "put", return_on_failure=_returns(request))


def read_delete(request: Mapping[str, Any], kind: str = "delete") -> Write:
    """DeleteItem's parameters, or those of a delete or check in a transaction."""
    expressions = read_expressions(request, "ConditionExpression")
    key = read_key(request["Key"])
    guard = read_guard(request, expressions, "ConditionExpression", "Expected")
    expressions.check_used()
    return Write(key, 0, guard, kind, return_on_failure=_returns(request))


def read_update(request: Mapping[str, Any]) -> Write:
    """UpdateItem's parameters, or those of an update in a transaction."""
    expressions = read_expressions(request, "UpdateExpression", "ConditionExpression")
    key = read_key(request["Key"])
    update = expressions.update(request["UpdateExpression"]) if "UpdateExpression" in request else None
    old_style = update is None and bool(request.get("AttributeUpdates"))
    if old_style:
        update = make_update(legacy.read_updates(request["AttributeUpdates"]))
    guard = read_guard(request, expressions, "ConditionExpression", "Expected")
    expressions.check_used()
    return Write(key, 0, guard, "update", update, expressions.values, _returns(request), old_style)


def _returns(request: Mapping[str, Any]) -> bool:
    return request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"


# --- fitting to a table ---


def fit(table: Table, write: Write) -> KeyBytes:
    """Where the item is. Invalid when the write does not fit the table's keys and indexes."""
    if write.kind == "put":
        key = table.key.of_item(write.attributes)
        check_index_keys(table, write.attributes)
        return key
    key = table.key.of_key(write.attributes)
    if write.update:
        for name in write.update.names:
            if name in table.key.names:
                raise invalid_value(f"Cannot update attribute {name}. This attribute is part of the key")
    return key


def check_index_keys(table: Table, item: Item, *, updated: bool = False) -> None:
    """Invalid when an attribute that is an index's key has a value that cannot be one."""
    for index in table.indexes:
        index.key.of_indexed(item, index.name, updated=updated)


# --- making ---


async def make(call: Call, table: Table, write: Write, key: KeyBytes, *, images: bool = False) -> Done:
    """Check the condition and make the change. `images` asks for the old image even when nothing else needs it.

    ConditionalCheckFailedException when the condition does not hold.
    """
    needed = images or table.needs_images or write.reads
    old = await storage.find_item(call, table, key) if needed else None
    check_guard(write, old)
    new = result(table, write, old)
    if write.kind != "check" and (new is not None or old is not None or not needed):
        await changes.change_item(call, table, key, old, new)
    return Done(key, old, new)


def check_guard(write: Write, old: Stored | None) -> None:
    """ConditionalCheckFailedException, with the item when the client asks for it."""
    if write.guard is not None and not write.guard.holds(old.item if old else {}):
        shown = old.item if old and write.return_on_failure else None
        raise errors.ConditionalCheckFailedException(Item=shown)


def result(table: Table, write: Write, old: Stored | None) -> Stored | None:
    """The item after a write."""
    if write.kind == "put":
        return Stored.of(write.attributes, write.size)
    if write.kind != "update":
        return old if write.kind == "check" else None
    update = write.update
    if update is None:
        return old or Stored.of(write.attributes, values.item_size(write.attributes))
    if old is None and write.is_legacy and all(action.kind in ("REMOVE", "DELETE") for action in update.actions):
        return None  # "DELETE: Causes nothing to happen; there is no attribute to delete", says AttributeUpdates
    before = old.item if old else write.attributes
    item, size = read_item(update.apply(before, write.values or {}), _UPDATE_TOO_LARGE)
    check_index_keys(table, item, updated=True)
    return Stored.of(item, size)
