"""Operations on tags, by name and by ARN."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from undercast.kit.call import Call
from undercast.services.logs import errors, storage
from undercast.services.logs.model import Group, group_name


async def tag_resource(call: Call, request: dict[str, Any]) -> None:
    """Add or change tags."""
    await _tag(call, await _by_arn(call, request["resourceArn"]), request["tags"])


async def untag_resource(call: Call, request: dict[str, Any]) -> None:
    """Remove tags."""
    await _untag(call, await _by_arn(call, request["resourceArn"]), request["tagKeys"])


async def list_tags_for_resource(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A resource's tags."""
    return {"tags": dict((await _by_arn(call, request["resourceArn"])).tags)}


async def tag_log_group(call: Call, request: dict[str, Any]) -> None:
    """Add or change tags of a log group."""
    await _tag(call, await storage.find_group(call, request["logGroupName"]), request["tags"])


async def untag_log_group(call: Call, request: dict[str, Any]) -> None:
    """Remove tags from a log group."""
    await _untag(call, await storage.find_group(call, request["logGroupName"]), request["tags"])


async def list_tags_log_group(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A log group's tags."""
    return {"tags": dict((await storage.find_group(call, request["logGroupName"])).tags)}


async def _by_arn(call: Call, arn: str) -> Group:
    if not arn.startswith("arn:"):
        raise errors.InvalidParameterException("1 validation error detected: the resource ARN is invalid.")
    try:
        return await storage.find_group(call, group_name(arn, call.account, call.region))
    except errors.ResourceNotFoundException:
        raise errors.ResourceNotFoundException("The specified resource does not exist.") from None


async def _tag(call: Call, group: Group, tags: Mapping[str, str]) -> None:
    merged = {**group.tags, **tags}
    if len(merged) > 50:
        raise errors.TooManyTagsException()
    await storage.save_group(call, replace(group, tags=merged))


async def _untag(call: Call, group: Group, keys: Iterable[str]) -> None:
    kept = {key: value for key, value in group.tags.items() if key not in set(keys)}
    await storage.save_group(call, replace(group, tags=kept))
