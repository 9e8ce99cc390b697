"""Item collections: all items of one partition key, in tables with local secondary indexes."""

from __future__ import annotations

from typing import Any

from undercast.engines.dynamodb.keys import KeyBytes
from undercast.engines.dynamodb.values import Item
from undercast.kit.call import Call
from undercast.services.dynamodb import storage
from undercast.services.dynamodb.model import Table

_GB = 1_000_000_000


async def metrics(call: Call, table: Table, attributes: Item, key: KeyBytes) -> dict[str, Any] | None:
    """ItemCollectionMetrics of the collection an item is in; None for a table without local indexes."""
    if all(index.is_global for index in table.indexes):
        return None
    whole = await storage.collection_size(call, table, key.pk) // _GB
    return {
        "ItemCollectionKey": {table.key.hash: attributes[table.key.hash]},
        "SizeEstimateRangeGB": [float(whole), float(whole + 1)],
    }
