"""All SQL of tables, items and index rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import orjson

from undercast.engines.dynamodb.keys import KeyBytes
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.dynamodb import encryption, errors
from undercast.services.dynamodb.model import Index, Stored, Table, pack_definition, unpack_table

_NAME = re.compile("[a-zA-Z0-9_.-]{3,255}")
_TABLE = "account, region, name, id, status, created_at, definition, tags"
_OF_TABLE = "account = ? AND region = ? AND table_id = ?"
_OF_INDEX = "account = ? AND region = ? AND index_id = ?"

# --- tables ---


async def find_table(call: Call, name: str) -> Table:
    """The table of a name or ARN, for work on its items. ResourceNotFoundException also while it is being made."""
    table = await find_table_or_none(call, name)
    if table is None or table.status == "CREATING":
        raise _not_found(name)
    if "SSEDescription" in table.settings:
        await encryption.check(call, table)
    return table


async def find_known_table(call: Call, name: str) -> Table:
    """The table of a name or ARN, for work on the table itself; the error names it."""
    table = await find_table_or_none(call, name)
    if table is None:
        short = name.rpartition("/")[2]
        raise errors.ResourceNotFoundException(f"Requested resource not found: Table: {short} not found")
    return table


async def find_table_or_none(call: Call, name: str) -> Table | None:
    """The table of a name or ARN in any status."""
    account, region = call.account, call.region
    if name.startswith("arn:"):
        account, region, name = _read_arn(name)
    row = await call.db.fetch_one(
        f"SELECT {_TABLE} FROM dynamodb_tables WHERE account = ? AND region = ? AND name = ?", account, region, name
    )
    return unpack_table(*row) if row else None


async def list_tables(call: Call, after: str, limit: int) -> list[str]:
    rows = await call.db.fetch(
        "SELECT name FROM dynamodb_tables WHERE account = ? AND region = ? AND name > ? ORDER BY name LIMIT ?",
        call.account, call.region, after, limit,
    )  # fmt: skip
    return [name for (name,) in rows]


async def add_table(call: Call, table: Table) -> None:
    await call.db.execute(
        f"INSERT INTO dynamodb_tables ({_TABLE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        table.account, table.region, table.name, table.id, table.status, table.created_at, pack_definition(table),
        orjson.dumps(table.tags).decode(),
    )  # fmt: skip


async def save_table(call: Call, table: Table) -> None:
    """Keep a table's new status, indexes, settings and tags."""
    await call.db.execute(
        "UPDATE dynamodb_tables SET status = ?, definition = ?, tags = ? WHERE account = ? AND region = ? AND name = ?",
        table.status, pack_definition(table), orjson.dumps(table.tags).decode(), table.account, table.region,
        table.name,
    )  # fmt: skip


async def forget_table(call: Call, table: Table) -> None:
    """Delete a table's row; its items go with `delete_some`."""
    await call.db.execute(
        "DELETE FROM dynamodb_tables WHERE account = ? AND region = ? AND name = ?",
        table.account, table.region, table.name,
    )  # fmt: skip


# --- items ---


async def find_item(call: Call, table: Table, key: KeyBytes) -> Stored | None:
    row = await call.db.fetch_one(
        f"SELECT item, size FROM dynamodb_items WHERE {_OF_TABLE} AND pk = ? AND sk = ?",
        table.account, table.region, table.id, key.pk, key.sk,
    )  # fmt: skip
    return Stored(row[0], row[1]) if row else None


async def put_item(call: Call, table: Table, key: KeyBytes, new: Stored) -> None:
    """Only the item's row: changes come through `changes.change_item`."""
    await call.db.execute(
        "INSERT INTO dynamodb_items (account, region, table_id, pk, sk, size, item) VALUES (?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, table_id, pk, sk) DO UPDATE SET size = excluded.size, item = excluded.item",
        table.account, table.region, table.id, key.pk, key.sk, new.size, new.json,
    )  # fmt: skip


async def delete_item(call: Call, table: Table, key: KeyBytes) -> None:
    """Only the item's row."""
    await call.db.execute(
        f"DELETE FROM dynamodb_items WHERE {_OF_TABLE} AND pk = ? AND sk = ?",
        table.account, table.region, table.id, key.pk, key.sk,
    )  # fmt: skip


# --- index rows ---


