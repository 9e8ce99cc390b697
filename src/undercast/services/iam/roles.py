"""Operations on roles."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit.call import Call
from undercast.services.iam import boundaries, documents, errors, pages, show, storage
from undercast.services.iam.model import ATTACHED, ROLE, Entity, tags_from

_HOUR_S = 3600


async def create_role(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Create a role with the policy that says who may assume it."""
    documents.check_trust(request["AssumeRolePolicyDocument"])
    tags = tags_from(request.get("Tags"))
    await boundaries.check(call, request.get("PermissionsBoundary"))
    role = await storage.add(
        call, ROLE, request["RoleName"], request.get("Path") or "/",
        document=request["AssumeRolePolicyDocument"], description=request.get("Description"),
        max_session_s=request.get("MaxSessionDuration") or _HOUR_S, tags=tags,
    )  # fmt: skip
    if request.get("PermissionsBoundary"):
        role = await boundaries.put(call, role, request["PermissionsBoundary"])
    return {"Role": show.created_role(role)}


async def get_role(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A role."""
    return {"Role": show.role(await storage.find(call, ROLE, request["RoleName"]))}


async def list_roles(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Roles by name."""
    rows = await storage.list_entities(
        call, ROLE, pages.position(request, ""), pages.limit(request), request.get("PathPrefix") or ""
    )
    return pages.answer("Roles", rows, request, show.listed_role, lambda role: role.key)


async def update_role(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change a role's description or longest session."""
    role = await _modifiable(call, request)
    changes = {"description": request.get("Description"), "max_session_s": request.get("MaxSessionDuration")}
    given = {key: value for key, value in changes.items() if value is not None}
    await storage.save(call, replace(role, details={**role.details, **given}))
    return {}


async def update_role_description(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change a role's description."""
    role = (await storage.find(call, ROLE, request["RoleName"])).with_details(description=request["Description"])
    await storage.save(call, role)
    return {"Role": show.listed_role(role)}


async def update_assume_role_policy(call: Call, request: dict[str, Any]) -> None:
    """Change who may assume a role."""
    role = await _modifiable(call, request)
    documents.check_trust(request["PolicyDocument"])
    await storage.save(call, role.with_details(document=request["PolicyDocument"]))


async def delete_role(call: Call, request: dict[str, Any]) -> None:
    """Delete a role that nothing hangs on any more."""
    role = await _modifiable(call, request)
    if await storage.containers(call, role, limit=1):
        raise errors.DeleteConflict("Cannot delete entity, must remove roles from instance profile first.")
    if await storage.attached(call, role, ATTACHED):
        raise errors.DeleteConflict("Cannot delete entity, must detach all policies first.")
    if await storage.inline(call, role, limit=1):
        raise errors.DeleteConflict("Cannot delete entity, must delete policies first.")
    await storage.delete(call, role)


async def put_role_permissions_boundary(call: Call, request: dict[str, Any]) -> None:
    """Limit what a role's policies can allow."""
    await boundaries.put(call, await _modifiable(call, request), request["PermissionsBoundary"])


async def delete_role_permissions_boundary(call: Call, request: dict[str, Any]) -> None:
    """Take the limit away."""
    await boundaries.delete(call, await _modifiable(call, request))


async def _modifiable(call: Call, request: dict[str, Any]) -> Entity:
    role = await storage.find(call, ROLE, request["RoleName"])
    role.check_modifiable()
    return role
