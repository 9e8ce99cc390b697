"""Operations on how many invocations of a function may run at once, and how many environments wait for them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit import paging
from undercast.kit.call import Call

from . import errors, names, storage
from .functions import read_marker
from .model import CONCURRENT_EXECUTIONS, UNRESERVED_MINIMUM, Function, last_modified
from .names import LATEST, Reference
from .provisioning import PROVISIONED


async def put_function_concurrency(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Reserve concurrency for a function, which is also its limit."""
    reference = names.read(call, request)
    function = await storage.get_function(call, reference)
    wanted = request["ReservedConcurrentExecutions"]
    provisioned = sum(function.provisioned.values())
    if wanted < provisioned:
        raise errors.InvalidParameterValueException(
            f" ReservedConcurrentExecutions  {wanted} should not be lower than function's total provisioned "
            f"concurrency [{provisioned}].",
            Type=None,
        )
    others = await storage.reserved_in_account(call) - max(function.reserved, 0)
    if CONCURRENT_EXECUTIONS - others - wanted < UNRESERVED_MINIMUM:
        raise errors.InvalidParameterValueException(
            f"Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below "
            f"its minimum value of [{UNRESERVED_MINIMUM}].",
            Type=None,
        )
    await storage.save_function(call, replace(function, reserved=wanted))
    return {"ReservedConcurrentExecutions": wanted}


async def get_function_concurrency(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """What is reserved for a function, if anything."""
    function = await storage.get_function(call, names.read(call, request))
    return {"ReservedConcurrentExecutions": function.reserved if function.reserved >= 0 else None}


async def delete_function_concurrency(call: Call, request: dict[str, Any]) -> None:
    """Give back what was reserved."""
    function = await storage.get_function(call, names.read(call, request))
    await storage.save_function(call, replace(function, reserved=-1))


async def put_provisioned_concurrency_config(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Keep environments of a version or an alias ready."""
    reference = await _target(call, request)
    function = await storage.get_function(call, reference)
    wanted = request["ProvisionedConcurrentExecutions"]
    version = await _provisioned_version(call, reference)
    await _check_conflict(call, reference, version)
    await _check_room(call, function, version, wanted)
    config = {"requested": wanted, "available": 0, "modified_at": call.now, "version": version}
    await storage.save_setting(call, reference, PROVISIONED, config)
    await _count(call, function)
    await call.later(call.now, "provision", [reference.name, reference.qualifier])
    return _show(config)


async def get_provisioned_concurrency_config(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """How many environments are kept ready, and are."""
    config = await storage.find_setting(call, await _target(call, request), PROVISIONED)
    if config is None:
        raise errors.ProvisionedConcurrencyConfigNotFoundException()
    return _show(config)


async def delete_provisioned_concurrency_config(call: Call, request: dict[str, Any]) -> None:
    """Keep none ready."""
    reference = await _target(call, request)
    await storage.delete_setting(call, reference, PROVISIONED)
    await _count(call, await storage.get_function(call, reference))
    await call.later(call.now, "provision", [reference.name, reference.qualifier])


async def list_provisioned_concurrency_configs(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """All of a function, by qualifier."""
    reference = names.read(call, request)
    await storage.get_function(call, reference)
    limit = min(request.get("MaxItems") or 50, 50)
    found = await storage.list_settings(call, reference, PROVISIONED, read_marker(request, ""), limit + 1)
    return {
        "ProvisionedConcurrencyConfigs": [
            {"FunctionArn": reference.of(qualifier).qualified_arn, **_show(config)}
            for qualifier, config in found[:limit]
        ],
        "NextMarker": paging.encode_token(found[limit - 1][0]) if len(found) > limit else None,
    }


async def _target(call: Call, request: dict[str, Any]) -> Reference:
    reference = names.read(call, request)
    if not reference.qualifier or reference.qualifier == LATEST:
        raise errors.InvalidParameterValueException(
            "Provisioned Concurrency Configs cannot be applied to unpublished function versions."
        )
    await storage.get_function(call, reference)
    if not reference.qualifier.isdigit():
        await storage.get_alias(call, reference, reference.qualifier)
    await storage.get_version(call, reference)
    return reference


async def _provisioned_version(call: Call, reference: Reference) -> str:
    if reference.qualifier and reference.qualifier.isdigit():
        return reference.qualifier
    alias = await storage.get_alias(call, reference, reference.qualifier or "")
    if alias.version == LATEST:
        raise errors.InvalidParameterValueException(
            "Alias with weights or of $LATEST can not be used with Provisioned Concurrency"
        )
    return alias.version


async def _check_conflict(call: Call, reference: Reference, version: str) -> None:
    """A version has environments of its own or of one alias (recorded: test_lambda_provisioned_lifecycle)."""
    for qualifier, config in await storage.list_settings(call, reference, PROVISIONED):
        if qualifier == reference.qualifier or config["version"] != version:
            continue
        raise errors.ResourceConflictException(
            "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version"
            if qualifier.isdigit()
            else "Version is pointed by a Provisioned Concurrency alias"
        )


async def _check_room(call: Call, function: Function, version: str, wanted: int) -> None:
    total = sum(count for other, count in function.provisioned.items() if other != version) + wanted
    if function.reserved >= 0:
        if total > function.reserved:
            raise errors.InvalidParameterValueException(
                "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function"
            )
        return
    unreserved = CONCURRENT_EXECUTIONS - await storage.reserved_in_account(call)
    if total > unreserved:
        raise errors.InvalidParameterValueException(
            f"Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [{unreserved}].",
            Type=None,
        )
    if unreserved - total < UNRESERVED_MINIMUM:
        raise errors.InvalidParameterValueException(
            "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its "
            f"minimum value of [{UNRESERVED_MINIMUM}].",
            Type=None,
        )


async def _count(call: Call, function: Function) -> None:
    """Keep the function's sums, which every invocation looks at."""
    found = await storage.list_settings(call, function.reference, PROVISIONED)
    provisioned = {config["version"]: config["requested"] for _, config in found}
    await storage.save_function(call, replace(function, provisioned=provisioned))


def _show(config: dict[str, Any]) -> dict[str, Any]:
    ready = config["available"] >= config["requested"]
    return {
        "RequestedProvisionedConcurrentExecutions": config["requested"],
        "AvailableProvisionedConcurrentExecutions": config["available"],
        "AllocatedProvisionedConcurrentExecutions": config["available"],
        "Status": "READY" if ready else "IN_PROGRESS",
        "LastModified": last_modified(config["modified_at"]),
    }
