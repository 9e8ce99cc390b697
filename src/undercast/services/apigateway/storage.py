"""All SQL of APIs, deployments and stages; an API is one document, changed in place and saved whole.

Every change notifies the channel that the data path listens to, so that it looks again.
"""

from __future__ import annotations

from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.services.apigateway import errors

CHANNEL = "apigateway"
Document = dict[str, Any]
_MINE = "account = ? AND region = ?"
_OF_API = f"{_MINE} AND api_id = ?"


# --- APIs ---


async def add_api(call: Call, api: Document) -> None:
    await call.db.execute(
        "INSERT INTO apigateway_directory (id, account, region) VALUES (?, ?, ?)", api["id"], call.account, call.region
    )
    await call.db.execute(
        "INSERT INTO apigateway_apis (account, region, id, document) VALUES (?, ?, ?, ?)",
        call.account, call.region, api["id"], dump(api),
    )  # fmt: skip


async def find_api(call: Call, api_id: str, missing: Exception | None = None) -> Document:
    """An API's document, the caller's own copy. Raises `missing`, or NotFoundException."""
    row = await call.db.fetch_one(
        f"SELECT document FROM apigateway_apis WHERE {_MINE} AND id = ?", call.account, call.region, api_id
    )
    if row is None:
        raise missing or errors.no_api(call.account, api_id)
    return load(row[0])


async def save_api(call: Call, api: Document) -> None:
    await call.db.execute(
        f"UPDATE apigateway_apis SET document = ? WHERE {_MINE} AND id = ?",
        dump(api), call.account, call.region, api["id"],
    )  # fmt: skip


async def delete_api(call: Call, api_id: str) -> None:
    await call.db.execute("DELETE FROM apigateway_directory WHERE id = ?", api_id)
    await call.db.execute(f"DELETE FROM apigateway_apis WHERE {_MINE} AND id = ?", call.account, call.region, api_id)
    for table in ("apigateway_stages", "apigateway_deployments"):
        await call.db.execute(f"DELETE FROM {table} WHERE {_OF_API}", call.account, call.region, api_id)
    call.notify(CHANNEL)


async def list_apis(call: Call, after: str, limit: int) -> list[Document]:
    return await _list(call, "apigateway_apis", after, limit)


async def owner(call: Call, api_id: str) -> tuple[str, str] | None:
    """Account and region of an API."""
    row = await call.db.fetch_one("SELECT account, region FROM apigateway_directory WHERE id = ?", api_id)
    return (row[0], row[1]) if row else None


# --- deployments ---


async def add_deployment(call: Call, api_id: str, deployment: Document, api: Document) -> None:
    await call.db.execute(
        "INSERT INTO apigateway_deployments (account, region, api_id, id, created_at, description, document) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        call.account, call.region, api_id, deployment["id"], deployment["createdDate"],
        deployment.get("description"), dump(api),
    )  # fmt: skip


async def find_deployment(call: Call, api_id: str, deployment_id: str) -> Document | None:
    """What a client sees of a deployment, and the deployed API as `_api`."""
    row = await call.db.fetch_one(
        f"SELECT id, created_at, description, document FROM apigateway_deployments WHERE {_OF_API} AND id = ?",
        call.account, call.region, api_id, deployment_id,
    )  # fmt: skip
    if row is None:
        return None
    return {"id": row[0], "createdDate": row[1], "description": row[2], "_api": load(row[3])}


async def list_deployments(call: Call, api_id: str, after: str, limit: int) -> list[Document]:
    rows = await call.db.fetch(
        f"SELECT id, created_at, description FROM apigateway_deployments WHERE {_OF_API} AND id > ? ORDER BY id LIMIT ?",
        call.account, call.region, api_id, after, limit,
    )  # fmt: skip
    return [{"id": row[0], "createdDate": row[1], "description": row[2]} for row in rows]


async def describe_deployment(call: Call, api_id: str, deployment_id: str, description: str | None) -> None:
    await call.db.execute(
        f"UPDATE apigateway_deployments SET description = ? WHERE {_OF_API} AND id = ?",
        description, call.account, call.region, api_id, deployment_id,
    )  # fmt: skip


async def delete_deployment(call: Call, api_id: str, deployment_id: str) -> None:
    await call.db.execute(
        f"DELETE FROM apigateway_deployments WHERE {_OF_API} AND id = ?",
        call.account, call.region, api_id, deployment_id,
    )  # fmt: skip


# --- stages ---


async def save_stage(call: Call, api_id: str, stage: Document) -> None:
    await call.db.execute(
        "INSERT INTO apigateway_stages (account, region, api_id, name, deployment_id, document) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (account, region, api_id, name) DO UPDATE SET "
        "deployment_id = excluded.deployment_id, document = excluded.document",
        call.account, call.region, api_id, stage["stageName"], stage["deploymentId"], dump(stage),
    )  # fmt: skip
    call.notify(CHANNEL)


async def find_stage(call: Call, api_id: str, name: str) -> Document | None:
    row = await call.db.fetch_one(
        f"SELECT document FROM apigateway_stages WHERE {_OF_API} AND name = ?",
        call.account, call.region, api_id, name,
    )  # fmt: skip
    return load(row[0]) if row else None


async def list_stages(call: Call, api_id: str) -> list[Document]:
    rows = await call.db.fetch(
        f"SELECT document FROM apigateway_stages WHERE {_OF_API} ORDER BY name", call.account, call.region, api_id
    )
    return [load(row[0]) for row in rows]


async def delete_stage(call: Call, api_id: str, name: str) -> bool:
    deleted = await call.db.execute(
        f"DELETE FROM apigateway_stages WHERE {_OF_API} AND name = ?", call.account, call.region, api_id, name
    )
    call.notify(CHANNEL)
    return deleted > 0


# --- the account ---


async def find_account(call: Call) -> Document:
    row = await call.db.fetch_one(f"SELECT document FROM apigateway_accounts WHERE {_MINE}", call.account, call.region)
    return load(row[0]) if row else {}


async def save_account(call: Call, settings: Document) -> None:
    await call.db.execute(
        "INSERT INTO apigateway_accounts (account, region, document) VALUES (?, ?, ?) "
        "ON CONFLICT (account, region) DO UPDATE SET document = excluded.document",
        call.account, call.region, dump(settings),
    )  # fmt: skip


async def _list(call: Call, table: str, after: str, limit: int) -> list[Document]:
    rows = await call.db.fetch(
        f"SELECT document FROM {table} WHERE {_MINE} AND id > ? ORDER BY id LIMIT ?",
        call.account, call.region, after, limit,
    )  # fmt: skip
    return [load(row[0]) for row in rows]


def dump(value: object) -> str:
    return orjson.dumps(value).decode()


def load(text: str) -> Document:
    document: Document = orjson.loads(text)
    return document
