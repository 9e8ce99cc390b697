"""Deleting a table: what it leaves behind, and what forbids deleting it."""

from __future__ import annotations

from undercast.kit.call import Call
from undercast.services.dynamodb import backup_jobs, errors, history, replicas, storage, streams
from undercast.services.dynamodb.model import Table


async def end_table(call: Call, table: Table) -> None:
    """Delete a table with all that hangs on it; its name is free at once, its items go in the background.

    With point-in-time recovery its items go to a backup. ResourceInUseException while it is being filled or copied.
    """
    if table.status == "CREATING":
        raise errors.ResourceInUseException(
            f"Attempt to change a resource which is still in use: Table is being created: {table.name}"
        )
    if table.settings.get("copying"):
        raise errors.ResourceInUseException(
            f"Attempt to change a resource which is still in use: Table is being backed up or restored: {table.name}"
        )
    there = call.into(account=table.account, region=table.region)
    await replicas.leave(there, table)
    await streams.close_stream(there, table)
    await storage.forget_table(there, table)
    await there.later(call.now, "forget expiries", [table.name, table.id])
    items = table.id
    if table.settings.get("pitr"):
        await history.forget(there, table.id)
        await backup_jobs.back_up_deleted(there, table)
        items = 0  # they belong to the backup now
    await there.later(call.now, "drain", [items, [index.id for index in table.indexes]])
