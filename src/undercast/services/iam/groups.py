"""Operations on groups and who is in them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit.call import Call
from undercast.services.iam import errors, pages, show, storage
from undercast.services.iam.model import ATTACHED, GROUP, USER

_GROUPS_PER_USER = 10


async def create_group(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Create a group."""
    return {"Group": show.group(await storage.add(call, GROUP, request["GroupName"], request.get("Path") or "/"))}


async def get_group(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A group with its users."""
    group = await storage.find(call, GROUP, request["GroupName"])
    users = await storage.members(call, group, pages.position(request, ""), pages.limit(request))
    page = pages.answer("Users", users, request, show.listed_user, lambda user: user.key)
    return {"Group": show.group(group), **page}


async def list_groups(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Groups by name."""
    rows = await storage.list_entities(
        call, GROUP, pages.position(request, ""), pages.limit(request), request.get("PathPrefix") or ""
    )
    return pages.answer("Groups", rows, request, show.group, lambda group: group.key)


async def update_group(call: Call, request: dict[str, Any]) -> None:
    """Give a group another name or path."""
    group = await storage.find(call, GROUP, request["GroupName"])
    renamed = replace(group, name=request.get("NewGroupName") or group.name, path=request.get("NewPath") or group.path)
    await storage.rename(call, group, renamed)


async def delete_group(call: Call, request: dict[str, Any]) -> None:
    """Delete a group that is empty and has no policies."""
    group = await storage.find(call, GROUP, request["GroupName"])
    if await storage.members(call, group, limit=1):
        raise errors.DeleteConflict("Cannot delete entity, must remove users from group first.")
    if await storage.attached(call, group, ATTACHED):
        raise errors.DeleteConflict("Cannot delete entity, must detach all policies first.")
    if await storage.inline(call, group, limit=1):
        raise errors.DeleteConflict("Cannot delete entity, must delete policies first.")
    await storage.delete(call, group)


async def add_user_to_group(call: Call, request: dict[str, Any]) -> None:
    """Put a user into a group; once is enough."""
    group = await storage.find(call, GROUP, request["GroupName"])
    user = await storage.find(call, USER, request["UserName"])
    others = [other for other in await storage.containers(call, user) if other.id != group.id]
    if len(others) >= _GROUPS_PER_USER:
        raise errors.LimitExceeded(f"Cannot exceed quota for GroupsPerUser: {_GROUPS_PER_USER}")
    await storage.add_member(call, group, user)


async def remove_user_from_group(call: Call, request: dict[str, Any]) -> None:
    """Take a user out of a group."""
    group = await storage.find(call, GROUP, request["GroupName"])
    user = await storage.find(call, USER, request["UserName"])
    if not await storage.remove_member(call, group, user):
        raise errors.NoSuchEntity(f"User {user.name} not in Group {group.name}")


async def list_groups_for_user(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The groups a user is in."""
    user = await storage.find(call, USER, request["UserName"])
    rows = await storage.containers(call, user, pages.position(request, ""), pages.limit(request))
    return pages.answer("Groups", rows, request, show.group, lambda group: group.key)
