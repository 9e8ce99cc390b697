"""How many items tables and indexes hold: exactly while they are few, else counted now and then, as AWS does.

AWS "updates this value approximately every six hours" (API_TableDescription).
"""

from __future__ import annotations

from undercast.kit.call import Call
from undercast.services.dynamodb import storage
from undercast.services.dynamodb.descriptions import Counts
from undercast.services.dynamodb.model import Table

_FEW = 5_000
_EVERY_MS = 6 * 3600 * 1000


async def known(call: Call, table: Table) -> Counts:
    """What is known of a table's and its indexes' items."""
    counts: Counts = {}
    for id, is_table in ((table.id, True), *((index.id, False) for index in table.indexes)):
        count, size = await storage.count_items(call, table, id, is_table=is_table, limit=_FEW)
        if count < _FEW:
            counts[id] = count, size
        else:
            counts[id] = await _counted(call, table, id, is_table=is_table)
    return counts


async def _counted(call: Call, table: Table, id: int, *, is_table: bool) -> tuple[int, int]:
    kept = await call.transact(storage.find_count, id)
    if kept and kept[0] > call.now - _EVERY_MS:
        return kept[1], kept[2]
    count, size = await storage.count_items(call, table, id, is_table=is_table, limit=None)
    await call.transact(storage.save_count, id, count, size)
    return count, size
