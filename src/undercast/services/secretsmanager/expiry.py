"""The job that deletes a secret at the end of its recovery window."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.secretsmanager import rotating, storage


async def delete(call: Call, payload: list[Any]) -> None:
    """Delete the secret, if it is still the one and still to be deleted."""
    name, suffix = payload
    secret = await storage.find_by_name(call, name)
    if secret and secret.suffix == suffix and secret.deleted_at and secret.deleted_at <= call.now:
        await rotating.unschedule(call, secret)
        await storage.delete_secret(call, secret)