async def delete_index_row(call: Call, table: Table, index: Index, key: KeyBytes, place: KeyBytes) -> None:
    """Take an item's row from its place in an index."""
    await call.db.execute(
        f"DELETE FROM dynamodb_index_items WHERE {_OF_INDEX} AND pk = ? AND sk = ? AND table_pk = ? AND table_sk = ?",
        table.account, table.region, index.id, *place, *key,
    )  # fmt: skip


async def put_index_row(
    call: Call, table: Table, index: Index, key: KeyBytes, place: KeyBytes, projected: Stored
) -> None:
    """Put an item's row into an index, where `place` is its place."""
    await call.db.execute(
        "INSERT INTO dynamodb_index_items (account, region, index_id, pk, sk, table_pk, table_sk, size, item) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, region, index_id, pk, sk, table_pk, table_sk) "
        "DO UPDATE SET size = excluded.size, item = excluded.item",
        table.account, table.region, index.id, *place, *key, projected.size, projected.json,
    )  # fmt: skip


# --- a page of many ---


async def scan_items(
    call: Call, table: Table, after: KeyBytes | None, until: bytes | None, limit: int
) -> Sequence[tuple[bytes, bytes, int, bytes]]:
    """Items in the order of the table, as (pk, sk, size, JSON): behind a place, before the partition `until`."""
    begin = "" if after is None else "AND (pk, sk) > (?, ?) "
    end = "" if until is None else "AND pk < ? "
    values: list[Any] = [*(after or ()), *([until] if until is not None else [])]
    rows: Any = await call.db.fetch(
        f"SELECT pk, sk, size, item FROM dynamodb_items WHERE {_OF_TABLE} {begin}{end}ORDER BY pk, sk LIMIT ?",
        table.account, table.region, table.id, *values, limit,
    )  # fmt: skip
    return rows  # type: ignore[no-any-return]


async def delete_some(call: Call, table_id: int, index_ids: Sequence[int], limit: int) -> bool:
    """Delete up to `limit` items and index rows of a table that is gone; whether any are left."""
    count = await call.db.execute(
        f"DELETE FROM dynamodb_items WHERE {_OF_TABLE} AND (pk, sk) IN "
        f"(SELECT pk, sk FROM dynamodb_items WHERE {_OF_TABLE} ORDER BY pk, sk LIMIT ?)",
        call.account, call.region, table_id, call.account, call.region, table_id, limit,
    )  # fmt: skip
    more = count == limit
    for index_id in index_ids:
        more |= await delete_some_of_index(call, index_id, limit)
    return more


async def delete_some_of_index(call: Call, index_id: int, limit: int) -> bool:
    """Delete up to `limit` rows of an index; whether any are left."""
    columns = "pk, sk, table_pk, table_sk"
    count = await call.db.execute(
        f"DELETE FROM dynamodb_index_items WHERE {_OF_INDEX} AND ({columns}) IN "
        f"(SELECT {columns} FROM dynamodb_index_items WHERE {_OF_INDEX} ORDER BY {columns} LIMIT ?)",
        call.account, call.region, index_id, call.account, call.region, index_id, limit,
    )  # fmt: skip
    return count == limit


def _not_found(name: str) -> ServiceError:
    if not name.startswith("arn:") and not _NAME.fullmatch(name):
        return errors.ValidationException(
            "Invalid table/index name.  Table/index names must be between 3 and 255 characters long, and may contain "
            "only the characters a-z, A-Z, 0-9, '_', '-', and '.'"
        )
    return errors.ResourceNotFoundException()


def _read_arn(arn: str) -> tuple[str, str, str]:
    """Account, region and table name in a table's ARN (or a stream's or index's)."""
    parts = arn.split(":", 5)
    if len(parts) != 6 or not parts[5].startswith("table/"):
        raise errors.ValidationException(f"Invalid TableArn: {arn}")
    return parts[4], parts[3], parts[5].split("/")[1]


# --- counts ---


def _count(*, is_table: bool, limit: str) -> str:
    name, column = ("dynamodb_items", "table_id") if is_table else ("dynamodb_index_items", "index_id")
    return (
        f"SELECT COUNT(*), COALESCE(SUM(size), 0) FROM (SELECT size FROM {name} "
        f"WHERE account = ? AND region = ? AND {column} = ? {limit}) counted"
    )


