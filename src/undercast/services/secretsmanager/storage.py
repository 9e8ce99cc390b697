"""All SQL of Secrets Manager."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.services.secretsmanager import errors
from undercast.services.secretsmanager.model import Secret, SecretId, Version

_SECRET = (
    "account, region, name, suffix, description, kms_key, tags, policy, created_at, changed_at, accessed_at, "
    "deleted_at, deletion_job, stages, rotation"
)
_VERSION = "id, kind, value, created_at, accessed_at"
_OF = "account = ? AND region = ? AND name = ?"


async def find_secret(call: Call, secret_id: str) -> Secret:
    """The secret of a name or ARN. ResourceNotFoundException when there is none."""
    wanted = SecretId.parse(secret_id)
    secret = await find_by_name(call.into(account=wanted.account), wanted.name)
    elsewhere = wanted.region not in ("", call.region)
    if secret is None or elsewhere or (wanted.suffix and wanted.suffix != secret.suffix):
        raise errors.ResourceNotFoundException()
    return secret


async def find_present(call: Call, secret_id: str) -> Secret:
    """The same, unless it is to be deleted: InvalidRequestException."""
    secret = await find_secret(call, secret_id)
    if secret.deleted_at:
        raise errors.InvalidRequestException()
    return secret


async def find_by_name(call: Call, name: str) -> Secret | None:
    row = await call.db.fetch_one(
        f"SELECT {_SECRET} FROM secretsmanager_secrets WHERE {_OF}", call.account, call.region, name
    )
    return _secret(row) if row else None


async def list_secrets(
    call: Call, column: str, after: Sequence[Any] | None, limit: int, *, descending: bool, deleted: bool
) -> list[Secret]:
    """Secrets in the order of a column (and name), after a value of it (and a name)."""
    beyond = "" if after is None else f"AND ({column}, name) {'<' if descending else '>'} (?, ?)"
    staying = "" if deleted else "AND deleted_at = 0"
    order = f"{column} DESC, name DESC" if descending else f"{column}, name"
    rows = await call.db.fetch(
        f"SELECT {_SECRET} FROM secretsmanager_secrets WHERE account = ? AND region = ? {staying} {beyond} "
        f"ORDER BY {order} LIMIT ?",
        call.account, call.region, *(after or ()), limit,
    )  # fmt: skip
    return [_secret(row) for row in rows]


async def add_secret(call: Call, secret: Secret) -> None:
    await call.db.execute(
        f"INSERT INTO secretsmanager_secrets ({_SECRET}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        secret.account, secret.region, secret.name, secret.suffix, *_changing(secret),
    )  # fmt: skip


async def save_secret(call: Call, secret: Secret) -> None:
    await call.db.execute(
        "UPDATE secretsmanager_secrets SET description = ?, kms_key = ?, tags = ?, policy = ?, created_at = ?, "
        f"changed_at = ?, accessed_at = ?, deleted_at = ?, deletion_job = ?, stages = ?, rotation = ? WHERE {_OF}",
        *_changing(secret), secret.account, secret.region, secret.name,
    )  # fmt: skip


async def delete_secret(call: Call, secret: Secret) -> None:
    for table in ("secretsmanager_secrets", "secretsmanager_versions"):
        await call.db.execute(f"DELETE FROM {table} WHERE {_OF}", secret.account, secret.region, secret.name)


async def find_version(call: Call, secret: Secret, version_id: str) -> Version | None:
    row = await call.db.fetch_one(
        f"SELECT {_VERSION} FROM secretsmanager_versions WHERE {_OF} AND id = ?",
        secret.account, secret.region, secret.name, version_id,
    )  # fmt: skip
    return Version(*row) if row else None


async def list_versions(call: Call, secret: Secret) -> list[Version]:
    """A secret's versions, oldest first; there are few."""
    rows = await call.db.fetch(
        f"SELECT {_VERSION} FROM secretsmanager_versions WHERE {_OF} ORDER BY created_at, id",
        secret.account, secret.region, secret.name,
    )  # fmt: skip
    return [Version(*row) for row in rows]


async def save_version(call: Call, secret: Secret, version: Version) -> None:
    await call.db.execute(
        f"INSERT INTO secretsmanager_versions (account, region, name, {_VERSION}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, name, id) DO UPDATE SET kind = excluded.kind, value = excluded.value, "
        "accessed_at = excluded.accessed_at",
        secret.account, secret.region, secret.name, version.id, version.kind, version.value, version.created_at,
        version.accessed_at,
    )  # fmt: skip


async def delete_version(call: Call, secret: Secret, version_id: str) -> None:
    await call.db.execute(
        f"DELETE FROM secretsmanager_versions WHERE {_OF} AND id = ?",
        secret.account, secret.region, secret.name, version_id,
    )  # fmt: skip


def _changing(secret: Secret) -> tuple[str | int, ...]:
    return (
        secret.description, secret.kms_key, "" if secret.tags is None else _json(secret.tags), secret.policy,
        secret.created_at, secret.changed_at, secret.accessed_at, secret.deleted_at, secret.deletion_job,
        _json(secret.stages), _json(secret.rotation) if secret.rotation else "",
    )  # fmt: skip


def _secret(row: Sequence[Any]) -> Secret:
    *fixed, stages, rotation = row
    fixed[6] = orjson.loads(fixed[6]) if fixed[6] else None
    labels = {version: tuple(each) for version, each in orjson.loads(stages).items()}
    return Secret(*fixed, labels, orjson.loads(rotation) if rotation else {})  # type: ignore[call-arg]  # in order


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
