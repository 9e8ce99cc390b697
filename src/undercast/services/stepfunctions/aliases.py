"""Operations on aliases: names that route new executions to one or two versions."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from undercast.kit.call import Call
from undercast.services.stepfunctions import arns, errors, pages, storage
from undercast.services.stepfunctions.model import Alias

MOST = 100
_NAME = re.compile(r"(?=.*[a-zA-Z_\-.])[a-zA-Z0-9_\-.]+")


async def create_state_machine_alias(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Create an alias; the same again finds it."""
    machine, routing = await _checked_routing(call, request["routingConfiguration"])
    name, description = request["name"], request.get("description")
    found = await storage.find_alias(call, machine, name)
    if found is None:
        if len(await storage.list_aliases(call, machine)) >= MOST:
            raise errors.ServiceQuotaExceededException(f"A state machine can have {MOST} aliases.")
        found = Alias(machine, name, description, routing, call.now, call.now)
        await storage.save_alias(call, found)
    elif (found.description, found.routing) != (description, routing):
        raise errors.ConflictException(
            "Failed to create alias because an alias with the same name and a different routing configuration already "
            "exists."
        )
    return {"stateMachineAliasArn": arns.machine(call, machine, name), "creationDate": found.created_at}


async def update_state_machine_alias(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change an alias's description or routing."""
    alias = await _find(call, request["stateMachineAliasArn"])
    if request.get("description") is None and request.get("routingConfiguration") is None:
        raise errors.ValidationException("Either the description or the routing configuration must be specified")
    if request.get("description") is not None:
        alias = replace(alias, description=request["description"])
    if request.get("routingConfiguration") is not None:
        machine, routing = await _checked_routing(call, request["routingConfiguration"])
        if machine != alias.machine:
            raise errors.ValidationException(
                "Routing configuration must contain versions of the alias's state machine."
            )
        alias = replace(alias, routing=routing)
    await storage.save_alias(call, replace(alias, updated_at=call.now))
    return {"updateDate": call.now}


async def describe_state_machine_alias(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """An alias."""
    alias = await _find(call, request["stateMachineAliasArn"])
    return {
        "stateMachineAliasArn": request["stateMachineAliasArn"],
        "name": alias.name,
        "description": alias.description,
        "routingConfiguration": [
            {"stateMachineVersionArn": arns.machine(call, alias.machine, number), "weight": weight}
            for number, weight in alias.routing
        ],
        "creationDate": alias.created_at,
        "updateDate": alias.updated_at,
    }


async def delete_state_machine_alias(call: Call, request: dict[str, Any]) -> None:
    """Delete an alias."""
    alias = await _find(call, request["stateMachineAliasArn"])
    await storage.delete_alias(call, alias.machine, alias.name)


async def list_state_machine_aliases(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Aliases of a machine by name; of a version, those that route to it."""
    arn, limit = request["stateMachineArn"], pages.limit(request)
    parts = arns.parse(arn, "stateMachine").parts
    if not arns.is_here(call, arn) or await storage.find_machine(call, parts[0]) is None:
        raise errors.StateMachineDoesNotExist(arn)
    found = await storage.list_aliases(call, parts[0], pages.position(request, ""))
    if len(parts) == 2:
        found = [alias for alias in found if parts[1].isdecimal() and int(parts[1]) in dict(alias.routing)]
    shown = found[:limit]
    return {
        "stateMachineAliases": [
            {"stateMachineAliasArn": arns.machine(call, alias.machine, alias.name), "creationDate": alias.created_at}
            for alias in shown
        ],
        "nextToken": pages.token(shown[-1].name if shown else "", more=len(found) > limit),
    }


async def _find(call: Call, arn: str) -> Alias:
    parts = arns.parse(arn, "stateMachine").parts
    if len(parts) != 2 or not _NAME.fullmatch(parts[1]):
        raise errors.ValidationException(f"The ARN must be that of a state machine alias: {arn}")
    alias = await storage.find_alias(call, *parts) if arns.is_here(call, arn) else None
    if alias is None:
        raise errors.ResourceNotFound()
    return alias


async def _checked_routing(call: Call, routes: list[dict[str, Any]]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The machine, and its versions with their weights. ValidationException, ResourceNotFound."""
    named = [(route["stateMachineVersionArn"], route["weight"]) for route in routes]
    parsed = [arns.parse(arn, "stateMachine").parts for arn, _ in named]
    if any(len(parts) != 2 or not parts[1].isdecimal() for parts in parsed):
        received = ", ".join(arn for arn, _ in named)
        raise errors.ValidationException(
            f"Routing configuration must contain state machine version ARNs. Received: [{received}]"
        )
    machine = parsed[0][0]
    if any(parts[0] != machine for parts in parsed):
        raise errors.ValidationException("Routing configuration must contain versions of the same state machine.")
    if len(set(parsed)) != len(parsed):
        raise errors.ValidationException("Routing configuration must not contain the same version twice.")
    if sum(weight for _, weight in named) != 100:
        raise errors.ValidationException("Sum of routing configuration weights must equal 100.")
    for (arn, _), parts in zip(named, parsed, strict=True):
        if not arns.is_here(call, arn) or await storage.find_version(call, machine, int(parts[1])) is None:
            raise errors.ResourceNotFound()
    return machine, tuple((int(parts[1]), weight) for (_, weight), parts in zip(named, parsed, strict=True))
