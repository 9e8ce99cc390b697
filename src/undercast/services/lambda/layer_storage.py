"""All SQL on layers."""

from __future__ import annotations

import re
from typing import Any

import orjson

from undercast.kit.call import Call

from . import errors
from .model import Code, Layer

_COLUMNS = "account, region, name, number, created_at, code_key, code_sha256, code_size, deleted, config, policy"
_OF = "account = ? AND region = ? AND name = ?"
_ARN = re.compile(r"arn:aws[a-zA-Z-]*:lambda:([a-z0-9-]+):(\d{12}):layer:([a-zA-Z0-9-_]+):(\d+)")


async def get_by_arn(call: Call, arn: str) -> Layer:
    """A layer version that a function wants to use. InvalidParameterValueException."""
    match = _ARN.fullmatch(arn)
    if match is None:
        raise errors.InvalidParameterValueException(f"Layer version {arn} is not a valid ARN.")
    region, account, name, number = match.groups()
    if region != call.region:
        raise errors.InvalidParameterValueException(
            f"Layers are not in the same region as the function. Layers are expected to be in region {call.region}."
        )
    layer = await find(call.into(account=account), name, int(number))
    if layer is None or layer.deleted:
        raise errors.InvalidParameterValueException(f"Layer version {arn} does not exist.")
    return layer


async def find(call: Call, name: str, number: int) -> Layer | None:
    row = await call.db.fetch_one(
        f"SELECT {_COLUMNS} FROM lambda_layers WHERE {_OF} AND number = ?", call.account, call.region, name, number
    )
    return _layer(row) if row else None


async def last_number(call: Call, name: str) -> int:
    """Of all versions there ever were: numbers are not used again."""
    row = await call.db.fetch_one(
        f"SELECT COALESCE(MAX(number), 0) FROM lambda_layers WHERE {_OF}", call.account, call.region, name
    )
    return int(row[0]) if row else 0


async def add(call: Call, layer: Layer) -> None:
    await call.db.execute(
        f"INSERT INTO lambda_layers ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        layer.account, layer.region, layer.name, layer.number, layer.created_at, layer.code.key, layer.code.sha256,
        layer.code.size, int(layer.deleted), _json(layer.config), _json(layer.policy),
    )  # fmt: skip


async def save(call: Call, layer: Layer) -> None:
    """What can change: whether it is deleted, and its policy. Deleted ones do not count as storage."""
    await call.db.execute(
        f"UPDATE lambda_layers SET deleted = ?, policy = ?, code_size = ? WHERE {_OF} AND number = ?",
        int(layer.deleted), _json(layer.policy), 0 if layer.deleted else layer.code.size, layer.account,
        layer.region, layer.name, layer.number,
    )  # fmt: skip


async def list_versions(call: Call, name: str, below: int, limit: int) -> list[Layer]:
    """The newest first."""
    rows = await call.db.fetch(
        f"SELECT {_COLUMNS} FROM lambda_layers WHERE {_OF} AND deleted = 0 AND number < ? ORDER BY number DESC LIMIT ?",
        call.account, call.region, name, below, limit,
    )  # fmt: skip
    return [_layer(row) for row in rows]


async def list_newest(call: Call, after: str) -> list[Layer]:
    """The newest version of each layer, by name."""
    rows = await call.db.fetch(
        f"SELECT {_COLUMNS} FROM lambda_layers AS a WHERE account = ? AND region = ? AND name > ? AND number = (SELECT "
        "MAX(number) FROM lambda_layers AS b WHERE b.account = a.account AND b.region = a.region AND b.name = a.name "
        "AND b.deleted = 0) ORDER BY name",
        call.account, call.region, after,
    )  # fmt: skip
    return [_layer(row) for row in rows]


def _layer(row: Any) -> Layer:
    account, region, name, number, created_at, key, digest, size, deleted, config, policy = row
    return Layer(
        account, region, name, number, created_at, Code(key, "", digest, size), bool(deleted), orjson.loads(config),
        orjson.loads(policy),
    )  # fmt: skip


def _json(value: Any) -> str:
    return orjson.dumps(dict(value)).decode()
