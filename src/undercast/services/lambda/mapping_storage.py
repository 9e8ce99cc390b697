"""All SQL on event source mappings."""

from __future__ import annotations

from typing import Any

import orjson

from undercast.kit.call import Call

from . import errors
from .mapping_model import Mapping

_COLUMNS = (
    "account, region, id, source_arn, name, qualifier, state, reason, modified_at, generation, poller, "
    "polls_until, config, tags, result"
)
_OF = "account = ? AND region = ? AND id = ?"


async def find(call: Call, id: str) -> Mapping | None:
    row = await call.db.fetch_one(f"SELECT {_COLUMNS} FROM lambda_mappings WHERE {_OF}", call.account, call.region, id)
    return _mapping(row) if row else None


async def get(call: Call, id: str) -> Mapping:
    """ResourceNotFoundException."""
    found = await find(call, id)
    if found is None:
        raise errors.ResourceNotFoundException()
    return found


async def add(call: Call, mapping: Mapping) -> None:
    await call.db.execute(
        f"INSERT INTO lambda_mappings ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        mapping.account, mapping.region, mapping.id, mapping.source_arn, mapping.name, mapping.qualifier,
        mapping.state, mapping.reason, mapping.modified_at, mapping.generation, mapping.poller,
        mapping.polls_until, _json(mapping.config), _json(mapping.tags), mapping.result,
    )  # fmt: skip


async def save(call: Call, mapping: Mapping) -> None:
    """All but who polls it."""
    await call.db.execute(
        "UPDATE lambda_mappings SET name = ?, qualifier = ?, state = ?, reason = ?, modified_at = ?, "
        f"generation = ?, config = ?, tags = ? WHERE {_OF}",
        mapping.name, mapping.qualifier, mapping.state, mapping.reason, mapping.modified_at,
        mapping.generation, _json(mapping.config), _json(mapping.tags), mapping.account, mapping.region, mapping.id,
    )  # fmt: skip


async def lease(call: Call, id: str, poller: str, until: int, *, alone: bool) -> bool:
    """Take or keep the right to poll; False when another process has it. `alone`: there is no other."""
    changed = await call.db.execute(
        f"UPDATE lambda_mappings SET poller = ?, polls_until = ? WHERE {_OF} AND (? = 1 OR poller = ? OR polls_until < ?)",
        poller, until, call.account, call.region, id, int(alone), poller, call.now,
    )  # fmt: skip
    return bool(changed)


async def release(call: Call, id: str, poller: str) -> None:
    """Let another process poll at once."""
    await call.db.execute(
        f"UPDATE lambda_mappings SET polls_until = 0 WHERE {_OF} AND poller = ?", call.account, call.region, id, poller
    )


async def note_result(call: Call, id: str, result: str) -> None:
    """What came of the last batch."""
    await call.db.execute(f"UPDATE lambda_mappings SET result = ? WHERE {_OF}", result, call.account, call.region, id)


async def delete(call: Call, id: str) -> None:
    await call.db.execute(f"DELETE FROM lambda_mappings WHERE {_OF}", call.account, call.region, id)


async def list_mappings(call: Call, source_arn: str | None, name: str | None, after: str, limit: int) -> list[Mapping]:
    """By id; of a source, of a function, or all."""
    conditions, values = "", []
    for column, value in (("source_arn", source_arn), ("name", name)):
        if value:
            conditions += f" AND {column} = ?"
            values.append(value)
    rows = await call.db.fetch(
        f"SELECT {_COLUMNS} FROM lambda_mappings WHERE account = ? AND region = ?{conditions} AND id > ? "
        "ORDER BY id LIMIT ?",
        call.account, call.region, *values, after, limit,
    )  # fmt: skip
    return [_mapping(row) for row in rows]


def _mapping(row: Any) -> Mapping:
    facts: list[Any] = [*row[:12], orjson.loads(row[12]), orjson.loads(row[13]), row[14]]
    return Mapping(*facts)


def _json(value: Any) -> str:
    return orjson.dumps(dict(value)).decode()
