"""All SQL of EventBridge Schemas."""

from __future__ import annotations

from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.services.schemas import errors
from undercast.services.schemas.model import Discoverer, Registry, Schema, Version

_REGISTRY = "account, region, name, description, tags, policy, policy_revision"
_SCHEMA = "account, region, registry, name, description, modified_at, tags, latest, version_count"
_DISCOVERER = "account, region, id, source_arn, description, state, cross_account, tags"
_HERE = "account = ? AND region = ?"
_OF_SCHEMA = f"{_HERE} AND registry = ? AND name = ?"


# --- registries ---


async def find_registry(call: Call, name: str) -> Registry:
    """NotFoundException."""
    row = await call.db.fetch_one(
        f"SELECT {_REGISTRY} FROM schemas_registries WHERE {_HERE} AND name = ?", call.account, call.region, name
    )
    if row is None:
        raise errors.NotFoundException(f"Registry with name {name} does not exist.")
    return _registry(row)


async def add_registry(call: Call, it: Registry) -> bool:
    """Whether the name was free."""
    rows = await call.db.fetch(
        f"INSERT INTO schemas_registries ({_REGISTRY}) VALUES (?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, name) DO NOTHING RETURNING name",
        it.account, it.region, it.name, it.description, _json(it.tags or {}), it.policy, it.policy_revision,
    )  # fmt: skip
    return bool(rows)


async def save_registry(call: Call, it: Registry) -> None:
    await call.db.execute(
        "UPDATE schemas_registries SET description = ?, tags = ?, policy = ?, policy_revision = ? "
        f"WHERE {_HERE} AND name = ?",
        it.description, _json(it.tags or {}), it.policy, it.policy_revision, it.account, it.region, it.name,
    )  # fmt: skip


async def delete_registry(call: Call, it: Registry) -> None:
    await call.db.execute(f"DELETE FROM schemas_registries WHERE {_HERE} AND name = ?", it.account, it.region, it.name)


async def list_registries(call: Call, prefix: str, after: str, limit: int) -> list[Registry]:
    rows = await call.db.fetch(
        f"SELECT {_REGISTRY} FROM schemas_registries WHERE {_HERE} AND name > ? AND substr(name, 1, ?) = ? "
        "ORDER BY name LIMIT ?",
        call.account, call.region, after, len(prefix), prefix, limit,
    )  # fmt: skip
    return [_registry(row) for row in rows]


# --- schemas ---


async def find_schema(call: Call, registry: str, name: str) -> Schema:
    """NotFoundException."""
    found = await load_schema(call, registry, name)
    if found is None:
        raise errors.NotFoundException(f"Schema with name {name} does not exist.")
    return found


async def load_schema(call: Call, registry: str, name: str) -> Schema | None:
    row = await call.db.fetch_one(
        f"SELECT {_SCHEMA} FROM schemas_schemas WHERE {_OF_SCHEMA}", call.account, call.region, registry, name
    )
    return _schema(row) if row else None


async def save_schema(call: Call, it: Schema) -> None:
    """Add a schema or save its change."""
    await call.db.execute(
        f"INSERT INTO schemas_schemas ({_SCHEMA}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, registry, name) DO UPDATE SET description = excluded.description, "
        "modified_at = excluded.modified_at, tags = excluded.tags, latest = excluded.latest, "
        "version_count = excluded.version_count",
        it.account, it.region, it.registry, it.name, it.description, it.modified_at, _json(it.tags), it.latest,
        it.version_count,
    )  # fmt: skip


async def delete_schema(call: Call, it: Schema) -> None:
    for table in ("schemas_versions", "schemas_schemas"):
        await call.db.execute(f"DELETE FROM {table} WHERE {_OF_SCHEMA}", it.account, it.region, it.registry, it.name)


async def list_schemas(call: Call, registry: str, prefix: str, after: str, limit: int) -> list[Schema]:
    rows = await call.db.fetch(
        f"SELECT {_SCHEMA} FROM schemas_schemas WHERE {_HERE} AND registry = ? AND name > ? "
        "AND substr(name, 1, ?) = ? ORDER BY name LIMIT ?",
        call.account, call.region, registry, after, len(prefix), prefix, limit,
    )  # fmt: skip
    return [_schema(row) for row in rows]


