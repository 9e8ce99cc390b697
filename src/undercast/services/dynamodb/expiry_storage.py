"""All SQL of the time to live."""

from __future__ import annotations

from undercast.engines.dynamodb.keys import KeyBytes
from undercast.kit.call import Call

_OF_TABLE = "account = ? AND region = ? AND table_id = ?"


async def remember(call: Call, table_id: int, at: int, key: KeyBytes) -> None:
    await call.db.execute(
        "INSERT INTO dynamodb_expiries (account, region, table_id, expires_at, pk, sk) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, table_id, expires_at, pk, sk) DO NOTHING",
        call.account, call.region, table_id, at, key.pk, key.sk,
    )  # fmt: skip


async def forget(call: Call, table_id: int, at: int, key: KeyBytes) -> None:
    await call.db.execute(
        f"DELETE FROM dynamodb_expiries WHERE {_OF_TABLE} AND expires_at = ? AND pk = ? AND sk = ?",
        call.account, call.region, table_id, at, key.pk, key.sk,
    )  # fmt: skip


async def forget_some(call: Call, table_id: int, limit: int) -> bool:
    """Delete up to `limit`; whether there may be more."""
    columns = "expires_at, pk, sk"
    deleted = await call.db.execute(
        f"DELETE FROM dynamodb_expiries WHERE {_OF_TABLE} AND ({columns}) IN "
        f"(SELECT {columns} FROM dynamodb_expiries WHERE {_OF_TABLE} ORDER BY {columns} LIMIT ?)",
        call.account, call.region, table_id, call.account, call.region, table_id, limit,
    )  # fmt: skip
    return deleted == limit


async def expired(call: Call, table_id: int, until: int, limit: int) -> list[tuple[int, KeyBytes]]:
    rows = await call.db.fetch(
        f"SELECT expires_at, pk, sk FROM dynamodb_expiries WHERE {_OF_TABLE} AND expires_at <= ? "
        "ORDER BY expires_at, pk, sk LIMIT ?",
        call.account, call.region, table_id, until, limit,
    )  # fmt: skip
    return [(at, KeyBytes(pk, sk)) for at, pk, sk in rows]


async def first(call: Call, table_id: int) -> int | None:
    """When the next item expires."""
    row = await call.db.fetch_one(
        f"SELECT expires_at FROM dynamodb_expiries WHERE {_OF_TABLE} ORDER BY expires_at LIMIT 1",
        call.account, call.region, table_id,
    )  # fmt: skip
    return row[0] if row else None


async def due_at(call: Call, table_id: int) -> int | None:
    """When the job runs that deletes expired items, if there is one."""
    row = await call.db.fetch_one(
        f"SELECT due_at FROM dynamodb_expiry_jobs WHERE {_OF_TABLE}", call.account, call.region, table_id
    )
    return row[0] if row else None


async def plan(call: Call, table_id: int, at: int) -> None:
    await call.db.execute(
        "INSERT INTO dynamodb_expiry_jobs (account, region, table_id, due_at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (account, region, table_id) DO UPDATE SET due_at = excluded.due_at",
        call.account, call.region, table_id, at,
    )  # fmt: skip


async def forget_job(call: Call, table_id: int) -> None:
    await call.db.execute(f"DELETE FROM dynamodb_expiry_jobs WHERE {_OF_TABLE}", call.account, call.region, table_id)
