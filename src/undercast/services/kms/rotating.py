"""Rotating a key: what operations and jobs have in common."""

from __future__ import annotations

from dataclasses import replace

from undercast.kit.call import Call
from undercast.services.kms import crypto, lookup, storage
from undercast.services.kms.model import DAY_MS, Key, Material


async def schedule(call: Call, key: Key, days: int) -> None:
    """Set when a key is rotated next."""
    owner = call.into(account=key.account)  # whose jobs these are, whoever calls
    if key.rotation_job:
        await owner.cancel_job(key.rotation_job)
    at = call.now + days * DAY_MS
    job = await owner.later(at, "rotate", key.id)
    await storage.save_key(call, replace(key, rotation_days=days, rotation_at=at, rotation_job=job))


async def rotate(call: Call, key: Key, materials: list[Material], kind: str) -> None:
    """Make new material and have it used from now on."""
    content = crypto.generate(key.spec)
    number = materials[-1].seq + 1
    new = Material(number, lookup.material_id(key.id, content), "PENDING_ROTATION", content, "", 0, 0, "")
    await make_current(call, key, materials, new, kind)


async def make_current(call: Call, key: Key, materials: list[Material], new: Material, kind: str) -> None:
    """Let new material take the place of the current."""
    for material in materials:
        if material.state == "CURRENT":
            await storage.save_material(call, key, replace(material, state="NON_CURRENT"))
    await storage.save_material(call, key, replace(new, state="CURRENT", rotated_at=call.now, rotation_type=kind))
