"""How many items tables and indexes hold: exactly while they are few, else counted now and then, as AWS does.

AWS "updates this value approximately every six hours" (API_TableDescription).
"""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.kit.service import waits
from undercast.services.dynamodb import storage
from undercast.services.dynamodb.descriptions import Counts
from undercast.services.dynamodb.model import Table

_FEW = 5_000
_EVERY_MS = 6 * 3600 * 1000


async def known(call: Call, table: Table) -> Counts:
    """What is known of a table's and its indexes' items; many are counted again when that is long ago."""
    there = call.into(account=table.account, region=table.region)
    counts: Counts = {}
    for id, is_table in ((table.id, True), *((index.id, False) for index in table.indexes)):
        count, size = await storage.count_few(there, id, is_table=is_table, limit=_FEW)
        counts[id] = await _counted(there, id, is_table=is_table) if count == _FEW else (count, size)
    return counts


async def _counted(call: Call, id: int, *, is_table: bool) -> tuple[int, int]:
    kept = await storage.find_count(call, id)
    if kept is None or kept[0] <= call.now - _EVERY_MS:
        await call.later(call.now, "count", [id, is_table])
        kept = call.now, *(kept[1:] if kept else (_FEW, 0))
        await storage.save_count(call, id, *kept[1:])  # so that nobody else counts meanwhile
    return kept[1], kept[2]


@waits
async def count(call: Call, payload: list[Any]) -> None:
    """Count all items of a table or index, beside the writer."""
    id, is_table = payload
    items, size = await storage.count_all(call, id, is_table=is_table)
    await call.transact(_save, id, items, size)


async def _save(call: Call, id: int, items: int, size: int) -> None:
    await storage.save_count(call, id, items, size)
    await call.finish_job()
