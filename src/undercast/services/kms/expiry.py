"""Jobs: keys that are deleted, keys that are rotated, imported material that expires."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit.call import Call
from undercast.services.kms import rotating, storage


async def delete(call: Call, key_id: str) -> None:
    """Delete a key at the end of its waiting period."""
    key = await storage.find_key(call, key_id)
    if key and key.deletion_at and key.deletion_at <= call.now:
        if key.rotation_job:
            await call.cancel_job(key.rotation_job)
        await storage.delete_key(call, key)


async def rotate(call: Call, key_id: str) -> None:
    """Rotate a key by its schedule, unless it is not enabled just now."""
    key = await storage.find_key(call, key_id)
    if not key or not key.rotation_days:
        return
    materials = await storage.list_materials(call, key)
    if key.state(materials) == "Enabled":
        await rotating.rotate(call, key, materials, "AUTOMATIC")
    await rotating.schedule(call, replace(key, rotation_job=0), key.rotation_days)


async def expire(call: Call, payload: list[Any]) -> None:
    """Forget imported material, unless its expiry was changed."""
    key_id, seq, expires_at = payload
    key = await storage.find_key(call, key_id)
    for material in await storage.list_materials(call, key) if key else []:
        if key and (material.seq, material.expires_at) == (seq, expires_at):
            await storage.save_material(call, key, replace(material, content=b"", expires_at=0))
