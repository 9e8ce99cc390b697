"""Operations on tags, of buses and rules."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.tags import as_list, as_map
from undercast.services.events import errors, managed, storage
from undercast.services.events.model import DEFAULT, Bus, Rule

_MOST = 50


async def tag_resource(call: Call, request: dict[str, Any]) -> None:
    """Add tags, or give those that are there another value."""
    found = await _find_own(call, request)
    tags = {**found.tags, **tag_map(request["Tags"])}
    if len(tags) > _MOST:
        raise errors.LimitExceededException()
    await _save(call, found, tags)


async def untag_resource(call: Call, request: dict[str, Any]) -> None:
    """Remove tags."""
    found = await _find_own(call, request)
    await _save(call, found, {key: value for key, value in found.tags.items() if key not in request["TagKeys"]})


async def list_tags_for_resource(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The tags of a bus or rule."""
    found = await _find(call, request["ResourceARN"])
    return {"Tags": as_list(found.tags)}


def tag_map(tags: list[dict[str, str]] | None) -> dict[str, str]:
    """Tags as name -> value. ValidationException."""
    for tag in tags or ():
        if tag["Key"].startswith("aws:"):
            raise errors.ValidationException("Tag keys that start with 'aws:' are reserved for system use.")
    return as_map(tags)


async def _find_own(call: Call, request: dict[str, Any]) -> Bus | Rule:
    found = await _find(call, request["ResourceARN"])
    if isinstance(found, Rule):
        managed.check(call, found, request)
    return found


async def _find(call: Call, arn: str) -> Bus | Rule:
    try:
        kind, _, path = Arn.parse(arn).resource.partition("/")
    except ValueError:
        raise errors.not_valid("ResourceARN", "Provided Arn is not in correct format.") from None
    if kind == "event-bus":
        return await storage.find_bus(call, arn)
    if kind != "rule":
        raise errors.not_valid("ResourceARN", "Provided Arn is not in correct format.")
    bus, _, name = path.rpartition("/")
    return await storage.find_rule(call, bus or DEFAULT, name)


async def _save(call: Call, found: Bus | Rule, tags: dict[str, str]) -> None:
    if isinstance(found, Bus):
        await storage.save_bus(call, replace(found, tags=tags))
    else:
        await storage.save_rule(call, replace(found, tags=tags))
