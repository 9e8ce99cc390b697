"""What a request to try a state says, checked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson

from undercast.engines import states
from undercast.engines.states.actions import Action
from undercast.engines.states.machine import Map, Parallel, State, Task
from undercast.engines.states.scope import Moment
from undercast.kit.call import Call
from undercast.services.stepfunctions import arns, configuration, context, errors, integrations
from undercast.services.stepfunctions.integrations.web import Exchange

UNNAMED = "StateName"  # recorded: what AWS calls a state that is tried by its definition alone
_ALONE = "TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]"
_TEXT, _NUMBER, _ANY = (str, "a string"), (int, "a number"), (object, "a value")
_CONTEXT: dict[str, dict[str, tuple[type, str]]] = {
    "Execution": {
        "Id": _TEXT, "Input": _ANY, "Name": _TEXT, "RoleArn": _TEXT, "StartTime": _TEXT, "RedriveCount": _NUMBER,
        "RedriveTime": _TEXT,
    },
    "State": {"EnteredTime": _TEXT, "Name": _TEXT, "RetryCount": _NUMBER},
    "StateMachine": {"Id": _TEXT, "Name": _TEXT},
    "Task": {"Token": _TEXT},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mock:
    """What is to be taken for the state's result, or its error. `text` is the result as it was given."""

    text: str | None
    result: Any
    error: str | None
    cause: str | None
    mode: str  # STRICT, PRESENT or NONE


@dataclass(slots=True)
class Trial:
    """One state and what it is given."""

    state: State
    text: str  # of the input
    input: Any
    variables: dict[str, Any]
    context: dict[str, Any]
    role: str | None
    mock: Mock | None
    settings: dict[str, Any]  # stateConfiguration
    shows_data: bool
    shows_exchange: bool
    shows_secrets: bool
    moment: Moment
    entered: Action | None = None
    exchange: Exchange | None = None  # of an HTTP task

    @staticmethod
    async def of(call: Call, state: State, request: dict[str, Any]) -> Trial:
        """Many errors."""
        mock = _mock(request.get("mock"))
        role = request.get("roleArn")
        if role is not None:
            await configuration.check_role(call, role)
        _check_mocked(state, request, mock)
        text = request["input"] if request.get("input") is not None else "{}"
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise errors.InvalidExecutionInput(str(error)) from None
        return Trial(
            state=state, text=text, input=value, variables=_object(request, "variables"),
            context=_context(call, state, value, request),
            role=role, mock=mock, settings=request.get("stateConfiguration") or {},
            shows_data=request.get("inspectionLevel") in ("DEBUG", "TRACE"),
            shows_exchange=request.get("inspectionLevel") == "TRACE",
            shows_secrets=bool(request.get("revealSecrets")),
            moment=Moment(call.clock.now(), call.ids.fraction, call.ids.uuid),
        )  # fmt: skip


def state_of(call: Call, request: dict[str, Any]) -> State:
    """The state that is to be tried. InvalidDefinition."""
    name, text = request.get("stateName"), request["definition"]
    known = partial(integrations.is_known, call.platform)
    try:
        if name is None:
            return states.parse_state(text, UNNAMED, known)
        machine = states.parse(text, known=known)
    except states.Invalid as error:
        raise errors.InvalidDefinition(f"Invalid State Machine Definition: '{error}'") from None
    for inner in machine.machines():
        if name in inner.states:
            return inner.states[name]
    raise errors.ValidationException("State not found in definition")


def _mock(given: dict[str, Any] | None) -> Mock | None:
    if given is None:
        return None
    text, failure = given.get("result"), given.get("errorOutput")
    if text is not None and failure is not None:
        raise errors.ValidationException(
            "A test mock should have only one of the following fields: [result, errorOutput]."
        )
    if text is None and failure is None:
        raise errors.ValidationException("A test mock should have one of the following fields: [result, errorOutput].")
    mode = given.get("fieldValidationMode") or "STRICT"
    if text is None:
        return Mock(None, None, (failure or {}).get("error"), (failure or {}).get("cause"), mode)
    try:
        return Mock(text, orjson.loads(text), None, None, mode)
    except orjson.JSONDecodeError as error:
        raise errors.ValidationException(f"Mocked result must be valid JSON: {error}") from None


