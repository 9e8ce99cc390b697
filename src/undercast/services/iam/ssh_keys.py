"""Operations on users' SSH public keys."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.iam import caller, errors, pages, storage, vault
from undercast.services.iam.model import USER, Credential, Entity

_KIND = "ssh-key"
_PER_USER = 5


async def upload_ssh_public_key(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Give a user an RSA public key, as OpenSSH or PEM text."""
    from undercast.services.iam import pem  # noqa: PLC0415  it takes 50 ms to import

    user = await storage.find(call, USER, request["UserName"])
    key = pem.read_public_key(request["SSHPublicKeyBody"])
    others = await vault.credentials_of(call, _KIND, user.id)
    if len(others) >= _PER_USER:
        raise errors.LimitExceeded(f"Cannot exceed quota for SSHPublicKeysPerUser: {_PER_USER}")
    if any(other.details["fingerprint"] == key.fingerprint for other in others):
        raise errors.DuplicateSSHPublicKey()
    stored = await vault.add_credential(
        call, _KIND, "APKA" + call.ids.upper(17), user.id, **key._asdict(), status="Active"
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


def _whole(user: Entity, key: Credential, text: str) -> dict[str, Any]:
    return {**_shown(user, key), "Fingerprint": key.details["fingerprint"], "SSHPublicKeyBody": text}


def _shown(user: Entity, key: Credential) -> dict[str, Any]:
    return {
        "UserName": user.name,
        "SSHPublicKeyId": key.id,
        "Status": key.details["status"],
        "UploadDate": key.created_at,
    }
