"""All SQL of backups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.services.dynamodb.model import Table, pack_definition, unpack_table

_COLUMNS = "table_name, label, id, name, type, status, created_at, expires_at, size, items, restores, table_row"
_ONE = "account = ? AND region = ? AND table_name = ? AND label = ?"


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup. Its items are kept like a table's, under its `id`."""

    account: str
    region: str
    table_name: str
    label: str
    id: int
    name: str
    type: str
    status: str
    created_at: int
    expires_at: int
    size: int
    items: int
    restores: int
    table: Table

    @property
    def arn(self) -> str:
        return f"arn:aws:dynamodb:{self.region}:{self.account}:table/{self.table_name}/backup/{self.label}"


async def add(call: Call, backup: Backup) -> None:
    table = backup.table
    row = [table.account, table.region, table.name, table.id, table.status, table.created_at, pack_definition(table),
           orjson.dumps(table.tags).decode()]  # fmt: skip
    await call.db.execute(
        f"INSERT INTO dynamodb_backups (account, region, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        backup.account, backup.region, backup.table_name, backup.label, backup.id, backup.name, backup.type,
        backup.status, backup.created_at, backup.expires_at, backup.size, backup.items, backup.restores,
        orjson.dumps(row).decode(),
    )  # fmt: skip


async def find(call: Call, table_name: str, label: str) -> Backup | None:
    row = await call.db.fetch_one(
        f"SELECT {_COLUMNS} FROM dynamodb_backups WHERE {_ONE}", call.account, call.region, table_name, label
    )
    return _backup(call, *row) if row else None


async def list_of(call: Call, table_name: str, after: tuple[str, str], limit: int) -> list[Backup]:
    """Backups in order, of one table or ('') of all."""
    of_table = "AND table_name = ? " if table_name else ""
    rows = await call.db.fetch(
        f"SELECT {_COLUMNS} FROM dynamodb_backups WHERE account = ? AND region = ? {of_table}"
        "AND (table_name, label) > (?, ?) ORDER BY table_name, label LIMIT ?",
        call.account, call.region, *([table_name] if table_name else ()), *after, limit,
    )  # fmt: skip
    return [_backup(call, *row) for row in rows]


async def save(call: Call, backup: Backup) -> None:
    """Its status, size and count."""
    await call.db.execute(
        f"UPDATE dynamodb_backups SET status = ?, size = ?, items = ? WHERE {_ONE}",
        backup.status, backup.size, backup.items, backup.account, backup.region, backup.table_name, backup.label,
    )  # fmt: skip


async def count_restore(call: Call, table_name: str, label: str, change: int) -> None:
    """One restore more, or less."""
    await call.db.execute(
        f"UPDATE dynamodb_backups SET restores = restores + ? WHERE {_ONE}",
        change, call.account, call.region, table_name, label,
    )  # fmt: skip


async def delete(call: Call, backup: Backup) -> None:
    await call.db.execute(
        f"DELETE FROM dynamodb_backups WHERE {_ONE}", backup.account, backup.region, backup.table_name, backup.label
    )


def _backup(call: Call, table_name: str, label: str, id: int, name: str, type: str, status: str, *rest: Any) -> Backup:
    *numbers, row = rest
    table = unpack_table(*orjson.loads(row))
    created_at, expires_at, size, items, restores = numbers
    return Backup(
        call.account, call.region, table_name, label, id, name, type, status, created_at, expires_at, size, items,
        restores, table,
    )  # fmt: skip
