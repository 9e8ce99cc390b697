"""Operations on tags of streams and consumers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit.call import Call

from . import errors, storage
from .consumer_storage import Consumer
from .finding import find_resource, save_resource
from .model import Stream

_MOST_TAGS = 50


async def add_tags_to_stream(call: Call, request: dict[str, Any]) -> None:
    """Add or change tags."""
    await _add(call, await storage.find(call, request), request["Tags"])


async def remove_tags_from_stream(call: Call, request: dict[str, Any]) -> None:
    """Remove tags."""
    await _remove(call, await storage.find(call, request), request["TagKeys"])


async def list_tags_for_stream(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Tags by name."""
    stream = await storage.find(call, request)
    after, limit = request.get("ExclusiveStartTagKey") or "", request.get("Limit") or _MOST_TAGS
    names = [name for name in sorted(stream.tags) if name > after]
    tags = [{"Key": name, "Value": stream.tags[name]} for name in names[:limit]]
    return {"Tags": tags, "HasMoreTags": len(names) > limit}


async def tag_resource(call: Call, request: dict[str, Any]) -> None:
    """Add or change tags of a stream or a consumer."""
    await _add(call, await find_resource(call, request["ResourceARN"]), request["Tags"])


async def untag_resource(call: Call, request: dict[str, Any]) -> None:
    """Remove tags of a stream or a consumer."""
    await _remove(call, await find_resource(call, request["ResourceARN"]), request["TagKeys"])


async def list_tags_for_resource(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Tags of a stream or a consumer."""
    resource = await find_resource(call, request["ResourceARN"])
    return {"Tags": [{"Key": name, "Value": resource.tags[name]} for name in sorted(resource.tags)]}


async def _add(call: Call, resource: Stream | Consumer, tags: dict[str, str]) -> None:
    merged = {**resource.tags, **tags}
    if len(merged) > _MOST_TAGS:
        raise errors.InvalidArgumentException(
            f"Failed to add tags to {resource.name}: a resource can have at most {_MOST_TAGS} tags."
        )
    await save_resource(call, replace(resource, tags=merged))


async def _remove(call: Call, resource: Stream | Consumer, names: list[str]) -> None:
    kept = {name: value for name, value in resource.tags.items() if name not in names}
    await save_resource(call, replace(resource, tags=kept))
