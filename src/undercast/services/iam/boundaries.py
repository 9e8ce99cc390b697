"""Permissions boundaries of roles and users."""

from __future__ import annotations

from undercast.kit.call import Call
from undercast.services.iam import errors, managed, storage
from undercast.services.iam.model import BOUNDARY, Entity


async def check(call: Call, arn: str | None) -> None:
    """NoSuchEntity unless `arn` is None or names a policy."""
    if arn is not None:
        managed.check_arn(arn)
        if not await managed.exists(call, arn):
            raise errors.NoSuchEntity(f"Scope ARN: {arn} does not exist or is not attachable.")


async def put(call: Call, entity: Entity, arn: str) -> Entity:
    """Give a role or user its boundary; the changed entity. NoSuchEntity."""
    await check(call, arn)
    await _forget(call, entity)
    await storage.attach(call, entity, BOUNDARY, arn)
    changed = entity.with_details(boundary=arn)
    await storage.save(call, changed)
    return changed


async def delete(call: Call, entity: Entity) -> None:
    """NoSuchEntity when there is no boundary."""
    if not entity.details.get("boundary"):
        raise errors.NoSuchEntity(f"No permissions boundary exists for {entity.kind.name} {entity.name}.")
    await _forget(call, entity)
    await storage.save(call, entity.with_details(boundary=None))


async def _forget(call: Call, entity: Entity) -> None:
    if entity.details.get("boundary"):
        await storage.detach(call, entity, BOUNDARY, entity.details["boundary"])
