"""All SQL on code signing configurations."""

from __future__ import annotations

from typing import Any

import orjson

from undercast.kit.call import Call

from .model import last_modified

_COLUMNS = "id, modified_at, config, tags"


async def find_config(call: Call, arn: str) -> dict[str, Any] | None:
    """A configuration as it is shown."""
    row = await call.db.fetch_one(
        f"SELECT {_COLUMNS} FROM lambda_code_signing WHERE account = ? AND region = ? AND id = ?",
        call.account, call.region, arn.rpartition(":")[2],
    )  # fmt: skip
    return _show(call, row) if row else None


async def save_config(call: Call, id: str, config: dict[str, Any], tags: dict[str, str]) -> None:
    await call.db.execute(
        "INSERT INTO lambda_code_signing (account, region, id, modified_at, config, tags) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, id) DO UPDATE SET modified_at = excluded.modified_at, "
        "config = excluded.config, tags = excluded.tags",
        call.account, call.region, id, call.now, orjson.dumps(config).decode(), orjson.dumps(tags).decode(),
    )  # fmt: skip


async def delete_config(call: Call, id: str) -> None:
    await call.db.execute(
        "DELETE FROM lambda_code_signing WHERE account = ? AND region = ? AND id = ?", call.account, call.region, id
    )


async def list_configs(call: Call, after: str, limit: int) -> list[dict[str, Any]]:
    rows = await call.db.fetch(
        f"SELECT {_COLUMNS} FROM lambda_code_signing WHERE account = ? AND region = ? AND id > ? ORDER BY id LIMIT ?",
        call.account, call.region, after, limit,
    )  # fmt: skip
    return [_show(call, row) for row in rows]


async def find_tags(call: Call, id: str) -> dict[str, str] | None:
    row = await call.db.fetch_one(
        "SELECT tags FROM lambda_code_signing WHERE account = ? AND region = ? AND id = ?",
        call.account,
        call.region,
        id,
    )
    return orjson.loads(row[0]) if row else None


def _show(call: Call, row: Any) -> dict[str, Any]:
    id, modified_at, config, _tags = row
    return {
        "CodeSigningConfigId": id,
        "CodeSigningConfigArn": call.arn(f"code-signing-config:{id}", "lambda"),
        "LastModified": last_modified(modified_at),
        **orjson.loads(config),
    }
