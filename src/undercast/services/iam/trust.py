"""Finding identity providers by ARN."""

from __future__ import annotations

from undercast.kit.call import Call
from undercast.services.iam import storage
from undercast.services.iam.model import Entity, Kind, missing


async def find(call: Call, kind: Kind, arn: str) -> Entity:
    """The provider of an ARN. NoSuchEntity."""
    provider = await seek(call, kind, arn)
    if provider is None:
        raise missing(kind, arn)
    return provider


async def seek(call: Call, kind: Kind, arn: str) -> Entity | None:
    name = arn.partition(f":{kind.name}/")[2]
    found = await storage.seek(call, kind, name) if name else None
    return found if found and found.arn == arn else None
