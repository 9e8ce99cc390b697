"""Operations on how a function's runtime is updated, and on what happens when it invokes itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit.call import Call

from . import errors, names, storage
from .names import LATEST

RUNTIME_MANAGEMENT = "runtime-management"


async def put_runtime_management_config(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Say when new versions of the runtime are taken. There is one of each here, so only its own can be demanded."""
    reference = names.read(call, request)
    version = await storage.get_version(call, reference)
    mode, wanted = request["UpdateRuntimeOn"], request.get("RuntimeVersionArn")
    own = version.config["RuntimeVersionConfig"]["RuntimeVersionArn"]
    if mode != "Manual" and wanted:
        raise errors.InvalidParameterValueException(
            "RuntimeVersionArn is only supported when UpdateRuntimeOn is Manual."
        )
    if mode == "Manual" and not wanted:
        raise errors.InvalidParameterValueException("RuntimeVersionArn is required when UpdateRuntimeOn is Manual.")
    if wanted and wanted != own:
        raise errors.InvalidParameterValueException(
            f"Runtime version {wanted} is not available; this function has {own}."
        )
    config = {"UpdateRuntimeOn": mode, "RuntimeVersionArn": wanted}
    await storage.save_setting(call, reference, RUNTIME_MANAGEMENT, config)
    return {**config, "FunctionArn": reference.of(reference.qualifier or LATEST).qualified_arn}


async def get_runtime_management_config(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """When new versions of the runtime are taken."""
    reference = names.read(call, request)
    await storage.get_version(call, reference)
    config = await storage.find_setting(call, reference, RUNTIME_MANAGEMENT) or {"UpdateRuntimeOn": "Auto"}
    return {**config, "FunctionArn": reference.of(reference.qualifier or LATEST).qualified_arn}


async def put_function_recursion_config(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Say whether a function that invokes itself without end is stopped."""
    function = await storage.get_function(call, names.read(call, request))
    await storage.save_function(call, replace(function, recursion=request["RecursiveLoop"]))
    return {"RecursiveLoop": request["RecursiveLoop"]}


async def get_function_recursion_config(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Whether a function that invokes itself without end is stopped."""
    function = await storage.get_function(call, names.read(call, request))
    return {"RecursiveLoop": function.recursion}
