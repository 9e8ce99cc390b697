"""All SQL on connections and API destinations."""

from __future__ import annotations

from typing import Any

import orjson

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.services.events.model import Connection, Destination

_CONNECTION = (
    "account, region, name, id, description, type, parameters, secret_arn, state, reason, created_at, modified_at, "
    "authorized_at"
)
_DESTINATION = (
    "account, region, name, id, description, connection_arn, endpoint, method, per_second, created_at, modified_at"
)
_HERE = "account = ? AND region = ?"
_NAMED = f"{_HERE} AND name > ? AND substr(name, 1, ?) = ?"


async def find_connection(call: Call, name: str) -> Connection | None:
    row = await call.db.fetch_one(
        f"SELECT {_CONNECTION} FROM events_connections WHERE {_HERE} AND name = ?", call.account, call.region, name
    )
    return _connection(row) if row else None


async def list_connections(call: Call, prefix: str, state: str, after: str, limit: int) -> list[Connection]:
    rows = await call.db.fetch(
        f"SELECT {_CONNECTION} FROM events_connections WHERE {_NAMED} AND (? = '' OR state = ?) ORDER BY name LIMIT ?",
        call.account, call.region, after, len(prefix), prefix, state, state, limit,
    )  # fmt: skip
    return [_connection(row) for row in rows]


async def save_connection(call: Call, one: Connection) -> None:
    """Add or replace a connection."""
    values = (*one[:6], orjson.dumps(one.parameters).decode(), *one[7:])
    await call.db.execute(
        f"INSERT INTO events_connections ({_CONNECTION}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, name) DO UPDATE SET description = excluded.description, type = excluded.type, "
        "parameters = excluded.parameters, secret_arn = excluded.secret_arn, state = excluded.state, "
        "reason = excluded.reason, modified_at = excluded.modified_at, authorized_at = excluded.authorized_at",
        *values,
    )


async def delete_connection(call: Call, one: Connection) -> None:
    await call.db.execute(
        f"DELETE FROM events_connections WHERE {_HERE} AND name = ?", one.account, one.region, one.name
    )


async def find(call: Call, name: str) -> Destination | None:
    """An API destination by name."""
    row = await call.db.fetch_one(
        f"SELECT {_DESTINATION} FROM events_destinations WHERE {_HERE} AND name = ?", call.account, call.region, name
    )
    return Destination(*row) if row else None


async def find_by_arn(call: Call, arn: str) -> Destination | None:
    """An API destination of the call's account and region; an ARN without the id is taken too."""
    found = await find(call, Arn.parse(arn).resource.split("/")[1])
    return found if found and found.arn.startswith(arn) else None


async def list_destinations(call: Call, prefix: str, connection_arn: str, after: str, limit: int) -> list[Destination]:
    rows = await call.db.fetch(
        f"SELECT {_DESTINATION} FROM events_destinations WHERE {_NAMED} AND (? = '' OR connection_arn = ?) "
        "ORDER BY name LIMIT ?",
        call.account, call.region, after, len(prefix), prefix, connection_arn, connection_arn, limit,
    )  # fmt: skip
    return [Destination(*row) for row in rows]


async def save(call: Call, one: Destination) -> None:
    """Add or replace an API destination."""
    await call.db.execute(
        f"INSERT INTO events_destinations ({_DESTINATION}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, name) DO UPDATE SET description = excluded.description, "
        "connection_arn = excluded.connection_arn, endpoint = excluded.endpoint, method = excluded.method, "
        "per_second = excluded.per_second, modified_at = excluded.modified_at",
        *one,
    )


async def delete(call: Call, one: Destination) -> None:
    await call.db.execute(
        f"DELETE FROM events_destinations WHERE {_HERE} AND name = ?", one.account, one.region, one.name
    )


def _connection(row: Any) -> Connection:
    return Connection._make([*row[:6], orjson.loads(row[6]), *row[7:]])
