"""All SQL of Lambda on functions, their versions, aliases and settings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson

from undercast.kit.call import Call

from . import errors
from .model import Alias, Code, Function, Version
from .names import LATEST, Reference, is_version

_OF = "account = ? AND region = ? AND name = ?"
_FUNCTION = "account, region, name, created_at, last_version, reserved, provisioned, recursion, code_signing_arn, tags"
_VERSION = (
    "account, region, name, version, number, revision, modified_at, state, state_reason, update_status, "
    "update_reason, code_key, code_folder, code_sha256, code_size, config"
)
_ALIAS = "account, region, name, alias, version, description, weights, revision"


async def find_named_packages(platform: Any, blobs: list[str]) -> set[str]:
    """Those of these files that rows name, whoever's they are: a file on disk does not say its account."""
    marks = ", ".join("?" * len(blobs))
    sql = " UNION ".join(
        f"SELECT code_key FROM {table} WHERE code_key IN ({marks})" for table in ("lambda_versions", "lambda_layers")
    )
    return {name for (name,) in await platform.store.scan(sql, *blobs, *blobs)}


# --- functions ---


async def find_function(call: Call, reference: Reference) -> Function | None:
    row = await call.db.fetch_one(
        f"SELECT {_FUNCTION} FROM lambda_functions WHERE {_OF}", reference.account, reference.region, reference.name
    )
    return _function(*row) if row else None


async def get_function(call: Call, reference: Reference) -> Function:
    """ResourceNotFoundException."""
    found = await find_function(call, reference)
    if found is None:
        raise errors.no_function(reference.arn)
    return found


async def add_function(call: Call, function: Function) -> None:
    await call.db.execute(
        f"INSERT INTO lambda_functions ({_FUNCTION}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        function.account, function.region, function.name, function.created_at, function.last_version,
        function.reserved, _json(function.provisioned), function.recursion, function.code_signing_arn,
        _json(function.tags),
    )  # fmt: skip


async def save_function(call: Call, function: Function) -> None:
    await call.db.execute(
        "UPDATE lambda_functions SET last_version = ?, reserved = ?, provisioned = ?, recursion = ?, "
        f"code_signing_arn = ?, tags = ? WHERE {_OF}",
        function.last_version, function.reserved, _json(function.provisioned), function.recursion,
        function.code_signing_arn, _json(function.tags), function.account, function.region, function.name,
    )  # fmt: skip


async def delete_function(call: Call, reference: Reference) -> None:
    """With all its versions, aliases and settings."""
    where = (reference.account, reference.region, reference.name)
    for table in ("functions", "versions", "aliases", "settings"):
        await call.db.execute(f"DELETE FROM lambda_{table} WHERE {_OF}", *where)
    await call.db.execute("DELETE FROM lambda_urls WHERE account = ? AND region = ? AND name = ?", *where)


async def functions_with_code_signing(call: Call, arn: str, after: str, limit: int) -> list[Function]:
    rows = await call.db.fetch(
        f"SELECT {_FUNCTION} FROM lambda_functions WHERE account = ? AND region = ? AND code_signing_arn = ? "
        "AND name > ? ORDER BY name LIMIT ?",
        call.account, call.region, arn, after, limit,
    )  # fmt: skip
    return [_function(*row) for row in rows]


async def reserved_in_account(call: Call) -> int:
    """The concurrency that all functions of the account and region have reserved."""
    row = await call.db.fetch_one(
        "SELECT COALESCE(SUM(reserved), 0) FROM lambda_functions WHERE account = ? AND region = ? AND reserved > 0",
        call.account, call.region,
    )  # fmt: skip
    return int(row[0]) if row else 0


async def usage(call: Call) -> tuple[int, int]:
    """Bytes of code (of functions and layers), and how many functions there are."""
    where = (call.account, call.region)
    size = 0
    for table in ("versions", "layers"):
        rows = await call.db.fetch(
            f"SELECT COALESCE(SUM(code_size), 0) FROM lambda_{table} WHERE account = ? AND region = ?", *where
        )
        size += int(rows[0][0])
    rows = await call.db.fetch("SELECT COUNT(*) FROM lambda_functions WHERE account = ? AND region = ?", *where)
    return size, int(rows[0][0])


# --- versions ---


async def find_version(call: Call, reference: Reference, version: str) -> Version | None:
    row = await call.db.fetch_one(
        f"SELECT {_VERSION} FROM lambda_versions WHERE {_OF} AND version = ?",
        reference.account, reference.region, reference.name, version,
    )  # fmt: skip
    return _version(*row) if row else None


async def get_version(call: Call, reference: Reference) -> Version:
    """The version that the reference's qualifier names, or its alias names. ResourceNotFoundException."""
    version = reference.qualifier or LATEST
    if not is_version(version):
        alias = await find_alias(call, reference, version)
        if alias is None:
            raise errors.no_function(reference.qualified_arn)
        version = alias.version
    found = await find_version(call, reference, version)
    if found is None:
        raise errors.no_function(reference.qualified_arn)
    return found


