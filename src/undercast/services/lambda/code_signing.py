"""Operations on code signing configurations. They are kept; code that one demands to be signed is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit import paging
from undercast.kit.call import Call

from . import errors, names, signing_storage, storage
from .functions import read_marker

_HIDDEN = ("CodeSigningConfigId", "CodeSigningConfigArn", "LastModified")


async def create_code_signing_config(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Say whose signatures are trusted."""
    config = {
        "Description": request.get("Description") or "",
        "AllowedPublishers": request["AllowedPublishers"],
        "CodeSigningPolicies": request.get("CodeSigningPolicies") or {"UntrustedArtifactOnDeployment": "Warn"},
    }
    id = f"csc-{call.ids.alnum(17)}"
    await signing_storage.save_config(call, id, config, request.get("Tags") or {})
    return {"CodeSigningConfig": await signing_storage.find_config(call, id)}


async def get_code_signing_config(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A configuration."""
    return {"CodeSigningConfig": await _find(call, request["CodeSigningConfigArn"])}


async def update_code_signing_config(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change some of a configuration."""
    arn = request["CodeSigningConfigArn"]
    found = await _find(call, arn)
    config = {member: value for member, value in found.items() if member not in _HIDDEN}
    changes = ("Description", "AllowedPublishers", "CodeSigningPolicies")
    config |= {member: request[member] for member in changes if request.get(member) is not None}
    id = found["CodeSigningConfigId"]
    await signing_storage.save_config(call, id, config, await signing_storage.find_tags(call, id) or {})
    return {"CodeSigningConfig": await _find(call, arn)}


async def delete_code_signing_config(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete a configuration that no function has."""
    found = await _find(call, request["CodeSigningConfigArn"])
    if await storage.functions_with_code_signing(call, found["CodeSigningConfigArn"], "", 1):
        raise errors.ResourceConflictException(
            f"Cannot delete CodeSigningConfig '{found['CodeSigningConfigArn']}' because it is in use by at least one function."
        )
    await signing_storage.delete_config(call, found["CodeSigningConfigId"])
    return {}


async def list_code_signing_configs(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """All of the account and region."""
    limit = min(request.get("MaxItems") or 50, 50)
    found = await signing_storage.list_configs(call, read_marker(request, ""), limit + 1)
    return {
        "CodeSigningConfigs": found[:limit],
        "NextMarker": paging.encode_token(found[limit - 1]["CodeSigningConfigId"]) if len(found) > limit else None,
    }


async def list_functions_by_code_signing_config(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The functions that have a configuration."""
    arn = (await _find(call, request["CodeSigningConfigArn"]))["CodeSigningConfigArn"]
    limit = min(request.get("MaxItems") or 50, 50)
    found = await storage.functions_with_code_signing(call, arn, read_marker(request, ""), limit + 1)
    return {
        "FunctionArns": [function.reference.arn for function in found[:limit]],
        "NextMarker": paging.encode_token(found[limit - 1].name) if len(found) > limit else None,
    }


async def put_function_code_signing_config(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Give a function a configuration; it counts from the next deployment on."""
    arn = request["CodeSigningConfigArn"]
    if await signing_storage.find_config(call, arn) is None:
        raise errors.CodeSigningConfigNotFoundException(
            f"The code signing configuration cannot be found. Check that the provided configuration is not deleted: {arn}."
        )
    function = await storage.get_function(call, names.read(call, request))
    await storage.save_function(call, replace(function, code_signing_arn=arn))
    return {"CodeSigningConfigArn": arn, "FunctionName": function.name}


async def get_function_code_signing_config(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A function's configuration, if it has one."""
    function = await storage.get_function(call, names.read(call, request))
    if not function.code_signing_arn:
        return {}
    return {"CodeSigningConfigArn": function.code_signing_arn, "FunctionName": function.name}


async def delete_function_code_signing_config(call: Call, request: dict[str, Any]) -> None:
    """Take a function's configuration away."""
    function = await storage.get_function(call, names.read(call, request))
    await storage.save_function(call, replace(function, code_signing_arn=""))


async def _find(call: Call, arn: str) -> dict[str, Any]:
    found = await signing_storage.find_config(call, arn)
    if found is None:
        raise errors.ResourceNotFoundException(
            f"The Lambda code signing configuration {arn} can not be found.", Type=None
        )
    return found
