"""Operations on the rotation of keys: new material for what is encrypted from now on, the old for what was before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit.call import Call
from undercast.services.kms import errors, lookup, model, pages, rotating, storage
from undercast.services.kms.errors import KMSInvalidStateException, UnsupportedOperationException
from undercast.services.kms.model import Key, Material

_MOST_ON_DEMAND = 25
_PERIOD_DAYS = 365


async def enable_key_rotation(call: Call, request: dict[str, Any]) -> None:
    """Rotate a key every year, or every so many days."""
    key = await _rotatable(call, request["KeyId"])
    if key.origin != "AWS_KMS":
        raise _wrong_origin(key)
    await rotating.schedule(call, key, request.get("RotationPeriodInDays") or key.rotation_days or _PERIOD_DAYS)


async def disable_key_rotation(call: Call, request: dict[str, Any]) -> None:
    """Rotate a key no more by itself."""
    key = await _rotatable(call, request["KeyId"])
    if key.origin != "AWS_KMS":
        raise _wrong_origin(key)
    await call.into(account=key.account).cancel_job(key.rotation_job)
    await storage.save_key(call, replace(key, rotation_days=0, rotation_at=0, rotation_job=0))


async def get_key_rotation_status(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Whether and when a key is rotated."""
    key = await lookup.find_exact(call, request["KeyId"])
    if not key.symmetric:
        raise UnsupportedOperationException()
    return {
        "KeyId": key.arn,
        "KeyRotationEnabled": key.rotation_days > 0,
        "RotationPeriodInDays": key.rotation_days or None,
        "NextRotationDate": key.rotation_at or None,
    }


async def rotate_key_on_demand(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Rotate a key now, its schedule unchanged. A key with imported material takes what was imported for it."""
    key = await _rotatable(call, request["KeyId"])
    materials = await storage.list_materials(call, key)
    if sum(material.rotation_type == "ON_DEMAND" for material in materials) >= _MOST_ON_DEMAND:
        raise errors.LimitExceededException(f"The on-demand rotation limit has been reached for {key.arn}.")
    if key.origin == "AWS_KMS":
        await rotating.rotate(call, key, materials, "ON_DEMAND")
        return {"KeyId": key.arn}
    waiting = next((material for material in materials if material.state == "PENDING_ROTATION"), None)
    if waiting is None or not waiting.content:
        raise KMSInvalidStateException(f"No available key material pending rotation for the key: {key.arn}.")
    await rotating.make_current(call, key, materials, waiting, "ON_DEMAND")
    return {"KeyId": key.arn}


async def list_key_rotations(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The rotations of a key that are done; on request all its materials."""
    key = await lookup.find_exact(call, request["KeyId"])
    if not key.symmetric:
        raise UnsupportedOperationException()
    everything = request.get("IncludeKeyMaterial") == "ALL_KEY_MATERIAL"
    after, limit = pages.marker(request, 0), request.get("Limit") or 100
    found = [
        material
        for material in await storage.list_materials(call, key)
        if material.seq > after and (everything or material.rotated_at)
    ]
    return pages.answer("Rotations", found, limit, lambda material: _show(key, material), lambda material: material.seq)


async def _rotatable(call: Call, key_id: str) -> Key:
    key = await lookup.find_own(call, key_id)
    if not key.symmetric:  # recorded without a message: test_rotate_key_on_demand_raises_error_given_non_symmetric_key
        raise UnsupportedOperationException()
    model.check_usable(key, await storage.list_materials(call, key))
    return key


def _wrong_origin(key: Key) -> UnsupportedOperationException:
    return UnsupportedOperationException(f"{key.arn} origin is {key.origin} which is not valid for this operation.")


def _show(key: Key, material: Material) -> dict[str, Any]:
    imported = key.origin == "EXTERNAL"
    return {
        "KeyId": key.arn,
        "KeyMaterialId": material.id,
        "KeyMaterialDescription": material.description or None,
        "ImportState": ("IMPORTED" if material.content else "PENDING_IMPORT") if imported else None,
        "KeyMaterialState": material.state,
        "ExpirationModel": (
            ("KEY_MATERIAL_EXPIRES" if material.expires_at else "KEY_MATERIAL_DOES_NOT_EXPIRE") if imported else None
        ),
        "ValidTo": material.expires_at or None,
        "RotationDate": material.rotated_at or None,
        "RotationType": material.rotation_type or None,
    }
