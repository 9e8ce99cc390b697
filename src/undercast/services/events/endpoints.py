"""Operations on global endpoints: buses of one name in two regions behind one id.

Events go to the primary region, and to the secondary one too where replication is on. Route 53's health checks are not
here, so the primary region is always held to be healthy.
"""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.events import endpoint_storage, errors, pages, storage
from undercast.services.events.endpoint_storage import Endpoint

_SETTINGS = ("Description", "RoutingConfig", "ReplicationConfig", "EventBuses", "RoleArn")


async def create_endpoint(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Make an endpoint; it is active at once."""
    name = request["Name"]
    if await endpoint_storage.find(call, name):
        raise errors.ResourceAlreadyExistsException(f"Endpoint {name} already exists.")
    id = f"{call.ids.alnum(10)}.{call.ids.alnum(3)}"
    one = Endpoint(call.account, call.region, name, id, _settings(request), call.now, call.now)
    await _check(call, one)
    await endpoint_storage.save(call, one)
    return {**_outcome(one), "State": "CREATING"}


async def update_endpoint(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change what is given."""
    one = await _find(call, request["Name"])
    given = {name: value for name, value in request.items() if value is not None}
    one = one._replace(settings=_settings({**one.settings, **given}), modified_at=call.now)
    await _check(call, one)
    await endpoint_storage.save(call, one)
    return {**_outcome(one), **_address(one), "State": "UPDATING"}


async def delete_endpoint(call: Call, request: dict[str, Any]) -> None:
    """Delete an endpoint; the buses stay."""
    await endpoint_storage.delete(call, await _find(call, request["Name"]))


async def describe_endpoint(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """An endpoint."""
    return _show(await _find(call, request["Name"], request.get("HomeRegion") or ""))


async def list_endpoints(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Endpoints by name."""
    size, region = pages.limit(request), request.get("HomeRegion") or call.region
    prefix, after = request.get("NamePrefix") or "", pages.after(request)
    found = await endpoint_storage.list_endpoints(call, region, prefix, after, size + 1)
    return pages.answer("Endpoints", found, size, _show, lambda one: one.name)


async def _find(call: Call, name: str, region: str = "") -> Endpoint:
    one = await endpoint_storage.find(call, name, region)
    if one is None:
        raise errors.ResourceNotFoundException(f"Endpoint {name} does not exist.")
    return one


async def _check(call: Call, one: Endpoint) -> None:
    """ValidationException unless it has a bus of one name in each of two regions, one of them the secondary one."""
    buses = one.buses
    if {bus.account for bus in buses} != {call.account} or len({bus.resource for bus in buses}) != 1:
        raise errors.not_valid("EventBuses", "The event buses must have the same name and account.")
    if len({bus.region for bus in buses}) != 2 or one.secondary not in {bus.region for bus in buses}:
        raise errors.not_valid("EventBuses", "The event buses must be in the primary and the secondary region.")
    if one.settings["ReplicationConfig"]["State"] == "ENABLED" and not one.settings.get("RoleArn"):
        raise errors.not_valid("RoleArn", "A role is required for event replication.")
    for bus in buses:
        await storage.find_bus(call.into(region=bus.region), str(bus))


def _settings(request: dict[str, Any]) -> dict[str, Any]:
    settings = {name: request[name] for name in _SETTINGS if request.get(name) is not None}
    settings["ReplicationConfig"] = {"State": (request.get("ReplicationConfig") or {}).get("State") or "ENABLED"}
    return settings


def _outcome(one: Endpoint) -> dict[str, Any]:
    shown = {name: value for name, value in one.settings.items() if name != "Description"}
    return {"Name": one.name, "Arn": one.arn, **shown}


def _address(one: Endpoint) -> dict[str, str]:
    return {"EndpointId": one.id, "EndpointUrl": f"https://{one.id}.endpoints.events.amazonaws.com"}


def _show(one: Endpoint) -> dict[str, Any]:
    return {
        **_outcome(one),
        **_address(one),
        "Description": one.settings.get("Description"),
        "State": "ACTIVE",
        "CreationTime": one.created_at,
        "LastModifiedTime": one.modified_at,
    }
