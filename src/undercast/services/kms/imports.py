"""Operations on imported key material."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from undercast.kit.call import Call
from undercast.kit.errors import NotImplementedYet
from undercast.kit.service import waits
from undercast.services.kms import crypto, errors, lookup, storage
from undercast.services.kms.errors import KMSInvalidStateException, ValidationException
from undercast.services.kms.model import DAY_MS, Key, Material


@waits
async def get_parameters_for_import(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A public key to wrap material with, and a token, both for a day. The key is made in a thread."""
    algorithm, spec = request["WrappingAlgorithm"], request["WrappingKeySpec"]
    if not spec.startswith("RSA_") or "RSA" not in algorithm or algorithm == "RSAES_PKCS1_V1_5":
        raise NotImplementedYet(f"Undercast's KMS does not import material that is wrapped by {algorithm} and {spec}.")
    key = await call.transact(_importable, request["KeyId"])
    private = await asyncio.to_thread(crypto.generate, spec)
    token, expires_at = call.ids.bytes(64), call.now + DAY_MS
    await call.transact(storage.add_import, key, token.hex(), algorithm, private, expires_at)
    return {
        "KeyId": key.arn,
        "ImportToken": token,
        "PublicKey": crypto.public_key(private),
        "ParametersValidTo": expires_at,
    }


async def import_key_material(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Give a key its material, or the material for its next rotation."""
    key = await _importable(call, request["KeyId"])
    content = await _unwrapped(call, key, request)
    crypto.check_material(key.spec, content)
    materials = await storage.list_materials(call, key)
    new = replace(
        _place(key, materials, content, request),
        content=content,
        description=request.get("KeyMaterialDescription") or "",
        expires_at=_expiry(call, request),
    )
    if request.get("KeyMaterialId") not in (None, new.id):
        raise errors.IncorrectKeyMaterialException()
    await storage.save_material(call, key, new)
    if new.expires_at:
        await call.into(account=key.account).later(new.expires_at, "expire", [key.id, new.seq, new.expires_at])
    return {"KeyId": key.arn, "KeyMaterialId": new.id if key.symmetric else None}


async def delete_imported_key_material(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Forget the material; the key waits for the same again."""
    key = await _importable(call, request["KeyId"])
    materials = await storage.list_materials(call, key)
    wanted = request.get("KeyMaterialId")
    for material in materials:
        if material.id == wanted or (wanted is None and material.state == "CURRENT"):
            await storage.save_material(call, key, replace(material, content=b"", expires_at=0))
            return {"KeyId": key.arn, "KeyMaterialId": material.id if key.symmetric else None}
    if wanted:
        raise errors.NotFoundException(f"Key material {wanted} does not exist")
    return {"KeyId": key.arn}


async def _importable(call: Call, key_id: str) -> Key:
    key = await lookup.find_own(call, key_id)
    if key.origin != "EXTERNAL":
        raise errors.UnsupportedOperationException(
            f"{key.arn} origin is {key.origin} which is not valid for this operation."
        )
    if key.deletion_at:
        raise KMSInvalidStateException(f"{key.arn} is pending deletion.")
    return key


async def _unwrapped(call: Call, key: Key, request: dict[str, Any]) -> bytes:
    found = await storage.find_import(call, key, request["ImportToken"].hex())
    if found is None:
        raise errors.InvalidImportTokenException()
    algorithm, wrapping_key, expires_at = found
    if expires_at <= call.now:
        raise errors.ExpiredImportTokenException()
    return crypto.unwrap(algorithm, wrapping_key, request["EncryptedKeyMaterial"])


def _place(key: Key, materials: list[Material], content: bytes, request: dict[str, Any]) -> Material:
    """The material that the content belongs to: one that was imported before, the first, or that of the next rotation."""
    material_id = lookup.material_id(key.id, content)
    known = next((material for material in materials if material.id == material_id), None)
    if known:
        return known
    if not materials:
        return lookup.first_material(key.id, content)
    if request.get("ImportType") != "NEW_KEY_MATERIAL":
        raise errors.IncorrectKeyMaterialException()
    if not key.symmetric:
        raise ValidationException("New key material can be imported into symmetric encryption keys only.")
    if any(material.state == "PENDING_ROTATION" for material in materials):
        raise KMSInvalidStateException(f"{key.arn} has key material that is pending rotation.")
    return Material(materials[-1].seq + 1, material_id, "PENDING_ROTATION", content, "", 0, 0, "")


def _expiry(call: Call, request: dict[str, Any]) -> int:
    if request.get("ExpirationModel") == "KEY_MATERIAL_DOES_NOT_EXPIRE":
        if request.get("ValidTo"):
            raise ValidationException("ValidTo must not be given for key material that does not expire.")
        return 0
    valid_to = request.get("ValidTo")
    if not valid_to or valid_to <= call.now:
        raise ValidationException("A ValidTo date in the future must be set for key material that expires.")
    return int(valid_to)