async def add_version(call: Call, version: Version) -> None:
    await call.db.execute(
        f"INSERT INTO lambda_versions ({_VERSION}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        version.account, version.region, version.name, version.version, version.number, version.revision,
        version.modified_at, version.state, version.state_reason, version.update_status, version.update_reason,
        version.code.key, version.code.folder, version.code.sha256, version.code.size, _json(version.config),
    )  # fmt: skip


async def save_version(call: Call, version: Version) -> None:
    await call.db.execute(
        "UPDATE lambda_versions SET revision = ?, modified_at = ?, state = ?, state_reason = ?, update_status = ?, "
        "update_reason = ?, code_key = ?, code_folder = ?, code_sha256 = ?, code_size = ?, config = ? "
        f"WHERE {_OF} AND version = ?",
        version.revision, version.modified_at, version.state, version.state_reason, version.update_status,
        version.update_reason, version.code.key, version.code.folder, version.code.sha256, version.code.size,
        _json(version.config), version.account, version.region, version.name, version.version,
    )  # fmt: skip


async def delete_version(call: Call, reference: Reference, version: str) -> None:
    where = (reference.account, reference.region, reference.name, version)
    await call.db.execute(f"DELETE FROM lambda_versions WHERE {_OF} AND version = ?", *where)
    await call.db.execute(f"DELETE FROM lambda_settings WHERE {_OF} AND qualifier = ?", *where)


async def list_versions(call: Call, reference: Reference, after: int, limit: int) -> list[Version]:
    """`$LATEST` first, then by number."""
    rows = await call.db.fetch(
        f"SELECT {_VERSION} FROM lambda_versions WHERE {_OF} AND number > ? ORDER BY number LIMIT ?",
        reference.account, reference.region, reference.name, after, limit,
    )  # fmt: skip
    return [_version(*row) for row in rows]


async def pending_versions(call: Call, reference: Reference) -> list[Version]:
    """Those that were published while `$LATEST` was not ready, and are not."""
    rows = await call.db.fetch(
        f"SELECT {_VERSION} FROM lambda_versions WHERE {_OF} AND number > 0 AND state = 'Pending'",
        reference.account, reference.region, reference.name,
    )  # fmt: skip
    return [_version(*row) for row in rows]


async def newest_version(call: Call, reference: Reference) -> Version | None:
    """The last one that was published."""
    row = await call.db.fetch_one(
        f"SELECT {_VERSION} FROM lambda_versions WHERE {_OF} AND number > 0 ORDER BY number DESC LIMIT 1",
        reference.account, reference.region, reference.name,
    )  # fmt: skip
    return _version(*row) if row else None


async def list_all(
    call: Call, after: tuple[str, int], limit: int, *, every_version: bool
) -> list[Version]:  # fmt: skip
    """The functions of an account and region by name; with `every_version`, all that was published of them too."""
    rows = await call.db.fetch(
        f"SELECT {_VERSION} FROM lambda_versions WHERE account = ? AND region = ? AND (name > ? OR (name = ? AND "
        f"number > ?)) {'' if every_version else 'AND number = 0'} ORDER BY name, number LIMIT ?",
        call.account, call.region, after[0], after[0], after[1], limit,
    )  # fmt: skip
    return [_version(*row) for row in rows]


# --- aliases ---


async def find_alias(call: Call, reference: Reference, alias: str) -> Alias | None:
    row = await call.db.fetch_one(
        f"SELECT {_ALIAS} FROM lambda_aliases WHERE {_OF} AND alias = ?",
        reference.account, reference.region, reference.name, alias,
    )  # fmt: skip
    return _alias(*row) if row else None


async def get_alias(call: Call, reference: Reference, alias: str) -> Alias:
    """ResourceNotFoundException."""
    found = await find_alias(call, reference, alias)
    if found is None:
        raise errors.ResourceNotFoundException(f"Cannot find alias arn: {reference.of(alias).qualified_arn}")
    return found


async def list_aliases(call: Call, reference: Reference, version: str | None, after: str, limit: int) -> list[Alias]:
    only = "AND version = ?" if version else ""
    rows = await call.db.fetch(
        f"SELECT {_ALIAS} FROM lambda_aliases WHERE {_OF} {only} AND alias > ? ORDER BY alias LIMIT ?",
        reference.account, reference.region, reference.name, *([version] if version else []), after, limit,
    )  # fmt: skip
    return [_alias(*row) for row in rows]


