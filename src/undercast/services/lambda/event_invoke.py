"""Operations on how asynchronous invocations are retried, and where they end."""

from __future__ import annotations

from typing import Any

from undercast.kit import paging
from undercast.kit.call import Call

from . import destinations, errors, names, storage
from .events import EVENT_INVOKE
from .functions import read_marker
from .names import LATEST, Reference

_MEMBERS = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")


async def put_function_event_invoke_config(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Say it all anew; what is left out has its default again."""
    reference = await _target(call, request)
    return await _save(call, reference, _wanted(request))


async def update_function_event_invoke_config(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change some of it."""
    reference = await _target(call, request)
    current = await _find(call, reference)
    return await _save(call, reference, current | _wanted(request))


async def get_function_event_invoke_config(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The configuration of a function, a version or an alias."""
    reference = names.read(call, request)
    return _show(reference, await _find(call, reference))


async def delete_function_event_invoke_config(call: Call, request: dict[str, Any]) -> None:
    """Have the defaults again."""
    reference = names.read(call, request)
    if not await storage.delete_setting(call, reference, EVENT_INVOKE):
        raise _none(reference)


async def list_function_event_invoke_configs(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """All of a function, by qualifier."""
    reference = names.read(call, request)
    await storage.get_function(call, reference)
    limit = min(request.get("MaxItems") or 50, 50)
    found = await storage.list_settings(call, reference, EVENT_INVOKE, read_marker(request, ""), limit + 1)
    return {
        "FunctionEventInvokeConfigs": [_show(reference.of(qualifier), config) for qualifier, config in found[:limit]],
        "NextMarker": paging.encode_token(found[limit - 1][0]) if len(found) > limit else None,
    }


async def _target(call: Call, request: dict[str, Any]) -> Reference:
    reference = names.read(call, request)
    try:
        await storage.get_version(call, reference)
    except errors.ResourceNotFoundException:
        raise errors.ResourceNotFoundException(
            f"The function {reference.of(reference.qualifier or LATEST).qualified_arn} doesn't exist."
        ) from None
    if not any(request.get(member) is not None for member in _MEMBERS):
        raise errors.InvalidParameterValueException(
            "You must specify at least one of error handling or destination setting."
        )
    targets = request.get("DestinationConfig") or {}
    for side in ("OnSuccess", "OnFailure"):
        if arn := (targets.get(side) or {}).get("Destination"):
            _check_destination(arn, reference)
    return reference


def _check_destination(arn: str, reference: Reference) -> None:
    destinations.check(arn)
    if arn == reference.arn:
        raise errors.InvalidParameterValueException("You can't specify the function as a destination for itself.")


def _wanted(request: dict[str, Any]) -> dict[str, Any]:
    return {member: request[member] for member in _MEMBERS if request.get(member) is not None}


async def _find(call: Call, reference: Reference) -> dict[str, Any]:
    found: dict[str, Any] | None = await storage.find_setting(call, reference, EVENT_INVOKE)
    if found is None:
        raise _none(reference)
    return found


async def _save(call: Call, reference: Reference, config: dict[str, Any]) -> dict[str, Any]:
    config = {**config, "LastModified": call.now}
    await storage.save_setting(call, reference, EVENT_INVOKE, config)
    return _show(reference, config)


def _show(reference: Reference, config: dict[str, Any]) -> dict[str, Any]:
    targets = config.get("DestinationConfig") or {}
    return {
        **config,
        "FunctionArn": reference.of(reference.qualifier or LATEST).qualified_arn,
        "DestinationConfig": {side: targets.get(side) or {} for side in ("OnSuccess", "OnFailure")},
    }


def _none(reference: Reference) -> errors.ResourceNotFoundException:
    arn = reference.of(reference.qualifier or LATEST).qualified_arn
    return errors.ResourceNotFoundException(f"The function {arn} doesn't have an EventInvokeConfig")
