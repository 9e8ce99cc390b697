"""Operations on global endpoints: buses of one name in two regions behind one id.

Events go to the primary region, and to the secondary one too where replication is on. Route 53's health checks are not
here, so the primary region is always held to be healthy.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import orjson

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.services.events import errors, pages, storage

_HERE = "account = ? AND region = ?"
_ENDPOINT = "account, region, name, id, settings, created_at, modified_at"
_SHOWN = ("Name", "RoutingConfig", "ReplicationConfig", "EventBuses", "RoleArn")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


class Endpoint(NamedTuple):
    account: str
    region: str
    name: str
    id: str
    settings: dict[str, Any]
    created_at: int
    modified_at: int

    @property
    def arn(self) -> str:
        return f"arn:aws:events:{self.region}:{self.account}:endpoint/{self.name}"

    @property
    def regions(self) -> list[str]:
        """The primary one, and the secondary one if it gets the events too."""
        regions = [Arn.parse(bus["EventBusArn"]).region for bus in self.settings["EventBuses"]]
        secondary = self.settings["RoutingConfig"]["FailoverConfig"]["Secondary"]["Route"]
        primary = [region for region in regions if region != secondary]
        replicated = self.settings["ReplicationConfig"]["State"] == "ENABLED"
        return [*primary, secondary] if replicated else primary


async def create_endpoint(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Make an endpoint; it is active at once."""
    name = request["Name"]
    if await _load(call, name):
        raise errors.ResourceAlreadyExistsException(f"Endpoint {name} already exists.")
    id = f"{call.ids.alnum(10)}.{call.ids.alnum(3)}"
    one = Endpoint(call.account, call.region, name, id, _settings(request), call.now, call.now)
    await _check(call, one)
    await _save(call, one)
    return {**{member: one.settings.get(member) for member in _SHOWN}, "Arn": one.arn, "State": "CREATING"}


async def update_endpoint(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change what is given."""
    one = await _find(call, request["Name"])
    one = one._replace(settings=_settings({**one.settings, **request}), modified_at=call.now)
    await _check(call, one)
    await _save(call, one)
    shown = _show(one)
    del shown["CreationTime"], shown["LastModifiedTime"], shown["Description"]
    return {**shown, "State": "UPDATING"}


async def delete_endpoint(call: Call, request: dict[str, Any]) -> None:
    """Delete an endpoint; the buses stay."""
    one = await _find(call, request["Name"])
    await call.db.execute(f"DELETE FROM events_endpoints WHERE {_HERE} AND name = ?", one.account, one.region, one.name)


async def describe_endpoint(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """An endpoint."""
    return _show(await _find(call.into(region=request.get("HomeRegion") or call.region), request["Name"]))


async def list_endpoints(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Endpoints by name."""
    size, prefix = pages.limit(request), request.get("NamePrefix") or ""
    rows = await call.db.fetch(
        f"SELECT {_ENDPOINT} FROM events_endpoints WHERE {_HERE} AND name > ? AND substr(name, 1, ?) = ? "
        "ORDER BY name LIMIT ?",
        call.account, request.get("HomeRegion") or call.region, pages.after(request), len(prefix), prefix, size + 1,
    )  # fmt: skip
    return pages.answer("Endpoints", [_endpoint(row) for row in rows], size, _show, lambda one: one.name)


async def calls(call: Call, id: str, entries: list[dict[str, Any]]) -> list[Call]:
    """The call in each region that gets the events of PutEvents with this EndpointId. ValidationException."""
    for region in _REGIONS_OF(call):
        row = await call.db.fetch_one(
            f"SELECT {_ENDPOINT} FROM events_endpoints WHERE {_HERE} AND id = ?", call.account, region, id
        )
        if row:
            one = _endpoint(row)
            break
    else:
        raise errors.not_valid("EndpointId", f"Endpoint {id} does not exist.")
    bus = Arn.parse(one.settings["EventBuses"][0]["EventBusArn"]).resource.partition("/")[2]
    if any((entry.get("EventBusName") or "default") != bus for entry in entries):
        raise errors.not_valid("EventBusName", f"Events for this endpoint go to the event bus {bus}.")
    return [call.into(region=region) for region in one.regions]
