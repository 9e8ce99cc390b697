"""All SQL on global endpoints, and what one is."""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson

from undercast.kit.arn import Arn
from undercast.kit.call import Call

_HERE = "account = ? AND region = ?"
_ENDPOINT = "account, region, name, id, settings, created_at, modified_at"


class Endpoint(NamedTuple):
    account: str
    region: str
    name: str
    id: str
    settings: dict[str, Any]  # as CreateEndpoint got it
    created_at: int
    modified_at: int

    @property
    def arn(self) -> str:
        return f"arn:aws:events:{self.region}:{self.account}:endpoint/{self.name}"

    @property
    def buses(self) -> list[Arn]:
        return [Arn.parse(bus["EventBusArn"]) for bus in self.settings["EventBuses"]]

    @property
    def bus_name(self) -> str:
        return self.buses[0].resource.partition("/")[2]

    @property
    def secondary(self) -> str:
        """The region that takes over."""
        region: str = self.settings["RoutingConfig"]["FailoverConfig"]["Secondary"]["Route"]
        return region

    @property
    def regions(self) -> list[str]:
        """Those that get the events: the primary one, and the secondary one where replication is on."""
        regions = [bus.region for bus in self.buses if bus.region != self.secondary]
        return [*regions, self.secondary] if self.settings["ReplicationConfig"]["State"] == "ENABLED" else regions


async def find(call: Call, name: str, region: str = "") -> Endpoint | None:
    row = await call.db.fetch_one(
        f"SELECT {_ENDPOINT} FROM events_endpoints WHERE {_HERE} AND name = ?",
        call.account, region or call.region, name,
    )  # fmt: skip
    return _endpoint(row) if row else None


async def find_by_id(call: Call, id: str) -> Endpoint | None:
    """An endpoint of any region."""
    row = await call.db.fetch_one(
        f"SELECT {_ENDPOINT} FROM events_endpoints WHERE account = ? AND id = ?", call.account, id
    )
    return _endpoint(row) if row else None


async def list_endpoints(call: Call, region: str, prefix: str, after: str, limit: int) -> list[Endpoint]:
    rows = await call.db.fetch(
        f"SELECT {_ENDPOINT} FROM events_endpoints WHERE {_HERE} AND name > ? AND substr(name, 1, ?) = ? "
        "ORDER BY name LIMIT ?",
        call.account, region, after, len(prefix), prefix, limit,
    )  # fmt: skip
    return [_endpoint(row) for row in rows]


async def save(call: Call, one: Endpoint) -> None:
    """Add or replace an endpoint."""
    await call.db.execute(
        f"INSERT INTO events_endpoints ({_ENDPOINT}) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, region, name) "
        "DO UPDATE SET settings = excluded.settings, modified_at = excluded.modified_at",
        *one[:4], orjson.dumps(one.settings).decode(), *one[5:],
    )  # fmt: skip


async def delete(call: Call, one: Endpoint) -> None:
    await call.db.execute(f"DELETE FROM events_endpoints WHERE {_HERE} AND name = ?", one.account, one.region, one.name)


def _endpoint(row: Any) -> Endpoint:
    return Endpoint._make([*row[:4], orjson.loads(row[4]), *row[5:]])
