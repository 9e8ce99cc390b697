"""All SQL of the history of items."""

from __future__ import annotations

from typing import Any

from undercast.engines.dynamodb.keys import KeyBytes
from undercast.kit.call import Call
from undercast.services.dynamodb.model import Stored, Table

_OF_TABLE = "account = ? AND region = ? AND table_id = ?"


async def remember(call: Call, table: Table, key: KeyBytes, old: Stored | None) -> None:
    await call.db.execute(
        "INSERT INTO dynamodb_history (account, region, table_id, pk, sk, moment, size, old_item) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        table.account, table.region, table.id, key.pk, key.sk, call.ids.sequence(), old.size if old else 0,
        old.json if old else None,
    )  # fmt: skip


async def changed(
    call: Call, table: Table, moment: int, after: KeyBytes | None, last: KeyBytes | None, limit: int
) -> dict[KeyBytes, Stored | None]:
    """What the next items behind a place, up to another, were at a moment, of those that changed since."""
    begin = "" if after is None else "AND (pk, sk) > (?, ?) "
    end = "" if last is None else "AND (pk, sk) <= (?, ?) "
    rows = await call.db.fetch(
        f"SELECT pk, sk, size, old_item FROM dynamodb_history WHERE {_OF_TABLE} AND (pk, sk, moment) IN "
        f"(SELECT pk, sk, MIN(moment) FROM dynamodb_history WHERE {_OF_TABLE} AND moment > ? {begin}{end}"
        "GROUP BY pk, sk ORDER BY pk, sk LIMIT ?) ORDER BY pk, sk",
        table.account, table.region, table.id, table.account, table.region, table.id, moment, *(after or ()),
        *(last or ()), limit,
    )  # fmt: skip
    return {KeyBytes(pk, sk): _stored(json, size) for pk, sk, size, json in rows}


async def first_change(call: Call, table: Table, moment: int, key: KeyBytes) -> tuple[bool, Stored | None]:
    """Whether an item changed since a moment, and what it was then."""
    row = await call.db.fetch_one(
        f"SELECT size, old_item FROM dynamodb_history WHERE {_OF_TABLE} AND pk = ? AND sk = ? AND moment > ? "
        "ORDER BY moment LIMIT 1",
        table.account, table.region, table.id, key.pk, key.sk, moment,
    )  # fmt: skip
    return (True, _stored(row[1], row[0])) if row else (False, None)


async def keys_changed(
    call: Call, table: Table, since: int, until: int, after: KeyBytes | None, limit: int
) -> list[tuple[KeyBytes, int]]:
    """Keys of items that changed between two moments, in order, each with the moment of its last change in between."""
    begin = "" if after is None else "AND (pk, sk) > (?, ?) "
    rows = await call.db.fetch(
        f"SELECT pk, sk, MAX(moment) FROM dynamodb_history WHERE {_OF_TABLE} AND moment > ? AND moment <= ? {begin}"
        "GROUP BY pk, sk ORDER BY pk, sk LIMIT ?",
        table.account, table.region, table.id, since, until, *(after or ()), limit,
    )  # fmt: skip
    return [(KeyBytes(pk, sk), moment) for pk, sk, moment in rows]


async def forget_before(call: Call, table_id: int, moment: int, limit: int) -> bool:
    """Delete up to `limit` entries from before a moment; whether there may be more."""
    columns = "pk, sk, moment"
    deleted = await call.db.execute(
        f"DELETE FROM dynamodb_history WHERE {_OF_TABLE} AND ({columns}) IN (SELECT {columns} FROM dynamodb_history "
        f"WHERE {_OF_TABLE} AND moment < ? ORDER BY moment LIMIT ?)",
        call.account, call.region, table_id, call.account, call.region, table_id, moment, limit,
    )  # fmt: skip
    return deleted == limit


def _stored(json: Any, size: int) -> Stored | None:
    return None if json is None else Stored(json, size)
