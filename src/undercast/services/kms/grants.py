"""Operations on grants."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any

from undercast.kit.call import Call
from undercast.services.kms import errors, lookup, model, pages, storage
from undercast.services.kms.errors import ValidationException
from undercast.services.kms.storage import Grant

_ALL = 50_000  # grants a key can have


async def create_grant(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Let someone use a key for some operations."""
    key = await lookup.find_exact(call, request["KeyId"])
    model.check_usable(key, await storage.list_materials(call, key))
    grantee = request.get("GranteePrincipal") or request.get("GranteeServicePrincipal")
    if not grantee:
        raise ValidationException("GranteePrincipal is required.")
    content = {
        "KeyId": key.arn,
        "Name": request.get("Name"),
        "GranteePrincipal": request.get("GranteePrincipal"),
        "GranteeServicePrincipal": request.get("GranteeServicePrincipal"),
        "RetiringPrincipal": request.get("RetiringPrincipal"),
        "RetiringServicePrincipal": request.get("RetiringServicePrincipal"),
        "IssuingAccount": f"arn:aws:iam::{call.account}:root",
        "Operations": request["Operations"],
        "Constraints": request.get("Constraints"),
    }
    if request.get("Name"):  # the same request again is the same grant
        for known in await storage.list_grants(call, key, "", _ALL):
            if {**known.content, "GrantId": None, "CreationDate": None} == {
                **content,
                "GrantId": None,
                "CreationDate": None,
            }:
                return {"GrantToken": known.token, "GrantId": known.id}
    would_succeed(request)
    grant_id, token = call.ids.bytes(32).hex(), urlsafe_b64encode(call.ids.bytes(96)).decode()
    retiring = request.get("RetiringPrincipal") or request.get("RetiringServicePrincipal") or ""
    await storage.add_grant(
        call, key, Grant(key.id, grant_id, token, retiring, {**content, "GrantId": grant_id, "CreationDate": call.now})
    )
    return {"GrantToken": token, "GrantId": grant_id}


async def list_grants(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The grants of a key."""
    key = await lookup.find_exact(call, request["KeyId"])
    limit = request.get("Limit") or 50
    wanted = {
        "GrantId": request.get("GrantId"),
        "GranteePrincipal": request.get("GranteePrincipal"),
        "GranteeServicePrincipal": request.get("GranteeServicePrincipal"),
    }
    filtered = any(wanted.values())
    grants = [
        grant
        for grant in await storage.list_grants(call, key, pages.marker(request), _ALL if filtered else limit + 1)
        if all(value is None or grant.content.get(name) == value for name, value in wanted.items())
    ]
    return pages.answer("Grants", grants, limit, lambda grant: grant.content, lambda grant: grant.id)


async def list_retirable_grants(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The grants that someone may retire."""
    person, service = request.get("RetiringPrincipal"), request.get("RetiringServicePrincipal")
    principal = person or service
    if not principal or (person and service):
        raise ValidationException("Either RetiringPrincipal or RetiringServicePrincipal is required, and not both.")
    limit = request.get("Limit") or 50
    grants = await storage.list_retirable(call, principal, pages.marker(request, ["", ""]), limit + 1)
    return pages.answer("Grants", grants, limit, lambda grant: grant.content, lambda grant: [grant.key_id, grant.id])


async def revoke_grant(call: Call, request: dict[str, Any]) -> None:
    """Take a grant back."""
    key = await lookup.find_exact(call, request["KeyId"])
    await _delete(call, key, request["GrantId"], request)


async def retire_grant(call: Call, request: dict[str, Any]) -> None:
    """Give a grant back, by its token or its id."""
    if request.get("GrantToken"):
        would_succeed(request)
        if not await storage.delete_grant_by_token(call, request["GrantToken"]):
            raise errors.InvalidGrantTokenException()
        return
    if not request.get("KeyId") or not request.get("GrantId"):
        raise ValidationException("Either a grant token, or a key id and a grant id are required.")
    await _delete(call, await lookup.find_exact(call, request["KeyId"]), request["GrantId"], request)


def would_succeed(request: dict[str, Any]) -> None:
    """The end of a dry run, once all has been checked."""
    if request.get("DryRun"):
        raise errors.DryRunOperationException()


async def _delete(call: Call, key: model.Key, grant_id: str, request: dict[str, Any]) -> None:
    would_succeed(request)
    if not await storage.delete_grant(call, key, grant_id):
        raise errors.NotFoundException(f"Grant ID {grant_id} not found")
