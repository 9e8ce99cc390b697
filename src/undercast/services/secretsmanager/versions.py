"""Putting a value into a version of a secret: what several operations have in common."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from undercast.kit.call import Call
from undercast.services.secretsmanager import errors, model, storage, values
from undercast.services.secretsmanager.model import Secret, Version

_MOST = 100  # deprecated versions beyond these are forgotten


async def put(call: Call, secret: Secret, version_id: str, value: tuple[str, bytes], stages: Iterable[str]) -> Secret:
    """Give a version its value and labels; the same again does nothing. ResourceExistsException for another value."""
    kind, content = value
    existing = await storage.find_version(call, secret, version_id)
    if existing and existing.kind:
        if (existing.kind, await values.decrypt(call, secret, existing)) != value:
            raise errors.ResourceExistsException(
                f"You can't use ClientRequestToken {version_id} because that value is already in use for a version of "
                f"secret {secret.arn}."
            )
        return secret
    encrypted = await values.encrypt(call, secret, version_id, content)
    created_at = existing.created_at if existing else call.now
    await storage.save_version(call, secret, Version(version_id, kind, encrypted, created_at, 0))
    changed = replace(secret, stages=model.label(secret.stages, version_id, stages), changed_at=call.now)
    await storage.save_secret(call, changed)
    await _forget_oldest(call, changed)
    return changed


async def _forget_oldest(call: Call, secret: Secret) -> None:
    known = await storage.list_versions(call, secret)
    for version in known[: max(0, len(known) - _MOST)]:
        if version.id not in secret.stages:
            await storage.delete_version(call, secret, version.id)
