"""Operations on server certificates and on users' signing certificates."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit.call import Call
from undercast.kit.tags import as_list
from undercast.services.iam import caller, errors, pages, storage, vault
from undercast.services.iam.model import CERTIFICATE, Credential, Entity, tags_from

_SIGNING = "signing-certificate"
_PER_USER = 2


async def upload_server_certificate(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Keep a certificate with its private key and chain. The key never comes out again."""
    from undercast.services.iam import pem  # noqa: PLC0415  it takes 50 ms to import

    tags = tags_from(request.get("Tags"))
    certificate = pem.read_certificate(request["CertificateBody"])
    pem.check_pair(certificate, request["PrivateKey"])
    if chain := request.get("CertificateChain"):
        pem.read_certificate(chain)
    stored = await storage.add(
        call, CERTIFICATE, request["ServerCertificateName"], request.get("Path") or "/", tags=tags,
        body=request["CertificateBody"].strip(), chain=(chain or "").strip() or None, private_key=request["PrivateKey"],
        expires_at=int(certificate.not_valid_after_utc.timestamp() * 1000),
    )  # fmt: skip
    return {"ServerCertificateMetadata": _metadata(stored), "Tags": as_list(tags) or None}


async def get_server_certificate(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A certificate and its chain."""
    stored = await storage.find(call, CERTIFICATE, request["ServerCertificateName"])
    whole = {
        "ServerCertificateMetadata": _metadata(stored),
        "CertificateBody": stored.details["body"],
        "CertificateChain": stored.details.get("chain"),
        "Tags": as_list(stored.tags) or None,
    }
    return {"ServerCertificate": whole}


async def list_server_certificates(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Certificates by name."""
    rows = await storage.list_entities(
        call, CERTIFICATE, pages.position(request, ""), pages.limit(request), request.get("PathPrefix") or ""
    )
    return pages.answer("ServerCertificateMetadataList", rows, request, _metadata, lambda stored: stored.key)


async def update_server_certificate(call: Call, request: dict[str, Any]) -> None:
    """Give a certificate another name or path."""
    stored = await storage.find(call, CERTIFICATE, request["ServerCertificateName"])
    name, path = request.get("NewServerCertificateName"), request.get("NewPath")
    await storage.rename(call, stored, replace(stored, name=name or stored.name, path=path or stored.path))


async def delete_server_certificate(call: Call, request: dict[str, Any]) -> None:
    """Delete a certificate."""
    await storage.delete(call, await storage.find(call, CERTIFICATE, request["ServerCertificateName"]))


async def upload_signing_certificate(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Give a user a certificate that signs SOAP requests."""
    from undercast.services.iam import pem  # noqa: PLC0415  it takes 50 ms to import

    user = await caller.user_of(call, request)
    pem.read_certificate(request["CertificateBody"])
    others = await vault.credentials_of(call, _SIGNING, user.id)
    if len(others) >= _PER_USER:
        raise errors.LimitExceeded(f"Cannot exceed quota for CertificatesPerUser: {_PER_USER}")
    body = request["CertificateBody"].strip()
    if any(other.details["body"] == body for other in others):
        raise errors.DuplicateCertificate()
    stored = await vault.add_credential(call, _SIGNING, call.ids.upper(32), user.id, body=body, status="Active")
    return {"Certificate": _signing(user, stored)}


async def list_signing_certificates(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A user's signing certificates."""
    user = await caller.user_of(call, request)
    rows = await vault.credentials_of(call, _SIGNING, user.id, pages.position(request, 0), pages.limit(request))
    return pages.answer("Certificates", rows, request, lambda one: _signing(user, one), lambda one: one.seq)


async def update_signing_certificate(call: Call, request: dict[str, Any]) -> None:
    """Switch a signing certificate on or off."""
    stored = await _find_signing(call, request)
    await vault.save_credential(call, stored.with_details(status=request["Status"]))


async def delete_signing_certificate(call: Call, request: dict[str, Any]) -> None:
    """Delete a signing certificate."""
    await vault.delete_credential(call, await _find_signing(call, request))


async def _find_signing(call: Call, request: dict[str, Any]) -> Credential:
    user, id = await caller.user_of(call, request), request["CertificateId"]
    stored = await vault.find_credential(call, _SIGNING, id)
    if stored is None or stored.owner != user.id:
        raise errors.NoSuchEntity(f"The Certificate with id {id} cannot be found.")
    return stored


def _metadata(stored: Entity) -> dict[str, Any]:
    return {
        "Path": stored.path,
        "ServerCertificateName": stored.name,
        "ServerCertificateId": stored.id,
        "Arn": stored.arn,
        "UploadDate": stored.created_at,
        "Expiration": stored.details["expires_at"],
    }


def _signing(user: Entity, stored: Credential) -> dict[str, Any]:
    return {
        "UserName": user.name,
        "CertificateId": stored.id,
        "CertificateBody": stored.details["body"],
        "Status": stored.details["status"],
        "UploadDate": stored.created_at,
    }
