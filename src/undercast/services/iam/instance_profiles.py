"""Operations on instance profiles."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.iam import errors, pages, show, storage
from undercast.services.iam.model import PROFILE, ROLE, Entity, tags_from


async def create_instance_profile(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Create an instance profile without a role."""
    tags = tags_from(request.get("Tags"))
    profile = await storage.add(call, PROFILE, request["InstanceProfileName"], request.get("Path") or "/", tags=tags)
    return {"InstanceProfile": show.profile(profile, [])}


async def get_instance_profile(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """An instance profile with its role."""
    profile = await storage.find(call, PROFILE, request["InstanceProfileName"])
    return {"InstanceProfile": await _shown(call, profile)}


async def list_instance_profiles(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Instance profiles by name."""
    rows = await storage.list_entities(
        call, PROFILE, pages.position(request, ""), pages.limit(request), request.get("PathPrefix") or ""
    )
    return await _page(call, request, rows)


async def list_instance_profiles_for_role(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The instance profiles that hold a role."""
    role = await storage.find(call, ROLE, request["RoleName"])
    rows = await storage.containers(call, role, pages.position(request, ""), pages.limit(request))
    return await _page(call, request, rows)


async def delete_instance_profile(call: Call, request: dict[str, Any]) -> None:
    """Delete an instance profile without a role."""
    profile = await storage.find(call, PROFILE, request["InstanceProfileName"])
    if await storage.members(call, profile, limit=1):
        raise errors.DeleteConflict("Cannot delete entity, must remove roles from instance profile first.")
    await storage.delete(call, profile)


async def add_role_to_instance_profile(call: Call, request: dict[str, Any]) -> None:
    """Put the one role into an instance profile."""
    profile = await storage.find(call, PROFILE, request["InstanceProfileName"])
    role = await storage.find(call, ROLE, request["RoleName"])
    role.check_modifiable()
    if await storage.members(call, profile, limit=1):
        raise errors.LimitExceeded("Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
    await storage.add_member(call, profile, role)


async def remove_role_from_instance_profile(call: Call, request: dict[str, Any]) -> None:
    """Take the role out of an instance profile."""
    profile = await storage.find(call, PROFILE, request["InstanceProfileName"])
    role = await storage.find(call, ROLE, request["RoleName"])
    if not await storage.remove_member(call, profile, role):
        raise errors.NoSuchEntity(f"The role with name {role.name} cannot be found.")


async def _shown(call: Call, profile: Entity) -> dict[str, Any]:
    return show.profile(profile, await storage.members(call, profile))


async def _page(call: Call, request: dict[str, Any], rows: list[Entity]) -> dict[str, Any]:
    answer = pages.answer("InstanceProfiles", rows, request, lambda row: row, lambda row: row.key)
    answer["InstanceProfiles"] = [await _shown(call, profile) for profile in answer["InstanceProfiles"]]
    for shown in answer["InstanceProfiles"]:
        shown.pop("Tags", None)  # lists lack them
    return answer
