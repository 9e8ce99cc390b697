"""Operations on resource policies of streams and consumers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.engines import policies
from undercast.kit.call import Call

from . import errors
from .finding import find_resource, save_resource


async def put_resource_policy(call: Call, request: dict[str, Any]) -> None:
    """Set the policy."""
    resource = await find_resource(call, request["ResourceARN"])
    try:
        policies.parse(request["Policy"], "resource")
    except policies.MalformedPolicy as error:
        raise errors.InvalidArgumentException(f"The policy is malformed: {error}") from None
    await save_resource(call, replace(resource, settings={**resource.settings, "policy": request["Policy"]}))


async def get_resource_policy(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The policy."""
    resource = await find_resource(call, request["ResourceARN"])
    if "policy" not in resource.settings:
        raise _no_policy(request["ResourceARN"])
    return {"Policy": resource.settings["policy"]}


async def delete_resource_policy(call: Call, request: dict[str, Any]) -> None:
    """Take the policy away."""
    resource = await find_resource(call, request["ResourceARN"])
    if "policy" not in resource.settings:
        raise _no_policy(request["ResourceARN"])
    settings = {name: value for name, value in resource.settings.items() if name != "policy"}
    await save_resource(call, replace(resource, settings=settings))


def _no_policy(arn: str) -> errors.ResourceNotFoundException:
    return errors.ResourceNotFoundException(f"No resource policy found for resource {arn}.")
