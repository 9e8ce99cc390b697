"""Deleting items when their time to live is over, in the background."""

from __future__ import annotations

from typing import Any

from undercast.engines.dynamodb.keys import KeyBytes
from undercast.engines.dynamodb.values import decode
from undercast.kit.call import Call
from undercast.services.dynamodb import changes, expiry, expiry_storage, storage
from undercast.services.dynamodb.model import Table

PRINCIPAL = "dynamodb.amazonaws.com"
_SWEEP = 200  # items that one job deletes
_BACKFILL = 1_000  # items that one job looks at when a time to live is switched on
_PAUSE_MS = 1_000  # between two sweeps


async def expire_items(call: Call, payload: list[Any]) -> None:
    """Delete the items of a table that have expired; then come back when the next one does."""
    name, table_id, due_at = payload
    table = await storage.find_table_or_none(call, name)
    if table is None or table.id != table_id or await expiry_storage.due_at(call, table_id) != due_at:
        return  # another table by now, or another job came earlier
    await expiry_storage.forget_job(call, table_id)
    attribute = table.settings.get("ttl")
    if not attribute:
        return
    found = await expiry_storage.expired(call, table_id, call.now, _SWEEP)
    for at, key in found:
        await expiry_storage.forget(call, table_id, at, key)
        await _expire(call, table, key, at, attribute)
    following = await expiry_storage.first(call, table_id)
    if following is not None:
        await expiry.plan(call, table, max(following, call.now if len(found) == _SWEEP else call.now + _PAUSE_MS))


async def backfill(call: Call, payload: list[Any]) -> None:
    """Remember when the items expire that were there before the time to live was switched on, a piece at a time."""
    name, table_id, after = payload
    table = await storage.find_table_or_none(call, name)
    attribute = table.settings.get("ttl") if table and table.id == table_id else None
    if table is None or not attribute:
        return
    place = KeyBytes(*map(bytes.fromhex, after)) if after else None
    page = await storage.scan_items(call, table, place, None, _BACKFILL)
    for pk, sk, _size, json in page:
        at = expiry.expires_at(decode(json), attribute)
        if at is not None:
            await expiry.remember(call, table, at, KeyBytes(pk, sk))
    if len(page) == _BACKFILL:
        await call.later(call.now, "find expiries", [name, table_id, [page[-1][0].hex(), page[-1][1].hex()]])


async def forget_all(call: Call, payload: list[Any]) -> None:
    """Delete what is remembered of a table whose time to live is off, a piece at a time.

    Once it is on again this stops: what is remembered in vain does no harm.
    """
    name, table_id = payload
    table = await storage.find_table_or_none(call, name)
    if table is not None and table.id == table_id and table.settings.get("ttl"):
        return
    if await expiry_storage.forget_some(call, table_id, _BACKFILL):
        await call.later(call.now, "forget expiries", payload)
    else:
        await expiry_storage.forget_job(call, table_id)


async def _expire(call: Call, table: Table, key: KeyBytes, at: int, attribute: str) -> None:
    stored = await storage.find_item(call, table, key)
    if stored is not None and expiry.expires_at(stored.item, attribute) == at:
        await changes.change_item(call, table, key, stored, None, PRINCIPAL)
