"""Filling backups and deleting them, in the background."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.engines.dynamodb.keys import KeyBytes
from undercast.kit.call import Call
from undercast.services.dynamodb import backup_storage, history, storage
from undercast.services.dynamodb.backup_storage import Backup
from undercast.services.dynamodb.model import Table

_STEP = 100
_AGAIN_MS = 60_000
_SYSTEM_MS = 35 * 86_400_000  # how long the backup of a deleted table is kept


async def back_up_deleted(call: Call, table: Table) -> None:
    """Keep a table that is deleted, as AWS does where point-in-time recovery is on: its items stay where they are."""
    backup = new_backup(call, table, f"{table.name}$DeletedTableBackup", table.id, "SYSTEM")
    await backup_storage.add(call, replace(backup, status="AVAILABLE"))
    await call.later(backup.expires_at, "expire backup", [backup.table_name, backup.label])


async def copy_some(call: Call, payload: list[Any]) -> None:
    """Copy a page of a table's items into its backup."""
    name, label, moment, after = payload
    table, backup = await storage.find_table_or_none(call, name), await backup_storage.find(call, name, label)
    if table is None or backup is None:
        return
    place = KeyBytes(*map(bytes.fromhex, after)) if after else None
    found, last = await history.page(call, table, moment, place, _STEP)
    for key, stored in found:
        await storage.put_item(call, replace(table, id=backup.id), key, stored)
    size, items = backup.size + sum(stored.size for _, stored in found), backup.items + len(found)
    if last is not None:
        await call.later(call.now, "back up", [name, label, moment, [last.pk.hex(), last.sk.hex()]])
    else:
        await history.release(call, table.name, table.id)
    status = "CREATING" if last is not None else "AVAILABLE"
    await backup_storage.save(call, replace(backup, status=status, size=size, items=items))


async def expire(call: Call, payload: list[Any]) -> None:
    """Delete a backup that was kept for its time, once no table is being restored from it."""
    backup = await backup_storage.find(call, *payload)
    if backup is not None and backup.restores:
        await call.later(call.now + _AGAIN_MS, "expire backup", payload)
    elif backup is not None:
        await delete(call, backup)


async def delete(call: Call, backup: Backup) -> None:
    """Delete a backup; its items go in the background."""
    await backup_storage.delete(call, backup)
    await call.later(call.now, "drain", [backup.id, []])


def new_backup(call: Call, table: Table, name: str, id: int, kind: str) -> Backup:
    """A backup that is to be filled; a SYSTEM one ends by itself."""
    label = f"{call.now:014d}-{call.ids.hex(8)}"
    expires_at = call.now + _SYSTEM_MS if kind == "SYSTEM" else 0
    return Backup(
        table.account, table.region, table.name, label, id, name, kind, "CREATING", call.now, expires_at, size=0,
        items=0, restores=0, table=table,
    )  # fmt: skip
