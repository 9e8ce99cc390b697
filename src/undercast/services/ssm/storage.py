"""All SQL of Parameter Store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.services.ssm import errors
from undercast.services.ssm.model import MOST_VERSIONS, Parameter, Version

_VERSION = (
    "name, version, type, value, key_id, tier, data_type, description, allowed_pattern, policies, labels, "
    "modified_at, modified_by"
)
_V = ", ".join(f"v.{column}" for column in _VERSION.split(", "))
_LATEST = (
    f"SELECT {_V}, p.tags, p.expiry_job FROM ssm_parameters p JOIN ssm_versions v ON v.account = p.account "
    "AND v.region = p.region AND v.name = p.name AND v.version = p.latest WHERE p.account = ? AND p.region = ?"
)
_END = "\U0010ffff"  # after every other character, so that a prefix bounds a range of the index
_OF = "account = ? AND region = ? AND name = ?"


async def find_parameter(call: Call, name: str) -> Parameter | None:
    row = await call.db.fetch_one(f"{_LATEST} AND p.name = ?", call.account, call.region, name)
    return _parameter(row) if row else None


async def get_parameter(call: Call, name: str) -> Parameter:
    """ParameterNotFound when there is none of that name."""
    parameter = await find_parameter(call, name)
    if parameter is None:
        raise errors.ParameterNotFound()
    return parameter


async def list_parameters(call: Call, prefix: str, after: str, limit: int) -> list[Parameter]:
    rows = await call.db.fetch(
        f"{_LATEST} AND p.name >= ? AND p.name < ? AND p.name > ? AND substr(p.name, 1, ?) = ? ORDER BY p.name LIMIT ?",
        call.account, call.region, prefix, prefix + _END, after, len(prefix), prefix, limit,
    )  # fmt: skip
    return [_parameter(row) for row in rows]


async def add_version(call: Call, version: Version, tags: Mapping[str, str], expiry_job: int) -> None:
    """Add a version as the latest, and forget the one that is a hundred older."""
    key = (call.account, call.region, version.name)
    await call.db.execute(
        f"INSERT INTO ssm_versions (account, region, {_VERSION}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *key, version.version, version.type, version.value, version.key_id, version.tier, version.data_type,
        version.description, version.allowed_pattern, version.policies, _json(version.labels), version.modified_at,
        version.modified_by,
    )  # fmt: skip
    await call.db.execute(
        "INSERT INTO ssm_parameters (account, region, name, latest, tags, expiry_job) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, name) DO UPDATE SET latest = excluded.latest, expiry_job = excluded.expiry_job",
        *key, version.version, _json(tags), expiry_job,
    )  # fmt: skip
    if version.version > MOST_VERSIONS:
        await call.db.execute(
            f"DELETE FROM ssm_versions WHERE {_OF} AND version <= ?", *key, version.version - MOST_VERSIONS
        )


async def delete_parameter(call: Call, name: str) -> None:
    for table in ("ssm_parameters", "ssm_versions"):
        await call.db.execute(f"DELETE FROM {table} WHERE {_OF}", call.account, call.region, name)


async def save_tags(call: Call, name: str, tags: Mapping[str, str]) -> None:
    await call.db.execute(
        f"UPDATE ssm_parameters SET tags = ? WHERE {_OF}", _json(tags), call.account, call.region, name
    )


async def find_version(call: Call, name: str, version: int) -> Version | None:
    row = await call.db.fetch_one(
        f"SELECT {_VERSION} FROM ssm_versions WHERE {_OF} AND version = ?", call.account, call.region, name, version
    )
    return _version(row) if row else None


async def list_versions(call: Call, name: str, after: int = 0, limit: int = MOST_VERSIONS) -> list[Version]:
    rows = await call.db.fetch(
        f"SELECT {_VERSION} FROM ssm_versions WHERE {_OF} AND version > ? ORDER BY version LIMIT ?",
        call.account, call.region, name, after, limit,
    )  # fmt: skip
    return [_version(row) for row in rows]


async def save_labels(call: Call, name: str, version: int, labels: Sequence[str]) -> None:
    await call.db.execute(
        f"UPDATE ssm_versions SET labels = ? WHERE {_OF} AND version = ?",
        _json(labels), call.account, call.region, name, version,
    )  # fmt: skip


def _parameter(row: Sequence[Any]) -> Parameter:
    return Parameter(_version(row[:-2]), orjson.loads(row[-2]), row[-1])


def _version(row: Sequence[Any]) -> Version:
    return Version(*row[:10], tuple(orjson.loads(row[10])), *row[11:])  # type: ignore[call-arg]  # its fields in order


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
