"""What goes through whole tables in steps: filling a new index, clearing away what was deleted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.engines.dynamodb.keys import KeyBytes
from undercast.kit.call import Call
from undercast.services.dynamodb import storage
from undercast.services.dynamodb.model import Index, Stored, Table

_STEP = 500


async def drain(call: Call, payload: list[Any]) -> None:
    """Delete some items and index rows of what is gone, and go on while there are more."""
    table_id, index_ids = payload
    if await storage.delete_some(call, table_id, index_ids, _STEP):
        await call.later(call.now, "drain", payload)


async def drain_index(call: Call, index_id: int) -> None:
    """The same for an index alone."""
    if await storage.delete_some_of_index(call, index_id, _STEP):
        await call.later(call.now, "drain index", index_id)


async def fill(call: Call, payload: list[Any]) -> None:
    """Put some items of a table into an index that was added, and go on behind them.

    Changes made meanwhile reach the index by themselves, so a row that is there already is as new.
    """
    name, index_id, after = payload
    table = await storage.find_table_or_none(call, name)
    index = _filling(table, index_id)
    if table is None or index is None:
        return
    key = KeyBytes(*map(bytes.fromhex, after)) if after else None
    rows = await storage.scan_items(call, table, key, None, _STEP)
    for pk, sk, size, json in rows:
        await _add(call, table, index, KeyBytes(pk, sk), Stored(json, size))
    if len(rows) == _STEP:
        await call.later(call.now, "backfill", [name, index_id, [rows[-1][0].hex(), rows[-1][1].hex()]])
    else:
        await call.later(call.now, "index is filled", [name, index_id])


async def finish(call: Call, payload: list[Any]) -> None:
    """Make an index ACTIVE that is filled.

    In a transaction of its own: one that read items and wrote the table would, under PostgreSQL, lose against every
    write that goes on, because those read the table and write items.
    """
    name, index_id = payload
    table = await storage.find_table_or_none(call, name)
    index = _filling(table, index_id)
    if table is None or index is None:
        return
    done = replace(index, status="ACTIVE", backfilling=False)
    indexes = tuple(done if one.id == index_id else one for one in table.indexes)
    await storage.save_table(call, replace(table, indexes=indexes))


def _filling(table: Table | None, index_id: int) -> Index | None:
    """The index, as long as it is there and being filled."""
    indexes = table.indexes if table else ()
    return next((one for one in indexes if one.id == index_id and one.status == "CREATING"), None)


async def _add(call: Call, table: Table, index: Index, key: KeyBytes, stored: Stored) -> None:
    place = index.key.find(stored.item)  # None also for a value of another type: AWS leaves such items out
    if place is not None:
        await storage.put_index_row(call, table, index, key, place, index.project(stored, table.key))
