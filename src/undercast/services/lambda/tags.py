"""Operations on the tags of functions, event source mappings and code signing configurations."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit.call import Call

from . import errors, mapping_storage, names, signing_storage, storage

_LIMIT = 50


async def tag_resource(call: Call, request: dict[str, Any]) -> None:
    """Add or change tags."""
    tags = {**await _find(call, request["Resource"]), **request["Tags"]}
    if len(tags) > _LIMIT:
        raise errors.InvalidParameterValueException("Number of tags exceeds resource tag limit.")
    await _save(call, request["Resource"], tags)


async def untag_resource(call: Call, request: dict[str, Any]) -> None:
    """Remove tags."""
    tags = await _find(call, request["Resource"])
    await _save(call, request["Resource"], {key: value for key, value in tags.items() if key not in request["TagKeys"]})


async def list_tags(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The tags of a resource."""
    return {"Tags": dict(await _find(call, request["Resource"]))}


async def _find(call: Call, arn: str) -> dict[str, str]:
    kind, id = _parse(arn)
    if kind == "event-source-mapping":
        return dict((await mapping_storage.get(call, id)).tags)
    if kind == "code-signing-config":
        tags = await signing_storage.find_tags(call, id)
        if tags is None:
            raise errors.ResourceNotFoundException()
        return tags
    reference = names.resolve(call, arn)
    if reference.qualifier:
        raise errors.InvalidParameterValueException(
            "Tags on function aliases and versions are not supported. Please specify a function ARN."
        )
    return dict((await storage.get_function(call, reference)).tags)


async def _save(call: Call, arn: str, tags: dict[str, str]) -> None:
    kind, id = _parse(arn)
    if kind == "event-source-mapping":
        mapping = await mapping_storage.get(call, id)
        await mapping_storage.save(call, replace(mapping, tags=tags))
    elif kind == "code-signing-config":
        config = await signing_storage.find_config(call, arn) or {}
        hidden = ("CodeSigningConfigId", "CodeSigningConfigArn", "LastModified")
        await signing_storage.save_config(call, id, {k: v for k, v in config.items() if k not in hidden}, tags)
    else:
        function = await storage.get_function(call, names.resolve(call, arn))
        await storage.save_function(call, replace(function, tags=tags))


def _parse(arn: str) -> tuple[str, str]:
    parts = arn.split(":")
    return (parts[5], parts[6]) if len(parts) > 6 else ("", "")
