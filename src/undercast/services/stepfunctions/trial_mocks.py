"""Mocked results of a state that is tried: whether they can be, and what comes of them."""

from __future__ import annotations

from typing import Any

from undercast.engines.states import flow
from undercast.engines.states.actions import (
    EXCEEDED,
    Action,
    Failed,
    Failure,
    Outcome,
    Reader,
    Result,
    RunMap,
)
from undercast.engines.states.machine import Map, Parallel, Task, Working
from undercast.kit.call import Call
from undercast.kit.errors import NotImplementedYet
from undercast.services.stepfunctions import errors, integrations, item_readers
from undercast.services.stepfunctions.trial_requests import Mock, Trial


def check(call: Call, trial: Trial) -> None:
    """ValidationException for a result that the state could not have."""
    mock, state = trial.mock, trial.state
    if mock is None or mock.text is None:
        return
    has_list = isinstance(state, Parallel) or (isinstance(state, Map) and state.writer is None)
    if has_list and not isinstance(mock.result, list):
        raise errors.ValidationException("Mocked result must be an array.")
    if isinstance(state, Task) and mock.mode != "NONE":
        flaw = _flaw(call, state, mock)
        if flaw:
            raise errors.ValidationException(f"Mock result schema validation error: {flaw}")


def attempts(trial: Trial) -> dict[int, int]:
    """How often the state was retried, whichever retrier it is that applies."""
    state, count = trial.state, trial.settings.get("retrierRetryCount") or 0
    return dict.fromkeys(range(len(state.retriers)), count) if isinstance(state, Working) else {}


def outcome(trial: Trial, action: Action) -> Outcome | Failed:
    """What the mock stands for. ValidationException."""
    mock = trial.mock
    assert mock is not None
    if isinstance(action, RunMap):
        failed = _check_iterations(trial, action, mock)
        if failed is not None:
            return failed
    if mock.text is None:
        return Failure(mock.error, mock.cause)
    return Result(mock.result)


def inputs(trial: Trial, run: RunMap) -> list[Any]:
    """The items of a map, selected. ValidationException for data of a reader that cannot be read."""
    found = []
    for index, item in enumerate(items(trial, run)):
        selected = flow.item_input(run, index, item, trial.context, trial.moment)
        if isinstance(selected, Result):
            found.append(selected.value)
    return found


def items(trial: Trial, run: RunMap) -> list[Any]:
    """The items of a map, as its reader would find them."""
    if not isinstance(run.items, Reader):
        return run.items
    data = trial.settings.get("mapItemReaderData")
    if data is None:
        return []
    try:
        return list(item_readers.items_of(data.encode(), run.items.config))[: run.items.max_items]
    except item_readers.Unreadable as error:
        raise errors.ValidationException(f"MapItemReaderData cannot be read: {error}") from None


def _check_iterations(trial: Trial, run: RunMap, mock: Mock) -> Failure | None:
    """The failure of a map of which more iterations failed than it tolerates; a mocked error comes first (recorded)."""
    failed = trial.settings.get("mapIterationFailureCount")
    if failed is None:
        return None
    total = len(list(flow.batches(run, inputs(trial, run))))
    if failed > (total if mock.text is None or run.writer else min(total, len(mock.result))):
        raise errors.ValidationException(
            "Map iteration failure count must be less than or equal to the number of Map iterations"
        )
    return None if mock.text is None or run.tolerates(failed, total) else EXCEEDED


def _flaw(call: Call, state: Task, mock: Mock) -> str | None:
    """How a task's result differs from what its operation answers. Functions, workers and HTTP APIs answer anything."""
    resource = integrations.parse(state.resource)
    if resource.kind is not integrations.Kind.TASK or resource.pattern:
        return None
    if not resource.is_sdk and resource.service in ("http", "apigateway"):
        return None
    try:
        operation = integrations.operation_of(call.platform, resource)
    except NotImplementedYet:  # an operation of AWS's that is not here: its answer is not known either
        return None
    return operation.flaw(mock.result, is_v1=not resource.is_sdk, whole=mock.mode == "STRICT")
