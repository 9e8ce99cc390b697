"""Operations on tags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from undercast.kit.call import Call
from undercast.kit.tags import as_map
from undercast.services.firehose import errors, storage

_MOST = 50


def read(given: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Tags of a request as name -> value. InvalidArgumentException for names given twice."""
    listed = list(given)
    tags = as_map(listed)
    if len(tags) != len(listed):
        raise errors.InvalidArgumentException("Duplicate tag keys are not allowed.")
    return tags


async def tag_delivery_stream(call: Call, request: dict[str, Any]) -> None:
    """Add tags or change their values."""
    stream = await storage.find(call, request["DeliveryStreamName"])
    tags = {**stream.tags, **read(request["Tags"])}
    if len(tags) > _MOST:
        raise errors.LimitExceededException(f"A delivery stream cannot have more than {_MOST} tags.")
    await storage.save(call, replace(stream, tags=tags))


async def untag_delivery_stream(call: Call, request: dict[str, Any]) -> None:
    """Remove tags; those that are not there are no error."""
    stream = await storage.find(call, request["DeliveryStreamName"])
    kept = {name: value for name, value in stream.tags.items() if name not in request["TagKeys"]}
    await storage.save(call, replace(stream, tags=kept))


async def list_tags_for_delivery_stream(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Tags in the order of their names."""
    stream = await storage.find(call, request["DeliveryStreamName"])
    after, limit = request.get("ExclusiveStartTagKey") or "", request.get("Limit") or _MOST
    names = [name for name in sorted(stream.tags) if name > after]
    shown = [{"Key": name, "Value": stream.tags[name]} for name in names[:limit]]
    return {"Tags": shown, "HasMoreTags": len(names) > limit}
