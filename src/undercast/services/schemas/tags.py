"""Operations on tags of registries, schemas and discoverers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.services.schemas import errors, storage
from undercast.services.schemas.model import Discoverer, Registry, Schema

Thing = Registry | Schema | Discoverer


async def list_tags_for_resource(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The tags of whatever an ARN names."""
    return {"Tags": (await _find(call, request["ResourceArn"])).tags or {}}


async def tag_resource(call: Call, request: dict[str, Any]) -> None:
    """Add tags or change their values."""
    found = await _find(call, request["ResourceArn"])
    await _save(call, found, {**(found.tags or {}), **request["Tags"]})


async def untag_resource(call: Call, request: dict[str, Any]) -> None:
    """Remove tags; those that are not there are no error."""
    found = await _find(call, request["ResourceArn"])
    await _save(call, found, {name: one for name, one in (found.tags or {}).items() if name not in request["TagKeys"]})


async def _find(call: Call, arn: str) -> Thing:
    try:
        parsed = Arn.parse(arn)
    except ValueError:
        raise errors.BadRequestException(f"{arn} is not a valid ARN.") from None
    kind, _, name = parsed.resource.partition("/")
    if parsed.service == "schemas" and kind == "registry":
        return await storage.find_registry(call, name)
    if parsed.service == "schemas" and kind == "schema":
        registry, _, schema = name.partition("/")
        return await storage.find_schema(call, registry, schema)
    if parsed.service == "schemas" and kind == "discoverer":
        return await storage.find_discoverer(call, name)
    raise errors.NotFoundException(f"{arn} does not exist.")


async def _save(call: Call, found: Thing, tags: Mapping[str, str]) -> None:
    save: Callable[[Call, Any], Awaitable[None]] = _SAVE[type(found)]
    await save(call, replace(found, tags=tags))


_SAVE: dict[type, Callable[[Call, Any], Awaitable[None]]] = {
    Registry: storage.save_registry,
    Schema: storage.save_schema,
    Discoverer: storage.save_discoverer,
}
