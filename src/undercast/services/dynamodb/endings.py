"""What a table that is deleted leaves behind, and what forbids deleting it."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.dynamodb import backup_jobs, errors, history, streams
from undercast.services.dynamodb.model import Table


async def before_delete(call: Call, table: Table) -> list[Any]:
    """End all that hangs on a table; the answer is what the job `drain` shall delete. ResourceInUseException."""
    if table.settings.get("copying"):
        raise errors.ResourceInUseException(
            f"Attempt to change a resource which is still in use: Table is being backed up or restored: {table.name}"
        )
    there = call.into(account=table.account, region=table.region)
    await streams.close_stream(there, table)
    await there.later(call.now, "forget expiries", table.id)
    index_ids = [index.id for index in table.indexes]
    if not table.settings.get("pitr"):
        return [table.id, index_ids]
    await history.forget(there, table.id)
    await backup_jobs.back_up_deleted(there, table)
    return [0, index_ids]  # its items belong to the backup now
