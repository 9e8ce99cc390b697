"""Operations on the tags of groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.tags import as_list, as_map
from undercast.services.scheduler import errors, storage
from undercast.services.scheduler.model import Group

_MOST = 50


async def tag_resource(call: Call, request: dict[str, Any]) -> None:
    """Add or change tags."""
    group = await _find(call, request["ResourceArn"])
    await storage.save_group(call, replace(group, tags=merged(group.tags, request["Tags"])))


async def untag_resource(call: Call, request: dict[str, Any]) -> None:
    """Remove tags."""
    group = await _find(call, request["ResourceArn"])
    kept = {key: value for key, value in group.tags.items() if key not in request["TagKeys"]}
    await storage.save_group(call, replace(group, tags=kept))


async def list_tags_for_resource(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A group's tags."""
    group = await _find(call, request["ResourceArn"])
    return {"Tags": as_list(group.tags)}


def merged(tags: Mapping[str, str], added: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Tags with some added or changed. ServiceQuotaExceededException."""
    result = {**tags, **as_map(added)}
    if len(result) > _MOST:
        raise errors.ServiceQuotaExceededException(f"A schedule group can have {_MOST} tags.")
    return result


async def _find(call: Call, arn: str) -> Group:
    found = Arn.parse(arn)
    if (found.account, found.region) != (call.account, call.region):
        raise errors.ResourceNotFoundException(f"Schedule group {arn} does not exist.")
    return await storage.find_group(call, found.resource.partition("/")[2])
