"""Operations on service-specific credentials: passwords for one service."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from undercast.kit.call import Call
from undercast.services.iam import caller, errors, pages, storage, vault
from undercast.services.iam.model import USER, Credential, Entity

_KIND = "service-credential"
_PER_SERVICE = 2
_BEDROCK = "bedrock.amazonaws.com"
_SERVICES = ("codecommit.amazonaws.com", "cassandra.amazonaws.com", _BEDROCK)
_DAY_MS = 24 * 3600 * 1000


async def create_service_specific_credential(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Give a user a password for one service; only this answer tells it."""
    service, user = request["ServiceName"], await storage.find(call, USER, request["UserName"])
    _check_service(service)
    others = [one for one in await vault.credentials_of(call, _KIND, user.id) if one.details["service"] == service]
    if len(others) >= _PER_SERVICE:
        raise errors.LimitExceeded(f"Cannot exceed quota for ServiceSpecificCredentialsPerUser: {_PER_SERVICE}")
    days = request.get("CredentialAgeDays")
    if days and service != _BEDROCK:
        raise errors.InvalidInput(f"CredentialAgeDays is not supported for {service}.")
    credential = await vault.add_credential(
        call, _KIND, "ACCA" + call.ids.upper(17), user.id, service=service, status="Active", password=_password(call),
        alias=f"{user.name}{_suffix(user, others)}-at-{call.account}",
        expires_at=call.now + days * _DAY_MS if days else None,
    )  # fmt: skip
    return {"ServiceSpecificCredential": _with_password(user, credential)}


async def list_service_specific_credentials(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A user's service-specific credentials, without passwords."""
    user = await caller.user_of(call, request)
    service = request.get("ServiceName")
    if service:
        _check_service(service)
    found = await vault.credentials_of(call, _KIND, user.id)
    after = pages.position(request, 0)
    rows = [one for one in found if one.seq > after and service in (None, one.details["service"])]
    answer = pages.answer(
        "ServiceSpecificCredentials", rows, request, lambda one: _shown(user, one), lambda one: one.seq
    )
    return {**answer, "IsTruncated": answer["IsTruncated"] or None}  # recorded: …_lifecycle[codecommit.amazonaws.com]


async def update_service_specific_credential(call: Call, request: dict[str, Any]) -> None:
    """Switch a credential on or off."""
    _, credential = await _find(call, request)
    await vault.save_credential(call, credential.with_details(status=request["Status"]))


async def reset_service_specific_credential(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Make a new password; the old one ends."""
    user, credential = await _find(call, request)
    credential = credential.with_details(password=_password(call))
    await vault.save_credential(call, credential)
    return {"ServiceSpecificCredential": _with_password(user, credential)}


async def delete_service_specific_credential(call: Call, request: dict[str, Any]) -> None:
    """Delete a credential."""
    _, credential = await _find(call, request)
    await vault.delete_credential(call, credential)


async def _find(call: Call, request: dict[str, Any]) -> tuple[Entity, Credential]:
    user, id = await caller.user_of(call, request), request["ServiceSpecificCredentialId"]
    credential = await vault.find_credential(call, _KIND, id)
    if credential is None or credential.owner != user.id:
        raise errors.NoSuchEntity(f"No such credential {id} exists")
    return user, credential


def _check_service(service: str) -> None:
    if service not in _SERVICES:
        raise errors.NoSuchEntity(f"No such service {service} is supported for Service Specific Credentials")


def _suffix(user: Entity, others: list[Credential]) -> str:
    """'' for the first credential, '+1' for the second."""
    plain = any(other.details["alias"].startswith(f"{user.name}-at-") for other in others)
    return "+1" if plain else ""


def _password(call: Call) -> str:
    return b64encode(call.ids.bytes(32)).decode()


def _with_password(user: Entity, credential: Credential) -> dict[str, Any]:
    name = "ServiceCredentialSecret" if credential.details["service"] == _BEDROCK else "ServicePassword"
    return {**_shown(user, credential), name: credential.details["password"]}


def _shown(user: Entity, credential: Credential) -> dict[str, Any]:
    facts = credential.details
    name = "ServiceCredentialAlias" if facts["service"] == _BEDROCK else "ServiceUserName"
    return {
        "CreateDate": credential.created_at,
        "ExpirationDate": facts["expires_at"],
        "ServiceName": facts["service"],
        name: facts["alias"],
        "ServiceSpecificCredentialId": credential.id,
        "UserName": user.name,
        "Status": facts["status"],
    }
