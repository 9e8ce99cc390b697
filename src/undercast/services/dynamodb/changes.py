"""Changes of items: the one way in which they are made, and what follows them in the same transaction."""

from __future__ import annotations

from undercast.engines.dynamodb.keys import KeyBytes
from undercast.kit.call import Call
from undercast.services.dynamodb import expiry, history, kinesis_records, replicas, storage, streams
from undercast.services.dynamodb.model import Change, Index, Stored, Table


async def change_item(
    call: Call, table: Table, key: KeyBytes, old: Stored | None, new: Stored | None, principal: str = ""
) -> None:
    """Put, replace or delete an item with its index rows and all that follows: every change comes this way.

    `old` is what is there now; it may be left out (None) for a table without `needs_images`. A `new` that a client
    wrote has gone through `writes.fit` and `writes.result` before.
    """
    if new is None:
        await storage.delete_item(call, table, key)
    else:
        await storage.put_item(call, table, key, new)
    if table.needs_images and (old is not None or new is not None):
        for index in table.indexes:
            await _change_index(call, table, index, key, old, new)
        await follow(call, table, Change(key, old, new, principal))


async def follow(call: Call, table: Table, change: Change) -> None:
    """Tell everyone who follows a table of a change that is being made: the hook of streams, backups, replicas, …

    A follower must not wait for anything but the database.
    """
    stream = table.stream
    if stream and change.old != change.new:  # a write that changes nothing leaves no record
        await streams.add_record(call, table, stream, change)
    settings = table.settings
    if settings.get("ttl"):
        await expiry.follow(call, table, change, settings["ttl"])
    if settings.get("pitr") or settings.get("copying"):
        await history.follow(call, table, change)
    if settings.get("kinesis"):
        await kinesis_records.follow(call, table, change, settings["kinesis"])
    if settings.get("replicas"):
        await replicas.follow(call, table, change, change_item)


async def _change_index(
    call: Call, table: Table, index: Index, key: KeyBytes, old: Stored | None, new: Stored | None
) -> None:
    before = index.key.find(old.item) if old else None
    after = index.key.find(new.item) if new else None
    if before is not None and before != after:
        await storage.delete_index_row(call, table, index, key, before)
    if after is None or new is None:
        return
    row = index.project(new, table.key)
    if before == after and old is not None and row.json == index.project(old, table.key).json:
        return  # nothing of what the index holds has changed
    await storage.put_index_row(call, table, index, key, after, row)
