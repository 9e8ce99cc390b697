"""Schemas that are made and grow by versions, by hand or by discovery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from undercast.kit.call import Call
from undercast.services.schemas import storage
from undercast.services.schemas.model import Schema, Version


def new(call: Call, registry: str, name: str, description: str, tags: Mapping[str, str]) -> Schema:
    """A schema without versions, not saved yet."""
    return Schema(call.account, call.region, registry, name, description, call.now, tags, 0, 0)


async def add(call: Call, schema: Schema, type: str, content: str) -> tuple[Schema, Version]:
    """Write a new version. The schema with it, which is still to be saved."""
    grown = replace(
        schema, latest=schema.latest + 1, version_count=schema.version_count + 1, modified_at=call.now
    )  # fmt: skip
    version = Version(grown.latest, type, content, call.now)
    await storage.add_version(call, grown, version)
    return grown, version
