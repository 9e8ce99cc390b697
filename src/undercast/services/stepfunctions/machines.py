"""Operations on state machines."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from undercast.engines import states
from undercast.kit.call import Call
from undercast.kit.service import waits
from undercast.services.stepfunctions import (
    arns,
    compiled,
    configuration,
    errors,
    execution_storage,
    integrations,
    lookups,
    pages,
    publishing,
    storage,
)
from undercast.services.stepfunctions.model import STANDARD, Machine, Revision, checked_name, merged_tags

MOST_DIAGNOSTICS = 100


async def create_state_machine(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Create a machine; the same again finds it."""
    name, type = checked_name(request["name"]), request.get("type") or STANDARD
    if request.get("versionDescription") is not None and not request.get("publish"):
        raise errors.ValidationException("Version description can only be set when publish is true")
    parsed = configuration.checked_definition(call, request["definition"], type)
    await configuration.check_role(call, request["roleArn"])
    settings = await configuration.settings_of(call, request)
    tags = merged_tags({}, request.get("tags") or [])
    found = await storage.find_machine(call, name)
    if found is None:
        machine = Machine(name, type, call.ids.uuid(), 0, tags, call.now)
        revision = Revision(machine.revision, name, 0, request["definition"], request["roleArn"], settings, call.now)
        await _add_revision(call, revision, parsed)
        await storage.save_machine(call, machine)
    else:
        machine = found
        revision = await storage.find_revision(call, found.revision)
        asked = (type, request["definition"], request["roleArn"], settings)
        if asked != (found.type, revision.definition, revision.role, revision.settings):
            raise errors.StateMachineAlreadyExists(arns.machine(call, name))
    answer: dict[str, Any] = {"stateMachineArn": arns.machine(call, name), "creationDate": machine.created_at}
    if request.get("publish"):
        version = await publishing.publish(call, machine, request.get("versionDescription"))
        answer["stateMachineVersionArn"] = arns.machine(call, name, version.number)
    return answer


async def update_state_machine(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Give a machine another definition, role or settings; executions that run keep theirs."""
    machine = await lookups.find_machine(call, request["stateMachineArn"])
    if request.get("versionDescription") is not None and not request.get("publish"):
        raise errors.ValidationException("Version description can only be set when publish is true")
    changes = ("definition", "roleArn", "loggingConfiguration", "tracingConfiguration", "encryptionConfiguration")
    if all(request.get(change) is None for change in (*changes, "publish")):
        raise errors.MissingRequiredParameter(
            "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified"
        )
    revision = await storage.find_revision(call, machine.revision)
    changed = await _changed(call, machine, revision, request)
    if changed is not None:
        revision, parsed = changed
        await _add_revision(call, revision, parsed)
        machine = replace(machine, revision=revision.id)
        await storage.save_machine(call, machine)
        await storage.delete_unused_revisions(call, machine.name)
    answer: dict[str, Any] = {"updateDate": call.now, "revisionId": revision.shown_id}
    if request.get("publish"):
        version = await publishing.publish(call, machine, request.get("versionDescription"))
        answer["stateMachineVersionArn"] = arns.machine(call, machine.name, version.number)
    return answer


async def describe_state_machine(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A machine, or a version of it."""
    arn = request["stateMachineArn"]
    machine = await lookups.find_machine(call, arn)
    name = arns.parse(arn, "stateMachine")
    number = name.parts[1] if len(name.parts) == 2 else None
    shown: dict[str, Any] = {"creationDate": machine.created_at}
    revision_id = machine.revision
    if number is not None:
        version = await storage.find_version(call, machine.name, int(number)) if number.isdecimal() else None
        if version is None:
            raise errors.StateMachineDoesNotExist(arn)
        shown = {"creationDate": version.created_at, "description": version.description}
        revision_id = version.revision
    described = (await storage.find_revision(call, revision_id)).describe()
    if request.get("includedData") == "METADATA_ONLY":
        described.pop("definition")
    return {
        **described,
        **shown,
        "stateMachineArn": arn,
        "name": machine.name,
        "status": "ACTIVE",
        "type": machine.type,
    }


async def delete_state_machine(call: Call, request: dict[str, Any]) -> None:
    """Delete a machine, its versions and aliases. What of it runs is stopped; what ended can still be described."""
    parsed = arns.parse(request["stateMachineArn"], "stateMachine", most=1)
    if not arns.is_here(call, request["stateMachineArn"]):
        return
    if await storage.find_machine(call, parsed.parts[0]):
        await storage.delete_machine(call, parsed.parts[0])
        if await execution_storage.find_running(call, parsed.parts[0]):
            await call.later(call.now, "abort all", parsed.parts[0])


async def list_state_machines(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Machines by name."""
    limit = pages.limit(request)
    found = await storage.list_machines(call, pages.position(request, ""), limit + 1)
    shown = found[:limit]
    return {
        "stateMachines": [
            {
                "stateMachineArn": arns.machine(call, machine.name),
                "name": machine.name,
                "type": machine.type,
                "creationDate": machine.created_at,
            }
            for machine in shown
        ],
        "nextToken": pages.token(shown[-1].name if shown else "", more=len(found) > limit),
    }


@waits  # for its own thread, when the definition is large
async def validate_state_machine_definition(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """What is wrong with a definition."""
    text, type = request["definition"], request.get("type") or STANDARD
    known = partial(integrations.is_known, call.platform)
    found = await compiled.apart(text, lambda: states.diagnose(text, type, known))
    if (request.get("severity") or "ERROR") == "ERROR":
        found = [diagnostic for diagnostic in found if diagnostic.severity == "ERROR"]
    most = request.get("maxResults") or MOST_DIAGNOSTICS
    failed = any(diagnostic.severity == "ERROR" for diagnostic in found)
    return {
        "result": "FAIL" if failed else "OK",
        "diagnostics": [
            {"severity": one.severity, "code": one.code, "message": one.message, "location": one.location}
            for one in found[:most]
        ],
        "truncated": len(found) > most,
    }


async def _add_revision(call: Call, revision: Revision, parsed: states.Machine | None) -> None:
    await storage.add_revision(call, revision)
    if parsed is not None:
        call.after_commit(lambda: compiled.keep(call, revision, parsed))


async def _changed(
    call: Call, machine: Machine, before: Revision, request: dict[str, Any]
) -> tuple[Revision, states.Machine | None] | None:
    """The revision that a request asks for, parsed if its definition is new; None when it is the present one."""
    parsed = None
    definition, role = request.get("definition") or before.definition, request.get("roleArn") or before.role
    if request.get("definition") is not None:
        parsed = configuration.checked_definition(call, definition, machine.type)
    if request.get("roleArn") is not None:
        await configuration.check_role(call, role)
    settings = await configuration.settings_of(call, request, dict(before.settings))
    if (definition, role, settings) == (before.definition, before.role, before.settings):
        return None
    return Revision(call.ids.uuid(), machine.name, before.number + 1, definition, role, settings, call.now), parsed