async def count_few(call: Call, id: int, *, is_table: bool, limit: int) -> tuple[int, int]:
    """Items and bytes of a table or index, counted up to a limit."""
    row = await call.db.fetch_one(_count(is_table=is_table, limit=f"LIMIT {limit}"), call.account, call.region, id)
    return (row[0], int(row[1])) if row else (0, 0)


async def count_all(call: Call, id: int, *, is_table: bool) -> tuple[int, int]:
    """All items and bytes of a table or index, counted beside the writer."""
    ((items, size),) = await call.platform.store.scan(
        _count(is_table=is_table, limit=""), call.account, call.region, id
    )
    return items, int(size)


async def find_count(call: Call, id: int) -> tuple[int, int, int] | None:
    """When a table or index was last counted, its items and bytes."""
    row = await call.db.fetch_one(
        "SELECT counted_at, items, bytes FROM dynamodb_counts WHERE account = ? AND region = ? AND id = ?",
        call.account, call.region, id,
    )  # fmt: skip
    return (row[0], row[1], row[2]) if row else None


async def save_count(call: Call, id: int, items: int, size: int) -> None:
    await call.db.execute(
        "INSERT INTO dynamodb_counts (account, region, id, counted_at, items, bytes) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, id) DO UPDATE SET counted_at = excluded.counted_at, items = excluded.items, "
        "bytes = excluded.bytes",
        call.account, call.region, id, call.now, items, size,
    )  # fmt: skip


# --- capacity ---


async def find_capacity(call: Call, table: Table, id: int, kind: str) -> tuple[float, int] | None:
    """The units that were left of a table or index, and when; nobody else takes of them meanwhile."""
    row = await call.db.fetch_one(
        "SELECT units, at FROM dynamodb_capacity WHERE account = ? AND region = ? AND id = ? AND kind = ? FOR UPDATE",
        table.account, table.region, id, kind,
    )  # fmt: skip
    return (row[0], row[1]) if row else None


async def save_capacity(call: Call, table: Table, id: int, kind: str, units: float) -> None:
    await call.db.execute(
        "INSERT INTO dynamodb_capacity (account, region, id, kind, units, at) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, id, kind) DO UPDATE SET units = excluded.units, at = excluded.at",
        table.account, table.region, id, kind, units, call.now,
    )  # fmt: skip


# --- item collections ---


async def collection_size(call: Call, table: Table, pk: bytes) -> int:
    """Bytes of all items of one partition key, in the table and its local indexes."""
    row = await call.db.fetch_one(
        f"SELECT COALESCE(SUM(size), 0) FROM dynamodb_items WHERE {_OF_TABLE} AND pk = ?",
        table.account, table.region, table.id, pk,
    )  # fmt: skip
    total = int(row[0]) if row else 0
    for index in table.indexes:
        if not index.is_global:
            row = await call.db.fetch_one(
                f"SELECT COALESCE(SUM(size), 0) FROM dynamodb_index_items WHERE {_OF_INDEX} AND pk = ?",
                table.account, table.region, index.id, pk,
            )  # fmt: skip
            total += int(row[0]) if row else 0
    return total


# --- tokens of transactions ---


async def find_token(call: Call, token: str) -> tuple[bytes, str] | None:
    """The digest and the report of a transaction of the last ten minutes."""
    row = await call.db.fetch_one(
        "SELECT digest, units FROM dynamodb_tokens WHERE account = ? AND region = ? AND token = ? AND expires_at > ?",
        call.account, call.region, token, call.now,
    )  # fmt: skip
    return (row[0], row[1]) if row else None


async def save_token(call: Call, token: str, expires_at: int, digest: bytes, units: str) -> None:
    """Keep a token, and forget some that have expired, so that they do not pile up."""
    where = (call.account, call.region)
    await call.db.execute(
        "DELETE FROM dynamodb_tokens WHERE account = ? AND region = ? AND token IN (SELECT token FROM dynamodb_tokens "
        "WHERE account = ? AND region = ? AND expires_at <= ? LIMIT 10)",
        *where, *where, call.now,
    )  # fmt: skip
    await call.db.execute(
        "INSERT INTO dynamodb_tokens (account, region, token, expires_at, digest, units) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, token) DO UPDATE SET expires_at = excluded.expires_at, "
        "digest = excluded.digest, units = excluded.units",
        call.account, call.region, token, expires_at, digest, units,
    )  # fmt: skip