async def save_alias(call: Call, alias: Alias) -> None:
    await call.db.execute(
        f"INSERT INTO lambda_aliases ({_ALIAS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, region, name, "
        "alias) DO UPDATE SET version = excluded.version, description = excluded.description, "
        "weights = excluded.weights, revision = excluded.revision",
        alias.account, alias.region, alias.name, alias.alias, alias.version, alias.description,
        _json(alias.weights), alias.revision,
    )  # fmt: skip


async def delete_alias(call: Call, reference: Reference, alias: str) -> bool:
    where = (reference.account, reference.region, reference.name, alias)
    deleted = await call.db.execute(f"DELETE FROM lambda_aliases WHERE {_OF} AND alias = ?", *where)
    await call.db.execute(f"DELETE FROM lambda_settings WHERE {_OF} AND qualifier = ?", *where)
    await call.db.execute(f"DELETE FROM lambda_urls WHERE {_OF} AND qualifier = ?", *where)
    return bool(deleted)


# --- settings ---


async def find_setting(call: Call, reference: Reference, kind: str) -> Any:
    """What the reference has of a kind, or None."""
    row = await call.db.fetch_one(
        f"SELECT content FROM lambda_settings WHERE {_OF} AND kind = ? AND qualifier = ?",
        reference.account, reference.region, reference.name, kind, reference.qualifier or LATEST,
    )  # fmt: skip
    return orjson.loads(row[0]) if row else None


async def save_setting(call: Call, reference: Reference, kind: str, content: object) -> None:
    await call.db.execute(
        "INSERT INTO lambda_settings (account, region, name, kind, qualifier, content) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, name, kind, qualifier) DO UPDATE SET content = excluded.content",
        reference.account, reference.region, reference.name, kind, reference.qualifier or LATEST, _json(content),
    )  # fmt: skip


async def delete_setting(call: Call, reference: Reference, kind: str) -> bool:
    deleted = await call.db.execute(
        f"DELETE FROM lambda_settings WHERE {_OF} AND kind = ? AND qualifier = ?",
        reference.account, reference.region, reference.name, kind, reference.qualifier or LATEST,
    )  # fmt: skip
    return bool(deleted)


async def list_settings(
    call: Call, reference: Reference, kind: str, after: str = "", limit: int = 10_000
) -> list[tuple[str, Any]]:
    """Qualifiers, and what they have of a kind."""
    rows = await call.db.fetch(
        f"SELECT qualifier, content FROM lambda_settings WHERE {_OF} AND kind = ? AND qualifier > ? "
        "ORDER BY qualifier LIMIT ?",
        reference.account, reference.region, reference.name, kind, after, limit,
    )  # fmt: skip
    return [(qualifier, orjson.loads(content)) for qualifier, content in rows]


# --- function URLs ---


async def add_url(call: Call, reference: Reference, id: str) -> None:
    await call.db.execute(
        "INSERT INTO lambda_urls (account, region, id, name, qualifier) VALUES (?, ?, ?, ?, ?)",
        reference.account, reference.region, id, reference.name, reference.qualifier or LATEST,
    )  # fmt: skip


async def find_url(call: Call, id: str) -> Reference | None:
    """What a URL of this account invokes, in whichever region."""
    row = await call.db.fetch_one(
        "SELECT region, name, qualifier FROM lambda_urls WHERE account = ? AND id = ?", call.account, id
    )
    if row is None:
        return None
    region, name, qualifier = row
    return Reference(call.account, region, name, None if qualifier == LATEST else qualifier)


async def delete_url(call: Call, id: str) -> None:
    await call.db.execute("DELETE FROM lambda_urls WHERE account = ? AND id = ?", call.account, id)


# --- rows ---


@lru_cache(maxsize=4096)
def _function(
    account: str, region: str, name: str, created_at: int, last_version: int, reserved: int, provisioned: str,
    recursion: str, code_signing_arn: str, tags: str,
) -> Function:  # fmt: skip
    return Function(
        account, region, name, created_at, last_version, reserved, orjson.loads(provisioned), recursion,
        code_signing_arn, orjson.loads(tags),
    )  # fmt: skip


@lru_cache(maxsize=4096)
def _version(
    account: str, region: str, name: str, version: str, number: int, revision: str, modified_at: int, state: str,
    state_reason: str, update_status: str, update_reason: str, code_key: str, code_folder: str, code_sha256: str,
    code_size: int, config: str,
) -> Version:  # fmt: skip
    return Version(
        account, region, name, version, number, revision, modified_at, state, state_reason, update_status,
        update_reason, Code(code_key, code_folder, code_sha256, code_size), orjson.loads(config),
    )  # fmt: skip


@lru_cache(maxsize=4096)
def _alias(
    account: str, region: str, name: str, alias: str, version: str, description: str, weights: str, revision: str
) -> Alias:
    return Alias(account, region, name, alias, version, description, orjson.loads(weights), revision)


def _json(value: object) -> str:
    if isinstance(value, Mapping):
        value = dict(value)
    return orjson.dumps(value).decode()
