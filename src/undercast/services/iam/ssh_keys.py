"""Operations on users' SSH public keys."""

from __future__ import annotations

import hashlib
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
    load_ssh_public_key,
)  # fmt: skip

from undercast.kit.call import Call
from undercast.services.iam import caller, errors, pages, storage, vault
from undercast.services.iam.model import USER, Credential, Entity

_KIND = "ssh-key"
_PER_USER = 5


async def upload_ssh_public_key(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Give a user an RSA public key, as OpenSSH or PEM text."""
    user = await storage.find(call, USER, request["UserName"])
    key = _load(request["SSHPublicKeyBody"])
    others = await vault.credentials_of(call, _KIND, user.id)
    if len(others) >= _PER_USER:
        raise errors.LimitExceeded(f"Cannot exceed quota for SSHPublicKeysPerUser: {_PER_USER}")
    fingerprint = _fingerprint(key)
    if any(other.details["fingerprint"] == fingerprint for other in others):
        raise errors.DuplicateSSHPublicKey()
    stored = await vault.add_credential(
        call, _KIND, "APKA" + call.ids.upper(17), user.id, ssh=_text(key, Encoding.OpenSSH, PublicFormat.OpenSSH),
        pem=_text(key, Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), fingerprint=fingerprint, status="Active",
    )  # fmt: skip
    return {"SSHPublicKey": _whole(user, stored, request["SSHPublicKeyBody"])}


async def get_ssh_public_key(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A key in the encoding that the caller wants."""
    user, key = await _find(call, request)
    if request["Encoding"] not in ("SSH", "PEM"):
        raise errors.UnrecognizedPublicKeyEncoding()
    return {"SSHPublicKey": _whole(user, key, key.details[request["Encoding"].lower()])}


async def list_ssh_public_keys(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A user's keys, without their text."""
    user = await caller.user_of(call, request)
    rows = await vault.credentials_of(call, _KIND, user.id, pages.position(request, 0), pages.limit(request))
    return pages.answer("SSHPublicKeys", rows, request, lambda key: _shown(user, key), lambda key: key.seq)


async def update_ssh_public_key(call: Call, request: dict[str, Any]) -> None:
    """Switch a key on or off."""
    _, key = await _find(call, request)
    await vault.save_credential(call, key.with_details(status=request["Status"]))


async def delete_ssh_public_key(call: Call, request: dict[str, Any]) -> None:
    """Delete a key."""
    _, key = await _find(call, request)
    await vault.delete_credential(call, key)


async def _find(call: Call, request: dict[str, Any]) -> tuple[Entity, Credential]:
    user, id = await storage.find(call, USER, request["UserName"]), request["SSHPublicKeyId"]
    key = await vault.find_credential(call, _KIND, id)
    if key is None or key.owner != user.id:
        raise errors.NoSuchEntity(f"The Public Key with id {id} cannot be found.")
    return user, key


def _load(text: str) -> RSAPublicKey:
    data = text.strip().encode()
    try:
        key = load_pem_public_key(data) if data.startswith(b"-----") else load_ssh_public_key(data)
    except (ValueError, UnsupportedAlgorithm):
        raise errors.InvalidPublicKey() from None
    if not isinstance(key, RSAPublicKey) or key.key_size < 2048:
        raise errors.InvalidPublicKey()
    return key


def _text(key: RSAPublicKey, encoding: Encoding, form: PublicFormat) -> str:
    return key.public_bytes(encoding, form).decode().strip()


def _fingerprint(key: RSAPublicKey) -> str:
    """The MD5 of the key in DER, in pairs of digits."""
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.md5(der, usedforsecurity=False).digest().hex(":")


def _whole(user: Entity, key: Credential, text: str) -> dict[str, Any]:
    return {**_shown(user, key), "Fingerprint": key.details["fingerprint"], "SSHPublicKeyBody": text}


def _shown(user: Entity, key: Credential) -> dict[str, Any]:
    return {
        "UserName": user.name,
        "SSHPublicKeyId": key.id,
        "Status": key.details["status"],
        "UploadDate": key.created_at,
    }
