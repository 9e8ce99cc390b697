"""Operations on tags of parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undercast.kit.call import Call
from undercast.kit.errors import NotImplementedYet
from undercast.kit.tags import as_list, as_map
from undercast.services.ssm import errors, model, storage
from undercast.services.ssm.model import Parameter

_MOST = 50


async def add_tags_to_resource(call: Call, request: dict[str, Any]) -> None:
    """Add or change tags."""
    parameter = await _find(call, request)
    await storage.save_tags(call, parameter.name, merged(parameter.tags, request["Tags"]))


async def remove_tags_from_resource(call: Call, request: dict[str, Any]) -> None:
    """Remove tags."""
    parameter = await _find(call, request)
    kept = {key: value for key, value in parameter.tags.items() if key not in request["TagKeys"]}
    await storage.save_tags(call, parameter.name, kept)


async def list_tags_for_resource(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A parameter's tags."""
    parameter = await _find(call, request)
    return {"TagList": as_list(parameter.tags)}


def merged(tags: Mapping[str, str], added: list[dict[str, str]]) -> dict[str, str]:
    """TooManyTagsError when there are more than fifty."""
    result = {**tags, **as_map(added)}
    if len(result) > _MOST:
        raise errors.TooManyTagsError()
    return result


async def _find(call: Call, request: dict[str, Any]) -> Parameter:
    if request["ResourceType"] != "Parameter":
        raise NotImplementedYet(f"Undercast's Systems Manager has parameters, no {request['ResourceType']} yet.")
    try:
        name, _ = model.split_selector(request["ResourceId"], call.account, call.region)
        return await storage.get_parameter(call, name)
    except errors.ParameterNotFound:
        raise errors.InvalidResourceId() from None
