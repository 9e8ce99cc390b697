"""Operations on the tags of pipes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.services.pipes import errors, storage
from undercast.services.pipes.model import Pipe

_MOST = 50


async def tag_resource(call: Call, request: dict[str, Any]) -> None:
    """Add or change tags."""
    pipe = await _find(call, request["resourceArn"])
    tags = {**pipe.tags, **request["tags"]}
    if len(tags) > _MOST:
        raise errors.ValidationException(f"A pipe can have {_MOST} tags.")
    await storage.save(call, replace(pipe, tags=tags))


async def untag_resource(call: Call, request: dict[str, Any]) -> None:
    """Remove tags."""
    pipe = await _find(call, request["resourceArn"])
    kept = {key: value for key, value in pipe.tags.items() if key not in request["tagKeys"]}
    await storage.save(call, replace(pipe, tags=kept))


async def list_tags_for_resource(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A pipe's tags."""
    return {"tags": dict((await _find(call, request["resourceArn"])).tags)}


async def _find(call: Call, text: str) -> Pipe:
    arn = Arn.parse(text)
    if (arn.account, arn.region) != (call.account, call.region):
        raise errors.NotFoundException(f"{text} does not exist.")
    return await storage.get(call, arn.resource.partition("/")[2])
