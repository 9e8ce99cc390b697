"""When items expire: what is remembered of every item of a table with a time to live."""

from __future__ import annotations

from undercast.engines.dynamodb.keys import KeyBytes
from undercast.engines.dynamodb.values import Item
from undercast.kit.call import Call
from undercast.services.dynamodb import expiry_storage
from undercast.services.dynamodb.model import Change, Table

_OLDEST_MS = 5 * 365 * 86_400_000  # what expired longer ago than this is kept: the developer guide, "Using TTL"


async def follow(call: Call, table: Table, change: Change, attribute: str) -> None:
    """Remember when an item that changes expires."""
    before = expires_at(change.old.item, attribute) if change.old else None
    after = expires_at(change.new.item, attribute) if change.new else None
    if before == after:
        return
    if before is not None:
        await expiry_storage.forget(call, table.id, before, change.key)
    if after is not None:
        await remember(call, table, after, change.key)


def expires_at(item: Item, attribute: str) -> int | None:
    """When an item expires, in milliseconds; None when its attribute is no number of seconds."""
    text = item.get(attribute, {}).get("N")
    if text is None:
        return None
    seconds = float(text)
    return int(seconds) * 1000 if 0 <= seconds < 2**40 else None


async def remember(call: Call, table: Table, at: int, key: KeyBytes) -> None:
    """Remember that an item expires at a time (milliseconds)."""
    if at < call.now - _OLDEST_MS:
        return
    await expiry_storage.remember(call, table.id, at, key)
    planned = await expiry_storage.due_at(call, table.id)
    if planned is None or at < planned:
        await plan(call, table, max(at, call.now))


async def plan(call: Call, table: Table, at: int) -> None:
    """Have expired items deleted at a time, and not at the one that was planned before."""
    there = call.into(account=table.account, region=table.region)
    await expiry_storage.plan(there, table.id, at)
    await there.later(at, "expire items", [table.name, table.id, at])
