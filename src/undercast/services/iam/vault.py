"""All SQL of IAM on credentials and on what an account has once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.services.iam import errors
from undercast.services.iam.model import Credential

_CREDENTIAL = "kind, id, owner, seq, created_at, details"


async def find_credential(call: Call, kind: str, id: str) -> Credential | None:
    row = await call.db.fetch_one(
        f"SELECT {_CREDENTIAL} FROM iam_credentials WHERE account = ? AND kind = ? AND id = ?", call.account, kind, id
    )
    return _credential(row) if row else None


async def find_mfa_device(call: Call, serial: str) -> Credential:
    """NoSuchEntity."""
    device = await find_credential(call, "mfa-device", serial)
    if device is None:
        raise errors.NoSuchEntity(f"VirtualMFADevice with serial number {serial} doesn't exist.")
    return device


async def credentials_of(call: Call, kind: str, owner: str, after: int = 0, limit: int = 10_000) -> list[Credential]:
    """A user's credentials of a kind, oldest first; one more than `limit`."""
    rows = await call.db.fetch(
        f"SELECT {_CREDENTIAL} FROM iam_credentials WHERE account = ? AND kind = ? AND owner = ? AND seq > ? "
        "ORDER BY seq LIMIT ?",
        call.account, kind, owner, after, limit + 1,
    )  # fmt: skip
    return [_credential(row) for row in rows]


async def list_credentials(call: Call, kind: str) -> list[Credential]:
    """All of an account, by id."""
    rows = await call.db.fetch(
        f"SELECT {_CREDENTIAL} FROM iam_credentials WHERE account = ? AND kind = ? ORDER BY id", call.account, kind
    )
    return [_credential(row) for row in rows]


async def add_credential(call: Call, kind: str, id: str, owner: str, **details: Any) -> Credential:
    credential = Credential(kind, id, owner, call.ids.sequence(), call.now, details)
    await call.db.execute(
        f"INSERT INTO iam_credentials (account, {_CREDENTIAL}) VALUES (?, ?, ?, ?, ?, ?, ?)",
        call.account, kind, id, owner, credential.seq, credential.created_at, _json(details),
    )  # fmt: skip
    return credential


async def save_credential(call: Call, credential: Credential) -> None:
    await call.db.execute(
        "UPDATE iam_credentials SET owner = ?, details = ? WHERE account = ? AND kind = ? AND id = ?",
        credential.owner, _json(credential.details), call.account, credential.kind, credential.id,
    )  # fmt: skip


async def delete_credential(call: Call, credential: Credential) -> None:
    await call.db.execute(
        "DELETE FROM iam_credentials WHERE account = ? AND kind = ? AND id = ?",
        call.account, credential.kind, credential.id,
    )  # fmt: skip


async def setting(call: Call, name: str) -> Any:
    """What the account has under a name, or None."""
    row = await call.db.fetch_one("SELECT value FROM iam_settings WHERE account = ? AND name = ?", call.account, name)
    return orjson.loads(row[0]) if row else None


async def set_setting(call: Call, name: str, value: object) -> None:
    await call.db.execute(
        "INSERT INTO iam_settings (account, name, value) VALUES (?, ?, ?) "
        "ON CONFLICT (account, name) DO UPDATE SET value = excluded.value",
        call.account, name, _json(value),
    )  # fmt: skip


async def delete_setting(call: Call, name: str) -> bool:
    """Whether it was there."""
    return await call.db.execute("DELETE FROM iam_settings WHERE account = ? AND name = ?", call.account, name) > 0


def _credential(row: Sequence[Any]) -> Credential:
    kind, id, owner, seq, created_at, details = row
    return Credential(kind, id, owner, seq, created_at, orjson.loads(details))


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
