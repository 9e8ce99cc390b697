"""All SQL of Glue."""

from __future__ import annotations

from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.services.glue import errors
from undercast.services.glue.model import Database, Table

_DATABASE = "account, region, name, created_at, input"
_TABLE = "account, region, database, name, version, created_at, updated_at, created_by, input"
_HERE = "account = ? AND region = ?"
_OF_TABLE = f"{_HERE} AND database = ? AND name = ?"


# --- databases ---


async def find_database(call: Call, name: str) -> Database:
    """EntityNotFoundException."""
    row = await call.db.fetch_one(
        f"SELECT {_DATABASE} FROM glue_databases WHERE {_HERE} AND name = ?", call.account, call.region, name
    )
    if row is None:
        raise errors.EntityNotFoundException(f"Database {name} not found.")
    return _database(row)


async def add_database(call: Call, it: Database) -> None:
    """AlreadyExistsException."""
    added = await call.db.fetch(
        f"INSERT INTO glue_databases ({_DATABASE}) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, name) DO NOTHING RETURNING name",
        it.account, it.region, it.name, it.created_at, _json(it.input),
    )  # fmt: skip
    if not added:
        raise errors.AlreadyExistsException("Database already exists.")


async def save_database(call: Call, it: Database) -> None:
    await call.db.execute(
        f"UPDATE glue_databases SET input = ? WHERE {_HERE} AND name = ?",
        _json(it.input), it.account, it.region, it.name,
    )  # fmt: skip


async def delete_database(call: Call, it: Database) -> None:
    """With its tables."""
    where = (it.account, it.region, it.name)
    await call.db.execute(f"DELETE FROM glue_tables WHERE {_HERE} AND database = ?", *where)
    await call.db.execute(f"DELETE FROM glue_databases WHERE {_HERE} AND name = ?", *where)


async def list_databases(call: Call, after: str, limit: int) -> list[Database]:
    rows = await call.db.fetch(
        f"SELECT {_DATABASE} FROM glue_databases WHERE {_HERE} AND name > ? ORDER BY name LIMIT ?",
        call.account, call.region, after, limit,
    )  # fmt: skip
    return [_database(row) for row in rows]


# --- tables ---


async def load_table(call: Call, database: str, name: str, version: int | None = None) -> Table | None:
    """A version of a table, or the newest."""
    which, values = ("newest = 1", ()) if version is None else ("version = ?", (version,))
    row = await call.db.fetch_one(
        f"SELECT {_TABLE} FROM glue_tables WHERE {_OF_TABLE} AND {which}",
        call.account, call.region, database, name, *values,
    )  # fmt: skip
    return _table(row) if row else None


async def add_version(call: Call, it: Table) -> None:
    """The newest version of a table."""
    where = (it.account, it.region, it.database, it.name)
    await call.db.execute(f"UPDATE glue_tables SET newest = 0 WHERE {_OF_TABLE} AND newest = 1", *where)
    await call.db.execute(
        f"INSERT INTO glue_tables ({_TABLE}, newest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)",
        *where, it.version, it.created_at, it.updated_at, it.created_by, _json(it.input),
    )  # fmt: skip


async def delete_version(call: Call, it: Table) -> None:
    await call.db.execute(
        f"DELETE FROM glue_tables WHERE {_OF_TABLE} AND version = ?",
        it.account, it.region, it.database, it.name, it.version,
    )  # fmt: skip


async def delete_table(call: Call, it: Table) -> None:
    """With all versions."""
    await call.db.execute(f"DELETE FROM glue_tables WHERE {_OF_TABLE}", it.account, it.region, it.database, it.name)


async def list_tables(call: Call, database: str, after: str, limit: int) -> list[Table]:
    rows = await call.db.fetch(
        f"SELECT {_TABLE} FROM glue_tables WHERE {_HERE} AND database = ? AND newest = 1 AND name > ? "
        "ORDER BY name LIMIT ?",
        call.account, call.region, database, after, limit,
    )  # fmt: skip
    return [_table(row) for row in rows]


async def list_versions(call: Call, it: Table, before: int, limit: int) -> list[Table]:
    """Newest first."""
    rows = await call.db.fetch(
        f"SELECT {_TABLE} FROM glue_tables WHERE {_OF_TABLE} AND version < ? ORDER BY version DESC LIMIT ?",
        it.account, it.region, it.database, it.name, before, limit,
    )  # fmt: skip
    return [_table(row) for row in rows]


def _database(row: Any) -> Database:
    account, region, name, created_at, input = row
    return Database(account, region, name, created_at, orjson.loads(input))


def _table(row: Any) -> Table:
    account, region, database, name, version, created_at, updated_at, created_by, input = row
    return Table(account, region, database, name, version, created_at, updated_at, created_by, orjson.loads(input))


def _json(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
