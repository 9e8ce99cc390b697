"""Operations on keys: creating, describing, enabling, deleting, policies."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.kit.errors import NotImplementedYet
from undercast.kit.service import waits
from undercast.services.kms import crypto, errors, lookup, model, pages, storage
from undercast.services.kms.errors import KMSInvalidStateException, ValidationException
from undercast.services.kms.model import DAY_MS, SYMMETRIC, Key
from undercast.services.kms.tags import check_tags

_POLICY_NAMES = ("default",)


@waits
async def create_key(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Create a key. Making an RSA key takes long, so it is made beside everything else.

    AWS has no token here to ask again with, so a call that is made again says so itself (`call.token`).
    """
    for member in ("CustomKeyStoreId", "XksKeyId", "MultiRegion"):
        if request.get(member):
            raise NotImplementedYet(f"Undercast's KMS does not have {member} yet.")
    key = _draft(call, request)
    content = b""
    if key.origin == "AWS_KMS":
        content = await asyncio.to_thread(crypto.generate, key.spec)
    return await call.transact(_add, key, content)


async def _add(call: Call, key: Key, content: bytes) -> dict[str, Any]:
    if call.token and (made := await storage.find_key(call, key.id)):
        return {"KeyMetadata": model.metadata(made, await storage.list_materials(call, made))}
    await storage.add_key(call, key)
    materials = [lookup.first_material(key.id, content)] if content else []
    for material in materials:
        await storage.save_material(call, key, material)
    return {"KeyMetadata": model.metadata(key, materials)}


def _draft(call: Call, request: dict[str, Any]) -> Key:
    spec = request.get("KeySpec") or request.get("CustomerMasterKeySpec") or SYMMETRIC
    usage = model.check_spec(spec, request.get("KeyUsage"))
    origin = request.get("Origin") or "AWS_KMS"
    if origin not in ("AWS_KMS", "EXTERNAL"):
        raise NotImplementedYet(f"Undercast's KMS has keys of origin AWS_KMS and EXTERNAL, not {origin}.")
    policy = request.get("Policy") or model.default_policy(call.account)
    _check_policy(policy)
    tags = check_tags({}, request.get("Tags") or [])
    return Key(
        call.account, call.region, call.token or call.ids.uuid(), "CUSTOMER", spec, usage, origin, call.now,
        request.get("Description") or "", policy, tags, True, 0, 0, 0, 0, 0,
    )  # fmt: skip


async def describe_key(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """All about a key but its material."""
    key = await lookup.find(call, request["KeyId"])
    return {"KeyMetadata": model.metadata(key, await storage.list_materials(call, key))}


async def list_keys(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The keys of the account, those of AWS's services too."""
    limit = request.get("Limit") or 100
    keys = await storage.list_keys(call, pages.marker(request), limit + 1, ("CUSTOMER", "AWS"))
    return pages.answer("Keys", keys, limit, lambda key: {"KeyId": key.id, "KeyArn": key.arn}, lambda key: key.id)


async def update_key_description(call: Call, request: dict[str, Any]) -> None:
    """Change a key's description."""
    key = await _staying(call, request["KeyId"])
    await storage.save_key(call, replace(key, description=request["Description"]))


async def enable_key(call: Call, request: dict[str, Any]) -> None:
    """Let a key be used again."""
    await storage.save_key(call, replace(await _staying(call, request["KeyId"]), enabled=True))


async def disable_key(call: Call, request: dict[str, Any]) -> None:
    """Let a key not be used."""
    await storage.save_key(call, replace(await _staying(call, request["KeyId"]), enabled=False))


async def schedule_key_deletion(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete a key after 7 to 30 days."""
    days = request.get("PendingWindowInDays") or 30
    if not 7 <= days <= 30:
        raise ValidationException("PendingWindowInDays must be between 7 and 30 days.")
    key = await _staying(call, request["KeyId"])
    at = call.now + days * DAY_MS
    job = await call.into(account=key.account).later(at, "delete", key.id)
    await storage.save_key(call, replace(key, deletion_at=at, deletion_job=job))
    return {"KeyId": key.arn, "DeletionDate": at, "KeyState": "PendingDeletion", "PendingWindowInDays": days}


async def cancel_key_deletion(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Keep a key; it stays disabled."""
    key = await lookup.find_own(call, request["KeyId"])
    if not key.deletion_at:
        raise KMSInvalidStateException(f"{key.arn} is not pending deletion.")
    await call.into(account=key.account).cancel_job(key.deletion_job)
    await storage.save_key(call, replace(key, enabled=False, deletion_at=0, deletion_job=0))
    return {"KeyId": key.arn}


# --- policies ---


async def get_key_policy(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The policy of a key."""
    key = await lookup.find_exact(call, request["KeyId"])
    _check_policy_name(request)
    return {"Policy": key.policy, "PolicyName": "default"}


async def put_key_policy(call: Call, request: dict[str, Any]) -> None:
    """Replace the policy of a key."""
    _check_policy_name(request)
    _check_policy(request["Policy"])
    key = await _staying(call, request["KeyId"])
    await storage.save_key(call, replace(key, policy=request["Policy"]))


async def list_key_policies(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """There is one, called default."""
    await lookup.find_exact(call, request["KeyId"])
    return {"PolicyNames": list(_POLICY_NAMES), "Truncated": False}


def _check_policy_name(request: dict[str, Any]) -> None:
    if (request.get("PolicyName") or "default") not in _POLICY_NAMES:
        raise errors.NotFoundException("No such policy exists")


def _check_policy(text: str) -> None:
    try:
        policy = orjson.loads(text)
    except ValueError:
        raise errors.MalformedPolicyDocumentException("Policy contains invalid JSON") from None
    if not isinstance(policy, dict) or "Statement" not in policy:
        raise errors.MalformedPolicyDocumentException("Policy contains no statement")


async def _staying(call: Call, key_id: str) -> Key:
    """A key that is not about to be deleted."""
    key = await lookup.find_own(call, key_id)
    if key.deletion_at:
        raise KMSInvalidStateException(f"{key.arn} is pending deletion.")
    return key
