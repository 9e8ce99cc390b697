"""What the items of a table were: remembered at every change, read as of a moment, forgotten in time.

A moment is a time in milliseconds followed by 20 bits that order what happens within it (`Ids.sequence`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.engines.dynamodb.keys import KeyBytes
from undercast.kit.call import Call
from undercast.services.dynamodb import history_storage, storage
from undercast.services.dynamodb.model import Change, Stored, Table

_SWEEP = 1_000


async def follow(call: Call, table: Table, change: Change) -> None:
    """Remember what an item was before a change."""
    await history_storage.remember(call, table, change.key, change.old)


def end_of(time_ms: int) -> int:
    """The last moment of a millisecond."""
    return ((time_ms + 1) << 20) - 1


async def page(
    call: Call, table: Table, moment: int, after: KeyBytes | None, limit: int
) -> tuple[list[tuple[KeyBytes, Stored]], KeyBytes | None]:
    """Items of a table as they were at a moment, in the order of the table, and where the next page begins after.

    The table must have remembered changes since that moment. A page is right whenever it is read: what is there now,
    with the first change of every item since the moment undone.
    """
    rows = await storage.scan_items(call, table, after, None, limit)
    found = {KeyBytes(pk, sk): Stored(json, size) for pk, sk, size, json in rows}
    last = max(found) if len(found) == limit else None
    changed = await history_storage.changed(call, table, moment, after, last, limit)
    if len(changed) == limit:
        last = max(changed)  # there may be more: the page ends here
    for key, old in changed.items():
        if old is None:
            found.pop(key, None)
        else:
            found[key] = old
    return sorted((key, stored) for key, stored in found.items() if last is None or key <= last), last


async def item_at(call: Call, table: Table, moment: int, key: KeyBytes) -> Stored | None:
    """One item as it was at a moment."""
    changed, old = await history_storage.first_change(call, table, moment, key)
    return old if changed else await storage.find_item(call, table, key)


async def hold(call: Call, table: Table) -> int:
    """Have a table remember its changes until `release`, because it is being copied; the moment from which on."""
    held = table.settings.get("copying", 0)
    await storage.save_table(call, replace(table, settings={**table.settings, "copying": held + 1}))
    return call.ids.sequence()


async def release(call: Call, name: str, table_id: int) -> None:
    """One copy less; the history goes if nobody needs it."""
    table = await storage.find_table_or_none(call, name)
    if table is None or table.id != table_id:
        return
    held = max(0, table.settings.get("copying", 0) - 1)
    await storage.save_table(call, replace(table, settings={**table.settings, "copying": held}))
    if not held and not table.settings.get("pitr"):
        await forget(call, table.id)


async def forget(call: Call, table_id: int) -> None:
    """Delete a table's history, in the background."""
    await call.later(call.now, "forget history", [table_id, call.ids.sequence()])


async def forget_some(call: Call, payload: list[Any]) -> None:
    """Delete a piece of what a table remembers from before a moment."""
    table_id, moment = payload
    if await history_storage.forget_before(call, table_id, moment, _SWEEP):
        await call.later(call.now, "forget history", payload)


async def trim(call: Call, payload: list[Any]) -> None:
    """Once a day: forget what is older than a table with point-in-time recovery can be restored to."""
    name, table_id, since = payload
    table = await storage.find_table_or_none(call, name)
    recovery = table.settings.get("pitr") if table and table.id == table_id else None
    if not recovery or recovery["since"] != since:
        return  # switched off, or on again with a job of its own
    oldest = call.now - recovery["days"] * 86_400_000
    await call.later(call.now, "forget history", [table_id, oldest << 20])
    await call.later(call.now + 86_400_000, "trim history", payload)
