"""Operations on event buses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.kit.errors import NotImplementedYet
from undercast.services.events import errors, pages, permissions, storage
from undercast.services.events.model import DEFAULT, Bus
from undercast.services.events.tagging import tag_map

_SETTINGS = ("Description", "DeadLetterConfig", "LogConfig")


async def create_event_bus(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Make a bus."""
    name = request["Name"]
    if request.get("EventSourceName") or name.startswith("aws.partner/"):
        raise NotImplementedYet("Undercast has no partner event sources.")
    if "/" in name:
        raise errors.ValidationException("Event bus name must not contain '/'.")
    settings = _settings(request)
    if name == DEFAULT or await storage.load_bus(call, name):
        raise errors.ResourceAlreadyExistsException(f"Event bus {name} already exists.")
    bus = Bus(
        call.account, call.region, name, call.now, call.now, call.ids.sequence(), settings, "",
        tag_map(request.get("Tags")),
    )  # fmt: skip
    await storage.add_bus(call, bus)
    return {"EventBusArn": bus.arn, **settings}


async def update_event_bus(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change what is given of a bus's description, dead-letter queue and logging."""
    bus = await storage.find_bus(call, request.get("Name"))
    settings = {name: value for name, value in {**bus.settings, **_settings(request)}.items() if value}
    await storage.save_bus(call, replace(bus, settings=settings, modified_at=call.now))
    return {"Arn": bus.arn, "Name": bus.name, **settings}


async def delete_event_bus(call: Call, request: dict[str, Any]) -> None:
    """Delete a bus that has no rules."""
    name = request["Name"]
    if name == DEFAULT:
        raise errors.ValidationException("Cannot delete event bus default.")
    bus = await storage.find_bus(call, name)
    if await storage.list_rules(call, bus.name, "", "", 1):
        raise errors.ValidationException(f"Event bus {name} can't be deleted since it has rules.")
    await storage.delete_bus(call, bus)


async def describe_event_bus(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A bus with its policy."""
    bus = await storage.find_bus(call, request.get("Name"))
    return {**_show(bus), **bus.settings}


async def list_event_buses(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Buses by name."""
    await storage.find_bus(call, DEFAULT)
    size = pages.limit(request)
    found = await storage.list_buses(call, request.get("NamePrefix") or "", pages.after(request), size + 1)
    return pages.answer(
        "EventBuses", found, size, lambda bus: {**_show(bus), "Description": bus.settings.get("Description")},
        lambda bus: bus.name,
    )  # fmt: skip


async def put_permission(call: Call, request: dict[str, Any]) -> None:
    """Let another account (or all, or an organization) send events; or set the whole policy."""
    bus = await storage.find_bus(call, request.get("EventBusName"))
    policy = request.get("Policy")
    if policy is None:
        policy = permissions.with_statement(bus, request)
    else:
        permissions.check(policy)
    if len(policy) > permissions.LONGEST:
        raise errors.PolicyLengthExceededException()
    await storage.save_bus(call, replace(bus, policy=policy, modified_at=call.now))


async def remove_permission(call: Call, request: dict[str, Any]) -> None:
    """Take back one statement of the policy, or all."""
    bus = await storage.find_bus(call, request.get("EventBusName"))
    policy = "" if request.get("RemoveAllPermissions") else permissions.without_statement(bus, request)
    await storage.save_bus(call, replace(bus, policy=policy, modified_at=call.now))


def _settings(request: dict[str, Any]) -> dict[str, Any]:
    if request.get("KmsKeyIdentifier"):
        raise NotImplementedYet(
            "Undercast does not encrypt events with keys of the user yet; leave KmsKeyIdentifier out."
        )
    if (request.get("LogConfig") or {}).get("Level", "OFF") != "OFF":
        raise NotImplementedYet("Undercast does not write the logs of a bus yet; LogConfig's Level can only be OFF.")
    return {name: request[name] for name in _SETTINGS if request.get(name) is not None}


def _show(bus: Bus) -> dict[str, Any]:
    return {
        "Name": bus.name,
        "Arn": bus.arn,
        "Policy": orjson.dumps(orjson.loads(bus.policy)).decode() if bus.policy else None,
        "CreationTime": bus.created_at,
        "LastModifiedTime": bus.modified_at,
    }