async def search(call: Call, registry: str, words: list[str], after: str, limit: int) -> list[Schema]:
    """Schemas whose name or newest content has every word."""
    found = f"(LOWER(s.name) LIKE ? {_ESCAPE} OR LOWER(v.content) LIKE ? {_ESCAPE})"
    columns = ", ".join(f"s.{name}" for name in _SCHEMA.split(", "))
    patterns = [f"%{_escaped(word.lower())}%" for word in words for _ in range(2)]
    rows = await call.db.fetch(
        f"SELECT {columns} FROM schemas_schemas s JOIN schemas_versions v ON v.account = s.account "
        "AND v.region = s.region AND v.registry = s.registry AND v.name = s.name AND v.version = s.latest "
        "WHERE s.account = ? AND s.region = ? AND s.registry = ? AND s.name > ?"
        f"{''.join(f' AND {found}' for _ in words)} ORDER BY s.name LIMIT ?",
        call.account, call.region, registry, after, *patterns, limit,
    )  # fmt: skip
    return [_schema(row) for row in rows]


# --- versions ---


async def find_version(call: Call, schema: Schema, number: int | None) -> Version:
    """A version, or the newest. NotFoundException."""
    row = await call.db.fetch_one(
        f"SELECT version, type, content, created_at FROM schemas_versions WHERE {_OF_SCHEMA} AND version = ?",
        schema.account, schema.region, schema.registry, schema.name, number or schema.latest,
    )  # fmt: skip
    if row is None:
        raise errors.NotFoundException(f"Schema version {number} of schema {schema.name} does not exist.")
    return Version(*row)


async def add_version(call: Call, schema: Schema, it: Version) -> None:
    await call.db.execute(
        "INSERT INTO schemas_versions (account, region, registry, name, version, type, content, created_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        schema.account, schema.region, schema.registry, schema.name, *it,
    )  # fmt: skip


async def delete_version(call: Call, schema: Schema, number: int) -> None:
    await call.db.execute(
        f"DELETE FROM schemas_versions WHERE {_OF_SCHEMA} AND version = ?",
        schema.account, schema.region, schema.registry, schema.name, number,
    )  # fmt: skip


async def list_versions(call: Call, schema: Schema, before: int, limit: int) -> list[Version]:
    """Newest first, those with smaller numbers."""
    rows = await call.db.fetch(
        f"SELECT version, type, content, created_at FROM schemas_versions WHERE {_OF_SCHEMA} AND version < ? "
        "ORDER BY version DESC LIMIT ?",
        schema.account, schema.region, schema.registry, schema.name, before, limit,
    )  # fmt: skip
    return [Version(*row) for row in rows]


# --- discoverers ---


async def find_discoverer(call: Call, id: str) -> Discoverer:
    """NotFoundException."""
    found = await load_discoverer(call, id)
    if found is None:
        raise errors.NotFoundException(f"Discoverer with id {id} does not exist.")
    return found


async def load_discoverer(call: Call, id: str) -> Discoverer | None:
    row = await call.db.fetch_one(
        f"SELECT {_DISCOVERER} FROM schemas_discoverers WHERE {_HERE} AND id = ?", call.account, call.region, id
    )
    return _discoverer(row) if row else None


async def save_discoverer(call: Call, it: Discoverer) -> None:
    """Add a discoverer or save its change."""
    await call.db.execute(
        f"INSERT INTO schemas_discoverers ({_DISCOVERER}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, id) DO UPDATE SET description = excluded.description, state = excluded.state, "
        "cross_account = excluded.cross_account, tags = excluded.tags",
        it.account, it.region, it.id, it.source_arn, it.description, it.state, it.cross_account, _json(it.tags),
    )  # fmt: skip


async def delete_discoverer(call: Call, it: Discoverer) -> None:
    await call.db.execute(f"DELETE FROM schemas_discoverers WHERE {_HERE} AND id = ?", it.account, it.region, it.id)


async def list_discoverers(
    call: Call, id_prefix: str, source_prefix: str, after: str, limit: int
) -> list[Discoverer]:  # fmt: skip
    rows = await call.db.fetch(
        f"SELECT {_DISCOVERER} FROM schemas_discoverers WHERE {_HERE} AND id > ? AND substr(id, 1, ?) = ? "
        "AND substr(source_arn, 1, ?) = ? ORDER BY id LIMIT ?",
        call.account, call.region, after, len(id_prefix), id_prefix, len(source_prefix), source_prefix, limit,
    )  # fmt: skip
    return [_discoverer(row) for row in rows]


_ESCAPE = "ESCAPE '!'"


def _escaped(word: str) -> str:
    return word.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def _registry(row: Any) -> Registry:
    account, region, name, description, tags, policy, revision = row
    return Registry(account, region, name, description, orjson.loads(tags), policy, revision)


def _schema(row: Any) -> Schema:
    account, region, registry, name, description, modified_at, tags, latest, count = row
    return Schema(account, region, registry, name, description, modified_at, orjson.loads(tags), latest, count)


def _discoverer(row: Any) -> Discoverer:
    account, region, id, source_arn, description, state, cross_account, tags = row
    return Discoverer(account, region, id, source_arn, description, state, cross_account, orjson.loads(tags))


def _json(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
