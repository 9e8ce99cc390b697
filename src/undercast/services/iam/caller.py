"""Whose user a request is about when it names none: the one whose access key signed it."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.iam import errors, storage, vault
from undercast.services.iam.model import USER, Entity

ACCESS_KEY = "access-key"


async def secret(call: Call, access_key: str) -> str | None:
    """The secret of a user's access key; None for one that is not here or switched off."""
    key = await vault.find_credential(call, ACCESS_KEY, access_key)
    return str(key.details["secret"]) if key and key.details["status"] == "Active" else None


async def user_of(call: Call, request: dict[str, Any]) -> Entity:
    """The user that a request names, or else the caller. NoSuchEntity; ValidationError when the caller is no user."""
    name = request.get("UserName")
    found = await storage.find(call, USER, name) if name else await calling_user(call)
    if found is None:
        raise errors.ValidationError("Must specify userName when calling with non-User credentials")
    return found


async def calling_user(call: Call) -> Entity | None:
    """The user whose access key, or session token, the call came with."""
    identity = call.identity
    if ":user/" in identity.arn:
        return await storage.seek(call, USER, identity.arn.rpartition("/")[2])
    if not identity.access_key or not identity.arn.endswith(":root"):
        return None
    key = await vault.find_credential(call, ACCESS_KEY, identity.access_key)
    return await storage.find_by_id(call, key.owner) if key else None
