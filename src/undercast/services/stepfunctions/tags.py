"""Operations on the tags of state machines and activities."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit.call import Call
from undercast.services.stepfunctions import arns, errors, storage
from undercast.services.stepfunctions.model import Activity, Machine, merged_tags


async def tag_resource(call: Call, request: dict[str, Any]) -> None:
    """Add or change tags."""
    found = await _find(call, request["resourceArn"])
    await _save(call, replace(found, tags=merged_tags(found.tags, request["tags"])))


async def untag_resource(call: Call, request: dict[str, Any]) -> None:
    """Remove tags."""
    found = await _find(call, request["resourceArn"])
    kept = {key: value for key, value in found.tags.items() if key not in request["tagKeys"]}
    await _save(call, replace(found, tags=kept))


async def list_tags_for_resource(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The tags of a machine or activity."""
    found = await _find(call, request["resourceArn"])
    return {"tags": [{"key": key, "value": value} for key, value in found.tags.items()]}


async def _find(call: Call, arn: str) -> Machine | Activity:
    name = arns.parse(arn, "stateMachine", "activity", most=1)
    find = storage.find_machine if name.kind == "stateMachine" else storage.find_activity
    found = await find(call, name.parts[0]) if arns.is_here(call, arn) else None
    if found is None:
        raise errors.ResourceNotFound(f"Resource not found: '{arn}'")
    return found


async def _save(call: Call, found: Machine | Activity) -> None:
    if isinstance(found, Machine):
        await storage.save_machine(call, found)
    else:
        await storage.save_activity(call, found)
