"""Operations on the targets of rules."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.events import errors, managed, pages, storage
from undercast.services.events.model import Rule
from undercast.services.events.target_checks import check

_MOST = 5


async def put_targets(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Add targets to a rule, or replace those of the same id."""
    rule = await _rule(call, request)
    targets = request["Targets"]
    ids = {target["Id"] for target in await storage.list_targets(call, rule)}
    if len(ids | {target["Id"] for target in targets}) > _MOST:
        raise errors.LimitExceededException()
    for target in targets:
        check(target)
        await storage.save_target(call, rule, {name: value for name, value in target.items() if value is not None})
    await storage.changed(call, rule)
    return {"FailedEntryCount": 0, "FailedEntries": []}


async def remove_targets(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Remove targets of a rule; those that are not there are no error."""
    rule = await _rule(call, request)
    for id in request["Ids"]:
        await storage.delete_target(call, rule, id)
    await storage.changed(call, rule)
    return {"FailedEntryCount": 0, "FailedEntries": []}


async def list_targets_by_rule(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The targets of a rule by id."""
    bus, size = await storage.find_bus(call, request.get("EventBusName")), pages.limit(request)
    rule = await storage.find_rule(call, bus.name, request["Rule"])
    found = await storage.list_targets(call, rule, pages.after(request), size + 1)
    return pages.answer("Targets", found, size, lambda target: target, lambda target: str(target["Id"]))


async def _rule(call: Call, request: dict[str, Any]) -> Rule:
    bus = await storage.find_bus(call, request.get("EventBusName"))
    rule = await storage.find_rule(call, bus.name, request["Rule"])
    managed.check(call, rule, request)
    return rule
