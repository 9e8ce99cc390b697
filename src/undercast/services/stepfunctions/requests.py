"""New executions as requests ask for them."""

from __future__ import annotations

from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.services.stepfunctions import arns, errors, integrations, storage
from undercast.services.stepfunctions.model import RUNNING, Execution, checked_name

MOST_BYTES = 262_144  # of an input or output: "Quotas", developer guide


async def prepared(call: Call, request: dict[str, Any]) -> tuple[Execution, str]:
    """A new execution that a request asks for, and the type of its machine. Many errors."""
    arn, case = _test_case(request["stateMachineArn"])
    parts = arns.parse(arn, "stateMachine").parts
    name = checked_name(request["name"]) if request.get("name") is not None else call.ids.uuid()
    text = _checked_input(request)
    machine = await storage.find_machine(call, parts[0]) if arns.is_here(call, arn) else None
    if machine is None:
        raise errors.StateMachineDoesNotExist(arn)
    revision, version, alias = machine.revision, None, None
    if len(parts) == 2:
        version, alias = await _qualified(call, arn, parts[0], parts[1])
        found = await storage.find_version(call, machine.name, version)
        if found is None:
            raise errors.StateMachineDoesNotExist(arn)
        revision = found.revision
    if case is not None:
        _check_case(call, machine.name, case)
    execution = Execution(
        machine=machine.name, name=name, number=call.ids.sequence(), revision=revision, version=version, alias=alias,
        status=RUNNING, started_at=call.now, stopped_at=None, input=text, output=None, error=None, cause=None,
        trace=request.get("traceHeader"), events=0, redrives=0, redriven_at=None, parent=None, map_run=None, position=0,
        test_case=case,
    )  # fmt: skip
    return execution, machine.type


def _test_case(arn: str) -> tuple[str, str | None]:
    """An ARN may end in `#` and a test case of the mock configuration, as for Step Functions Local."""
    whole, sign, case = arn.partition("#")
    return whole, case if sign else None


def _check_case(call: Call, machine: str, case: str) -> None:
    try:
        mocks = integrations.mocks.of(call.platform)
    except integrations.mocks.InvalidMocks as error:
        raise errors.ValidationException(f"The mock configuration is not valid: {error}") from None
    if mocks is None:
        raise errors.ValidationException(f"There is no mock configuration: set {integrations.mocks.VARIABLE}")
    if not mocks.has(machine, case):
        raise errors.ValidationException(
            f"The mock configuration has no test case {case} of the state machine {machine}"
        )


def _checked_input(request: dict[str, Any]) -> str:
    text: str = request["input"] if request.get("input") is not None else "{}"
    if len(text.encode()) > MOST_BYTES:
        raise errors.InvalidExecutionInput("The input is larger than 262144 bytes")
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise errors.InvalidExecutionInput(str(error)) from None
    return text


async def _qualified(call: Call, arn: str, machine: str, qualifier: str) -> tuple[int, str | None]:
    if qualifier.isdecimal():
        return int(qualifier), None
    alias = await storage.find_alias(call, machine, qualifier)
    if alias is None:
        raise errors.StateMachineDoesNotExist(arn)
    return alias.version(call.ids.fraction()), alias.name