def _check_mocked(state: State, request: dict[str, Any], mock: Mock | None) -> None:
    """What only a mock makes possible, and what no mock does."""
    if mock is not None:
        if not isinstance(state, Task | Map | Parallel):
            raise errors.ValidationException(f"State type '{state.type}' is not supported when a mock is specified")
        return
    configured = request.get("stateConfiguration") or {}
    for name in ("mapIterationFailureCount", "retrierRetryCount", "errorCausedByState", "mapItemReaderData"):
        if configured.get(name) is not None:
            shown = name[0].upper() + name[1:]
            raise errors.ValidationException(f"TestState does not support {shown} when a mock is not specified.")
    if request.get("context") is not None:
        raise errors.ValidationException("TestState does not support Context when a mock is not specified.")
    if isinstance(state, Map | Parallel):
        raise errors.InvalidDefinition(_ALONE)
    if isinstance(state, Task):
        if _is_submitted(state):
            raise errors.InvalidDefinition(
                f"TestState API does not support the resource {state.resource} when a mock is not specified."
            )
        if not request.get("roleArn"):
            raise errors.ValidationException("A role is required to test a Task when a mock is not specified.")


def _object(request: dict[str, Any], name: str) -> dict[str, Any]:
    text = request.get(name)
    try:
        value = {} if text is None else orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise errors.ValidationException(f"The {name} must be a JSON object: {error}") from None
    if not isinstance(value, dict):
        raise errors.ValidationException(f"The {name} must be a JSON object.")
    return value


def _context(call: Call, state: State, input: Any, request: dict[str, Any]) -> dict[str, Any]:
    """The context object that the request gives, or one as recorded."""
    if request.get("context") is not None:
        given = _object(request, "context")
        _check_context(state, given)
        return given
    machine, name = call.ids.uuid(), call.ids.uuid()
    now = context.iso(call.clock.now())
    made: dict[str, Any] = {
        "Execution": {
            "Id": call.arn(f"express:{machine}:{name}", "states"), "Input": input, "Name": name,
            "RoleArn": request.get("roleArn"), "StartTime": now,
        },
        "State": {"Name": state.name, "EnteredTime": now},
        "StateMachine": {"Id": arns.machine(call, machine), "Name": machine},
    }  # fmt: skip
    if isinstance(state, Task) and state.waits_for_token:
        made["Task"] = {"Token": call.ids.uuid()}
    return made


def _check_context(state: State, given: dict[str, Any]) -> None:
    """ValidationException for a context object that no state has."""
    if "Map" in given:
        raise _invalid_context("'Map' field is not supported when mocking a Context object")
    for name, part in given.items():
        fields = _CONTEXT.get(name)
        if fields is None:
            raise _invalid_context(f"Field '{name}' is not allowed")
        if not isinstance(part, dict):
            raise _invalid_context(f"{name} must be an object")
        for field, value in part.items():
            if field not in fields:
                raise _invalid_context(f"Field '{field}' is not allowed")
            type, called = fields[field]
            if not isinstance(value, type):
                raise _invalid_context(f"{name}.{field} must be {called}")
    if "Task" in given and not (isinstance(state, Task) and _is_submitted(state)):
        raise _invalid_context(
            "Context object contains 'Task' when state is not a Task state "
            "with a '.sync' or '.waitForTaskToken' service integration pattern"
        )


def _is_submitted(state: Task) -> bool:
    resource = integrations.parse(state.resource)
    return resource.waits_for_token or resource.waits_for_execution


def _invalid_context(problem: str) -> errors.ValidationException:
    return errors.ValidationException(f"Invalid Context object provided: {problem}")
