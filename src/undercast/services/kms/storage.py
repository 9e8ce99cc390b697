"""All SQL of KMS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson

from undercast.kit.call import Call
from undercast.services.kms.model import Key, Material

_KEY = (
    "account, region, id, manager, spec, usage, origin, created_at, description, policy, tags, enabled, deletion_at, "
    "deletion_job, rotation_days, rotation_at, rotation_job"
)
_MATERIAL = "seq, id, state, content, description, expires_at, rotated_at, rotation_type"
_OF_KEY = "account = ? AND region = ? AND key_id = ?"


class Alias(NamedTuple):
    name: str
    key_id: str
    created_at: int
    updated_at: int


class Grant(NamedTuple):
    key_id: str
    id: str
    token: str
    retiring: str
    content: dict[str, Any]


# --- keys ---


async def find_key(call: Call, key_id: str) -> Key | None:
    row = await call.db.fetch_one(
        f"SELECT {_KEY} FROM kms_keys WHERE account = ? AND region = ? AND id = ?", call.account, call.region, key_id
    )
    return _key(row) if row else None


async def list_keys(call: Call, after: str, limit: int, managers: Sequence[str]) -> list[Key]:
    rows = await call.db.fetch(
        f"SELECT {_KEY} FROM kms_keys WHERE account = ? AND region = ? AND id > ? "
        f"AND manager IN ({', '.join('?' * len(managers))}) ORDER BY id LIMIT ?",
        call.account, call.region, after, *managers, limit,
    )  # fmt: skip
    return [_key(row) for row in rows]


async def add_key(call: Call, key: Key) -> None:
    await call.db.execute(
        f"INSERT INTO kms_keys ({_KEY}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        key.account, key.region, key.id, key.manager, key.spec, key.usage, key.origin, key.created_at, *_changing(key),
    )  # fmt: skip


async def save_key(call: Call, key: Key) -> None:
    await call.db.execute(
        "UPDATE kms_keys SET description = ?, policy = ?, tags = ?, enabled = ?, deletion_at = ?, deletion_job = ?, "
        "rotation_days = ?, rotation_at = ?, rotation_job = ? WHERE account = ? AND region = ? AND id = ?",
        *_changing(key), key.account, key.region, key.id,
    )  # fmt: skip


async def delete_key(call: Call, key: Key) -> None:
    for table in ("kms_materials", "kms_aliases", "kms_grants", "kms_imports"):
        await call.db.execute(f"DELETE FROM {table} WHERE {_OF_KEY}", key.account, key.region, key.id)
    await call.db.execute(
        "DELETE FROM kms_keys WHERE account = ? AND region = ? AND id = ?", key.account, key.region, key.id
    )


# --- materials ---


async def list_materials(call: Call, key: Key) -> list[Material]:
    """A key's materials, oldest first."""
    rows = await call.db.fetch(
        f"SELECT {_MATERIAL} FROM kms_materials WHERE {_OF_KEY} ORDER BY seq", key.account, key.region, key.id
    )
    return [_material(row) for row in rows]


async def save_material(call: Call, key: Key, material: Material) -> None:
    await call.db.execute(
        f"INSERT INTO kms_materials (account, region, key_id, {_MATERIAL}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, key_id, seq) DO UPDATE SET state = excluded.state, content = excluded.content, "
        "description = excluded.description, expires_at = excluded.expires_at, rotated_at = excluded.rotated_at, "
        "rotation_type = excluded.rotation_type",
        key.account, key.region, key.id, material.seq, material.id, material.state, material.content,
        material.description, material.expires_at, material.rotated_at, material.rotation_type,
    )  # fmt: skip


# --- aliases ---

_ALIAS = "name, key_id, created_at, updated_at"


async def find_alias(call: Call, name: str) -> Alias | None:
    row = await call.db.fetch_one(
        f"SELECT {_ALIAS} FROM kms_aliases WHERE account = ? AND region = ? AND name = ?",
        call.account, call.region, name,
    )  # fmt: skip
    return Alias(*row) if row else None


async def list_aliases(call: Call, key_id: str | None, after: str, limit: int) -> list[Alias]:
    of_key = "" if key_id is None else "AND key_id = ?"
    rows = await call.db.fetch(
        f"SELECT {_ALIAS} FROM kms_aliases WHERE account = ? AND region = ? {of_key} AND name > ? ORDER BY name LIMIT ?",
        call.account, call.region, *([] if key_id is None else [key_id]), after, limit,
    )  # fmt: skip
    return [Alias(*row) for row in rows]


