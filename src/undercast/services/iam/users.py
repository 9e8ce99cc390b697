"""Operations on users."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit.call import Call
from undercast.services.iam import boundaries, caller, errors, pages, show, storage, vault
from undercast.services.iam.model import ATTACHED, USER, Entity, tags_from

# What must go before a user can: AWS's words for each kind of credential.
_OBSTACLES = {
    "access-key": "must delete access keys first",
    "mfa-device": "must delete MFA device first",
    "signing-certificate": "must delete signing certificates first",
    "ssh-key": "must remove referenced objects first",
    "service-credential": "must remove referenced objects first",
}


async def create_user(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Create a user."""
    tags = tags_from(request.get("Tags"))
    await boundaries.check(call, request.get("PermissionsBoundary"))
    user = await storage.add(call, USER, request["UserName"], request.get("Path") or "/", tags=tags)
    if request.get("PermissionsBoundary"):
        user = await boundaries.put(call, user, request["PermissionsBoundary"])
    return {"User": show.user(user)}


async def get_user(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A user; without a name the caller, also when that is the account itself."""
    identity = call.identity
    if not request.get("UserName") and identity.arn.endswith(":root") and not await caller.calling_user(call):
        return {"User": {"UserId": call.account, "Arn": identity.arn, "CreateDate": call.now}}
    return {"User": show.user(await caller.user_of(call, request))}


async def list_users(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Users by name."""
    rows = await storage.list_entities(
        call, USER, pages.position(request, ""), pages.limit(request), request.get("PathPrefix") or ""
    )
    return pages.answer("Users", rows, request, show.listed_user, lambda user: user.key)


async def update_user(call: Call, request: dict[str, Any]) -> None:
    """Give a user another name or path."""
    user = await storage.find(call, USER, request["UserName"])
    renamed = replace(user, name=request.get("NewUserName") or user.name, path=request.get("NewPath") or user.path)
    await storage.rename(call, user, renamed)


async def delete_user(call: Call, request: dict[str, Any]) -> None:
    """Delete a user that nothing hangs on any more."""
    user = await storage.find(call, USER, request["UserName"])
    if obstacle := await _obstacle(call, user):
        raise errors.DeleteConflict(f"Cannot delete entity, {obstacle}.")
    await storage.delete(call, user)


async def put_user_permissions_boundary(call: Call, request: dict[str, Any]) -> None:
    """Limit what a user's policies can allow."""
    user = await storage.find(call, USER, request["UserName"])
    await boundaries.put(call, user, request["PermissionsBoundary"])


async def delete_user_permissions_boundary(call: Call, request: dict[str, Any]) -> None:
    """Take the limit away."""
    await boundaries.delete(call, await storage.find(call, USER, request["UserName"]))


async def _obstacle(call: Call, user: Entity) -> str:
    """What hinders that a user is deleted, or ''."""
    if user.details.get("login"):
        return "must delete login profile first"
    for kind, words in _OBSTACLES.items():
        if await vault.credentials_of(call, kind, user.id, limit=1):
            return words
    if await storage.attached(call, user, ATTACHED):
        return "must detach all policies first"
    if await storage.inline(call, user, limit=1):
        return "must delete policies first"
    if await storage.containers(call, user, limit=1):
        return "must remove users from group first"
    return ""
