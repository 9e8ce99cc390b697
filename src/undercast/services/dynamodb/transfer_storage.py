"""All SQL of exports and imports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from undercast.kit.call import Call

_COLUMNS = "kind, table_name, label, table_arn, token, token_until, description"
_ONE = "account = ? AND region = ? AND kind = ? AND table_name = ? AND label = ?"


@dataclass(frozen=True, slots=True)
class Transfer:
    """An export or an import. `description` is what DescribeExport or DescribeImport says of it."""

    kind: str
    table_name: str
    label: str
    table_arn: str
    token: str
    token_until: int
    description: dict[str, Any]

    @property
    def arn(self) -> str:
        return f"{self.table_arn}/{self.kind}/{self.label}"


async def add(call: Call, transfer: Transfer) -> None:
    await call.db.execute(
        f"INSERT INTO dynamodb_transfers (account, region, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        call.account, call.region, transfer.kind, transfer.table_name, transfer.label, transfer.table_arn,
        transfer.token, transfer.token_until, orjson.dumps(transfer.description).decode(),
    )  # fmt: skip


async def find(call: Call, kind: str, table_name: str, label: str) -> Transfer | None:
    row = await call.db.fetch_one(
        f"SELECT {_COLUMNS} FROM dynamodb_transfers WHERE {_ONE}", call.account, call.region, kind, table_name, label
    )
    return _transfer(*row) if row else None


async def find_by_token(call: Call, kind: str, token: str) -> Transfer | None:
    """What a client began with a token that is still remembered."""
    row = await call.db.fetch_one(
        f"SELECT {_COLUMNS} FROM dynamodb_transfers WHERE account = ? AND region = ? AND kind = ? AND token = ? "
        "AND token_until > ?",
        call.account, call.region, kind, token, call.now,
    )  # fmt: skip
    return _transfer(*row) if row else None


async def list_of(call: Call, kind: str, table_name: str, after: tuple[str, str], limit: int) -> list[Transfer]:
    """In order, of one table or ('') of all."""
    of_table = "AND table_name = ? " if table_name else ""
    rows = await call.db.fetch(
        f"SELECT {_COLUMNS} FROM dynamodb_transfers WHERE account = ? AND region = ? AND kind = ? {of_table}"
        "AND (table_name, label) > (?, ?) ORDER BY table_name, label LIMIT ?",
        call.account, call.region, kind, *([table_name] if table_name else ()), *after, limit,
    )  # fmt: skip
    return [_transfer(*row) for row in rows]


async def save(call: Call, transfer: Transfer, **changed: Any) -> None:
    """Keep the description with some of its members changed."""
    description = {**transfer.description, **changed}
    await call.db.execute(
        f"UPDATE dynamodb_transfers SET description = ? WHERE {_ONE}",
        orjson.dumps(description).decode(), call.account, call.region, transfer.kind, transfer.table_name,
        transfer.label,
    )  # fmt: skip


async def delete(call: Call, kind: str, table_name: str, label: str) -> None:
    await call.db.execute(
        f"DELETE FROM dynamodb_transfers WHERE {_ONE}", call.account, call.region, kind, table_name, label
    )


def _transfer(
    kind: str, table_name: str, label: str, table_arn: str, token: str, token_until: int, description: str
) -> Transfer:
    return Transfer(kind, table_name, label, table_arn, token, token_until, orjson.loads(description))
