"""All SQL of global tables of version 2017.11.29."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from undercast.kit.call import Call
from undercast.services.dynamodb import errors

_REGION = "aws-global"  # they belong to no region


@dataclass(frozen=True, slots=True)
class GlobalTable:
    """Tables of one name in several regions."""

    account: str
    name: str
    created_at: int
    regions: tuple[str, ...]


async def find(call: Call, name: str) -> GlobalTable | None:
    row = await call.db.fetch_one(
        "SELECT created_at, regions FROM dynamodb_global_tables WHERE account = ? AND region = ? AND name = ?",
        call.account, _REGION, name,
    )  # fmt: skip
    return GlobalTable(call.account, name, row[0], tuple(orjson.loads(row[1]))) if row else None


async def find_known(call: Call, name: str) -> GlobalTable:
    """The global table of a name. GlobalTableNotFoundException."""
    found = await find(call, name)
    if found is None:
        raise errors.GlobalTableNotFoundException(
            f"Global table not found: Global table with name: '{name}' not found."
        )
    return found


async def list_after(call: Call, name: str) -> list[GlobalTable]:
    rows = await call.db.fetch(
        "SELECT name, created_at, regions FROM dynamodb_global_tables WHERE account = ? AND region = ? AND name > ? "
        "ORDER BY name",
        call.account, _REGION, name,
    )  # fmt: skip
    return [GlobalTable(call.account, name, created_at, tuple(orjson.loads(text))) for name, created_at, text in rows]


async def save(call: Call, table: GlobalTable) -> None:
    await call.db.execute(
        "INSERT INTO dynamodb_global_tables (account, region, name, created_at, regions) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, name) DO UPDATE SET regions = excluded.regions",
        table.account, _REGION, table.name, table.created_at, orjson.dumps(table.regions).decode(),
    )  # fmt: skip
