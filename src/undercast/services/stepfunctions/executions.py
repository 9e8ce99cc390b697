"""Operations on executions."""

from __future__ import annotations

from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.kit.service import relaxed
from undercast.services.stepfunctions import (
    arns,
    compiled,
    errors,
    execution_storage,
    express,
    lookups,
    pages,
    redriving,
    requests,
    standard,
    storage,
)
from undercast.services.stepfunctions.model import (
    ABORTED,
    EXPRESS,
    REDRIVE_TOKENS_LAST_MS,
    RUNNING,
    Execution,
)


async def start_execution(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Start an execution; the same again while it runs finds it."""
    execution, type = await requests.prepared(call, request)
    if type == EXPRESS:
        arn = await express.start(call, execution)
        return {"executionArn": arn, "startDate": execution.started_at}
    arn = arns.execution(call, execution.machine, execution.name)
    if await standard.start(call, execution):
        return {"executionArn": arn, "startDate": execution.started_at}
    found = await execution_storage.find_execution(call, execution.machine, execution.name)
    if found is None or found.status != RUNNING or found.input != execution.input:
        raise errors.ExecutionAlreadyExists(arn)
    return {"executionArn": arn, "startDate": found.started_at}


@relaxed
async def stop_execution(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Stop an execution; one that has ended stays as it is."""
    execution = await lookups.find_execution(call, request["executionArn"], hold=True)
    if execution.status == RUNNING:
        await standard.stop(call, execution.number, ABORTED, request.get("error"), request.get("cause"))
    return {"stopDate": call.now if execution.stopped_at is None else execution.stopped_at}


async def redrive_execution(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Go on from where an execution failed."""
    execution = await lookups.find_execution(call, request["executionArn"], hold=True)
    token, last = request.get("clientToken"), execution.redriven_at
    if token and token == execution.redrive_token and last and call.now - last < REDRIVE_TOKENS_LAST_MS:
        return {"redriveDate": last}
    reason = execution.why_not_redrivable(call.now)
    if reason:
        raise errors.ExecutionNotRedrivable(reason)
    execution.redrive_token = token
    await redriving.redrive(call, execution)
    return {"redriveDate": call.now}


async def describe_execution(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """An execution."""
    execution = await lookups.find_execution(call, request["executionArn"])
    shown = {**summary(call, execution), **_ended(execution)}
    reason = execution.why_not_redrivable(call.now)
    shown["redriveStatus"] = "REDRIVABLE" if reason is None else "NOT_REDRIVABLE"
    shown["redriveStatusReason"] = reason
    shown["traceHeader"] = execution.trace
    if execution.map_run:
        shown["redriveStatus"], shown["redriveStatusReason"] = "REDRIVABLE_BY_MAP_RUN", None
    if request.get("includedData") != "METADATA_ONLY":
        shown["input"], shown["inputDetails"] = execution.input, {"included": True}
        if execution.output is not None:
            shown["output"], shown["outputDetails"] = execution.output, {"included": True}
    return shown


async def describe_state_machine_for_execution(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The machine as it was when the execution began."""
    execution = await lookups.find_execution(call, request["executionArn"])
    revision, _ = await compiled.revision(call, execution.revision)
    described = revision.describe()
    name = execution.machine
    if execution.parent:
        inner = orjson.loads(revision.definition)
        for step in execution.parent["path"].split("/")[1:]:
            inner = inner[int(step)] if isinstance(inner, list) else inner[step]
        described["definition"] = orjson.dumps(inner).decode()
        described["label"] = name.partition("/")[2]
        described["mapRunArn"] = arns.map_run(call, name, execution.map_run or "")
    if request.get("includedData") == "METADATA_ONLY":
        described.pop("definition")
    return {**described, "stateMachineArn": arns.machine(call, name), "name": name, "updateDate": revision.created_at}


async def list_executions(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Executions of a machine, a version, an alias or a map run, the newest first."""
    arn, run_arn = request.get("stateMachineArn"), request.get("mapRunArn")
    if bool(arn) == bool(run_arn):
        raise errors.ValidationException("Exactly one of stateMachineArn and mapRunArn must be specified")
    where = _of_map_run(call, run_arn) if run_arn else await _of_machine(call, arn or "")
    if request.get("statusFilter"):
        where["status"] = request["statusFilter"]
    limit = pages.limit(request)
    start = pages.position(request, [2**62, 0])
    redriven = {"REDRIVEN": True, "NOT_REDRIVEN": False}.get(request.get("redriveFilter") or "")
    found = await execution_storage.list_executions(call, where, redriven, start, limit + 1)
    shown = found[:limit]
    return {
        "executions": [summary(call, execution) for execution in shown],
        "nextToken": pages.token([shown[-1].started_at, shown[-1].number] if shown else 0, more=len(found) > limit),
    }


def summary(call: Call, execution: Execution) -> dict[str, Any]:
    """As ListExecutions shows it."""
    machine = execution.machine.partition("/")[0]
    return {
        "executionArn": arns.execution(call, execution.machine, execution.name),
        "stateMachineArn": arns.machine(call, execution.machine),
        "name": execution.name,
        "status": execution.status,
        "startDate": execution.started_at,
        "stopDate": execution.stopped_at,
        "mapRunArn": arns.map_run(call, execution.machine, execution.map_run) if execution.map_run else None,
        "stateMachineVersionArn": arns.machine(call, machine, execution.version) if execution.version else None,
        "stateMachineAliasArn": arns.machine(call, machine, execution.alias) if execution.alias else None,
        "redriveCount": execution.redrives,
        "redriveDate": execution.redriven_at,
    }


def _ended(execution: Execution) -> dict[str, Any]:
    return {"error": execution.error, "cause": execution.cause}


async def _of_machine(call: Call, arn: str) -> dict[str, Any]:
    parts = arns.parse(arn, "stateMachine").parts
    machine = await storage.find_machine(call, parts[0]) if arns.is_here(call, arn) else None
    if machine is None:
        raise errors.StateMachineDoesNotExist(arn)
    if machine.type == EXPRESS:
        raise errors.StateMachineTypeNotSupported()
    if len(parts) == 1:
        return {"machine": machine.name}
    column = "version" if parts[1].isdecimal() else "alias"
    return {"machine": machine.name, column: int(parts[1]) if column == "version" else parts[1]}


def _of_map_run(call: Call, arn: str) -> dict[str, Any]:
    machine, id = arns.parse(arn, "mapRun").parts
    return {"machine": machine, "map_run": id}
