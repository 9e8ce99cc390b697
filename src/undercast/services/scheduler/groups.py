"""Operations on groups of schedules."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit import paging
from undercast.kit.call import Call
from undercast.services.scheduler import errors, storage
from undercast.services.scheduler.model import ACTIVE, DEFAULT_GROUP, DELETING, Group
from undercast.services.scheduler.tags import merged

TOKENS_LAST_MS = 8 * 3_600_000
PAGE = 100


async def create_schedule_group(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Create a group, or find the one that was created with the same token."""
    name, token = request["Name"], request.get("ClientToken") or call.ids.uuid()
    try:
        existing = await storage.find_group(call, name)
    except errors.ResourceNotFoundException:
        tags = merged({}, request.get("Tags") or [])
        group = Group(call.account, call.region, name, ACTIVE, call.now, call.now, tags, token)
        await storage.save_group(call, group)
        return {"ScheduleGroupArn": group.arn}
    if existing.token == token and existing.tags == merged({}, request.get("Tags") or []):
        return {"ScheduleGroupArn": existing.arn}
    raise errors.ConflictException(f"Schedule group {name} already exists.")


async def get_schedule_group(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """One group."""
    return (await storage.find_group(call, request["Name"])).describe()


async def list_schedule_groups(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Groups by name."""
    limit = request.get("MaxResults") or PAGE
    groups = await storage.list_groups(
        call, request.get("NamePrefix") or "", str(position(request.get("NextToken"), "")), limit + 1
    )
    return {
        "ScheduleGroups": [group.describe() for group in groups[:limit]],
        "NextToken": paging.encode_token(groups[limit - 1].name) if len(groups) > limit else None,
    }


async def delete_schedule_group(call: Call, request: dict[str, Any]) -> None:
    """Have a group deleted, with all that is in it."""
    name, token = request["Name"], request.get("ClientToken")
    if name == DEFAULT_GROUP:
        raise errors.ValidationException("Default schedule group cannot be deleted.")
    if token and await storage.deleted_with(call, token, _arn(call, name)):
        return
    group = await storage.find_group(call, name)
    await storage.save_group(call, replace(group, state=DELETING, modified_at=call.now))
    if token:
        await storage.remember_deletion(call, token, group.arn, call.now + TOKENS_LAST_MS)
    if group.state == ACTIVE:
        await call.later(call.now, "empty", name)


def position(token: str | None, start: Any) -> Any:
    """Where a list goes on. ValidationException."""
    if not token:
        return start
    try:
        found = paging.decode_token(token)
    except paging.InvalidToken:
        found = None
    if type(found) is not type(start):
        raise errors.ValidationException("Invalid NextToken.")
    return found


def _arn(call: Call, name: str) -> str:
    return call.arn(f"schedule-group/{name}", "scheduler")