async def save_alias(call: Call, alias: Alias) -> None:
    await call.db.execute(
        f"INSERT INTO kms_aliases (account, region, {_ALIAS}) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, name) DO UPDATE SET key_id = excluded.key_id, updated_at = excluded.updated_at",
        call.account, call.region, *alias,
    )  # fmt: skip


async def delete_alias(call: Call, name: str) -> bool:
    return (
        await call.db.execute(
            "DELETE FROM kms_aliases WHERE account = ? AND region = ? AND name = ?", call.account, call.region, name
        )
        > 0
    )


# --- grants ---

_GRANT = "key_id, id, token, retiring, content"


async def add_grant(call: Call, key: Key, grant: Grant) -> None:
    await call.db.execute(
        f"INSERT INTO kms_grants (account, region, {_GRANT}) VALUES (?, ?, ?, ?, ?, ?, ?)",
        key.account, key.region, *grant[:4], _json(grant.content),
    )  # fmt: skip


async def list_grants(call: Call, key: Key, after: str, limit: int) -> list[Grant]:
    rows = await call.db.fetch(
        f"SELECT {_GRANT} FROM kms_grants WHERE {_OF_KEY} AND id > ? ORDER BY id LIMIT ?",
        key.account, key.region, key.id, after, limit,
    )  # fmt: skip
    return [_grant(row) for row in rows]


async def list_retirable(call: Call, principal: str, after: Sequence[str], limit: int) -> list[Grant]:
    rows = await call.db.fetch(
        f"SELECT {_GRANT} FROM kms_grants WHERE account = ? AND region = ? AND retiring = ? AND (key_id, id) > (?, ?) "
        "ORDER BY key_id, id LIMIT ?",
        call.account, call.region, principal, *after, limit,
    )  # fmt: skip
    return [_grant(row) for row in rows]


async def delete_grant(call: Call, key: Key, grant_id: str) -> bool:
    return (
        await call.db.execute(
            f"DELETE FROM kms_grants WHERE {_OF_KEY} AND id = ?", key.account, key.region, key.id, grant_id
        )
        > 0
    )


async def delete_grant_by_token(call: Call, token: str) -> bool:
    return (
        await call.db.execute(
            "DELETE FROM kms_grants WHERE account = ? AND region = ? AND token = ?", call.account, call.region, token
        )
        > 0
    )


# --- imports ---


async def add_import(call: Call, key: Key, token: str, algorithm: str, wrapping_key: bytes, expires_at: int) -> None:
    """Keep a wrapping key, and forget those of the key that have expired."""
    where = (key.account, key.region, key.id)
    await call.db.execute(f"DELETE FROM kms_imports WHERE {_OF_KEY} AND expires_at < ?", *where, call.now - 86_400_000)
    await call.db.execute(
        "INSERT INTO kms_imports (account, region, key_id, token, algorithm, wrapping_key, expires_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        *where, token, algorithm, wrapping_key, expires_at,
    )  # fmt: skip


async def find_import(call: Call, key: Key, token: str) -> tuple[str, bytes, int] | None:
    """Algorithm, private wrapping key, and when it expires."""
    row = await call.db.fetch_one(
        f"SELECT algorithm, wrapping_key, expires_at FROM kms_imports WHERE {_OF_KEY} AND token = ?",
        key.account, key.region, key.id, token,
    )  # fmt: skip
    return (row[0], bytes(row[1]), row[2]) if row else None


def _changing(key: Key) -> tuple[str | int, ...]:
    return (
        key.description, key.policy, _json(key.tags), int(key.enabled), key.deletion_at, key.deletion_job,
        key.rotation_days, key.rotation_at, key.rotation_job,
    )  # fmt: skip


def _key(row: Sequence[Any]) -> Key:
    return Key(*row[:10], orjson.loads(row[10]), bool(row[11]), *row[12:])  # type: ignore[call-arg]  # in order


def _material(row: Sequence[Any]) -> Material:
    return Material(*row[:3], bytes(row[3]), *row[4:])  # type: ignore[call-arg]  # its fields in order


def _grant(row: Sequence[Any]) -> Grant:
    return Grant(*row[:4], orjson.loads(row[4]))  # type: ignore[call-arg]  # its fields in order


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
