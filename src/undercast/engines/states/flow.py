"""The two steps of every state: `enter` it, and `leave` it when its work is over.

    action = enter(state, input, variables, context, moment)
    action = leave(state, input, Result(answer), attempts, variables, context, moment)

Both are pure: the same arguments give the same Action. `input` is always the state's raw input, as the state before it
gave it. `variables` are those of the scope: a branch or iteration has its own, begun from RunBranches.variables.
`context` is the context object (`$$`, `$states.context`); a task with a token needs Task.Token in it.
`attempts` counts, by retrier, how often this visit to the state was retried: RetryAt says which one to count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from undercast.engines.states import maps
from undercast.engines.states.actions import (
    Action,
    CallTask,
    Caught,
    Failed,
    Failure,
    Next,
    Outcome,
    Result,
    RetryAt,
    RunBranches,
    RunMap,
    WaitUntil,
)
from undercast.engines.states.data import Data
from undercast.engines.states.errors import StateError, runtime
from undercast.engines.states.limits import seconds, wait_until
from undercast.engines.states.machine import (
    JSONATA,
    Choice,
    Fail,
    Machine,
    Map,
    Parallel,
    Pass,
    State,
    Succeed,
    Task,
    Wait,
    Working,
)
from undercast.engines.states.payloads import json_text, too_large, too_much_stored
from undercast.engines.states.retries import catcher_for, retrier_for
from undercast.engines.states.scope import MISSING, Field, Moment, Scope

__all__ = ["Moment", "batches", "begin", "enter", "item_input", "leave", "oversized"]

Attempts = Mapping[int, int]
_Over = RetryAt | Caught | Failed


def begin(machine: Machine) -> State:
    """The state that an execution of the machine enters first."""
    return machine.states[machine.start_at]


def enter(
    state: State,
    input: Any,
    variables: Mapping[str, Any],
    context: Mapping[str, Any],
    moment: Moment,
    attempts: Attempts | None = None,
) -> Action:
    """What the state does first. After RetryAt, enter it again with its `attempts`."""
    scope = Scope(input, variables, context, moment)
    details: dict[str, Any] = {}
    try:
        return _ENTER[type(state)](state, scope, details)
    except StateError as error:
        return _failed(state, scope, error, attempts or {}, details)


def leave(
    state: State,
    input: Any,
    outcome: Outcome,
    attempts: Attempts,
    variables: Mapping[str, Any],
    context: Mapping[str, Any],
    moment: Moment,
) -> Next | RetryAt | Caught | Failed:
    """What becomes of the state, its work being over."""
    scope = Scope(input, variables, context, moment)
    details: dict[str, Any] = {}
    if isinstance(outcome, Failure):
        return _handled(state, scope, Failed(outcome.error, outcome.cause), attempts, details)
    if failure := oversized(state, outcome.value):
        return _handled(state, scope, Failed(failure.error, failure.cause), attempts, details)
    try:
        if isinstance(state, Wait):
            return _next(state, scope, state.data.effective(scope), details)
        scope.result = outcome.value
        return _next(state, scope, None, details)
    except StateError as error:
        return _failed(state, scope, error, attempts, details)


def oversized(state: State, value: Any) -> Failure | None:
    """The failure of a task whose answer is larger than what may pass between states; ask before TaskSucceeded."""
    if not isinstance(state, Working) or not too_large(value):
        return None
    name = state.resource if isinstance(state, Task) else state.name
    if name.startswith("arn:") and ":states:::" in name:
        service = name.split(":")[5:7]
        name = ":".join(service) if service[0] == "aws-sdk" else service[0]
    exceeded = _limit_exceeded(name)
    return Failure(exceeded.error, exceeded.cause)


def item_input(
    run: RunMap, index: int, item: Any, context: Mapping[str, Any], moment: Moment, source: str = "STATE_DATA"
) -> Result | Failed:
    """The input of one iteration: the item, or what ItemSelector makes of it.

    `source` is where the item comes from: "S3://bucket/key" if a reader found it.
    """
    scope = Scope(run.input, run.outer, maps.item_context(run, context, index, item, source), moment)
    try:
        return Result(maps.selected(run, scope, item))
    except StateError as error:
        return Failed(error.error, _cause(run.state, scope, error), error.location)


batches = maps.batches


def _pass(state: Pass, scope: Scope, details: dict[str, Any]) -> Action:
    if state.result is not None:
        scope.result = details["result"] = state.result.of(scope, scope.input)
    else:
        result = state.data.begin(scope, details)
        if state.language == "JSONPath":
            scope.result = result
    return _next(state, scope, scope.input, details)


def _succeed(state: Succeed, scope: Scope, details: dict[str, Any]) -> Action:
    return _next(state, scope, state.data.begin(scope, details), details)


def _choice(state: Choice, scope: Scope, details: dict[str, Any]) -> Action:
    root = state.data.begin(scope, details)
    for rule in state.rules:
        if rule.condition.holds(scope, root):
            return _next(state, scope, root, details, data=rule.data, to=rule.next)
    if state.default is None:
        cause = "Failed to transition out of the state. The state does not point to a next state."
        raise StateError("States.NoChoiceMatched", cause)
    return _next(state, scope, root, details, to=state.default)


def _fail(state: Fail, scope: Scope, details: dict[str, Any]) -> Action:
    details["afterInputPath"] = scope.input
    error, cause = _text("Error", state.error, scope), _text("Cause", state.cause, scope)
    return Failed(error, cause, details=details)


def _text(name: str, field: Field | None, scope: Scope) -> str | None:
    value = None if field is None else field.of(scope, scope.input)
    if value is None or isinstance(value, str):
        return value
    raise runtime(f"The {name}Path parameter does not reference a string: {json_text(value)}")


def _wait(state: Wait, scope: Scope, details: dict[str, Any]) -> Action:
    value = state.until.of(scope, state.data.begin(scope, details))
    return WaitUntil(wait_until(state, value, scope.moment.now_ms), details)


def _task(state: Task, scope: Scope, details: dict[str, Any]) -> Action:
    arguments = state.data.begin(scope, details)
    root = state.data.effective(scope)
    credentials = None if state.credentials is None else state.credentials.of(scope, root)
    timeout = seconds(state, "TimeoutSeconds", state.timeout, scope, root)
    heartbeat = seconds(state, "HeartbeatSeconds", state.heartbeat, scope, root)
    return CallTask(state.resource, arguments, timeout, heartbeat, credentials, details)


def _parallel(state: Parallel, scope: Scope, details: dict[str, Any]) -> Action:
    arguments = state.data.begin(scope, details)
    return RunBranches(tuple((branch, arguments) for branch in state.branches), dict(scope.variables), details)


_ENTER: dict[type[State], Callable[[Any, Scope, dict[str, Any]], Action]] = {
    Pass: _pass,
    Succeed: _succeed,
    Fail: _fail,
    Choice: _choice,
    Wait: _wait,
    Task: _task,
    Parallel: _parallel,
    Map: maps.run,
}


def _next(
    state: State, scope: Scope, root: Any, details: dict[str, Any], data: Data | None = None, to: str | None = None
) -> Next:
    output = (data or state.data).end(scope, root, details)
    if output is not scope.input and too_large(output):
        raise _limit_exceeded(state.name)
    return Next(output, _variables(state, scope), to or state.next, scope.assigned, details)


def _variables(state: State, scope: Scope) -> dict[str, Any]:
    """All of the scope, with what the state assigned. Raises StateError."""
    variables = {**scope.variables, **scope.assigned}
    if scope.assigned and (too_large(scope.assigned) or too_much_stored(variables)):
        raise _limit_exceeded(state.name)
    return variables


def _limit_exceeded(name: str) -> StateError:
    cause = (
        f"The state/task '{name}' returned a result with a size exceeding the maximum number of bytes service limit."
    )
    return StateError("States.DataLimitExceeded", cause)


def _failed(state: State, scope: Scope, error: StateError, attempts: Attempts, details: dict[str, Any]) -> _Over:
    """A field of the state could not be evaluated: AWS says where."""
    evaluation = error.location if error.error == "States.QueryEvaluationError" else None
    failed = Failed(error.error, _cause(state, scope, error), evaluation, error.map_length, details)
    return _handled(state, scope, failed, attempts, details)


def _cause(state: State, scope: Scope, error: StateError) -> str:
    event = scope.moment.entered_event
    return (
        f"An error occurred while executing the state '{state.name}' (entered at the event id #{event}). {error.cause}"
    )


def _handled(
    state: State, scope: Scope, failed: Failed, attempts: Attempts, details: dict[str, Any]
) -> RetryAt | Caught | Failed:
    """The failure, unless a retrier or catcher of the state takes it."""
    if not isinstance(state, Working):
        return failed
    error = failed.error or ""
    retrier = retrier_for(state.retriers, error, attempts)
    if retrier is not None:
        delay_s = state.retriers[retrier].delay_s(attempts.get(retrier, 0), scope.moment)
        at_ms = scope.moment.now_ms + round(delay_s * 1000)
        return RetryAt(at_ms, retrier, error, failed.cause, delay_s, failed.evaluation, failed.map_length)
    catcher = catcher_for(state.catchers, error)
    if catcher is None:
        return failed
    try:
        return _caught(state, catcher, scope, failed)
    except StateError as problem:
        return Failed(problem.error, _cause(state, scope, problem), problem.location, failed.map_length, details)


def _caught(state: Working, index: int, scope: Scope, failed: Failed) -> Caught:
    catcher = state.catchers[index]
    scope.result = MISSING
    unsaid = "" if failed.error is not None else None  # recorded: a worker may name neither, a timeout has no cause
    scope.error = {"Error": failed.error, "Cause": unsaid if failed.cause is None else failed.cause}
    scope.assigned = {} if catcher.assign is None else catcher.assign.of(scope, scope.error)
    if catcher.output is not None:
        output = catcher.output.of(scope, None)
    elif state.language == JSONATA:
        output = scope.error
    else:
        output = scope.input if catcher.result_path is None else catcher.result_path.put(scope.input, scope.error)
    return Caught(
        output,
        _variables(state, scope),
        catcher.next,
        failed.error or "",
        failed.cause,
        index,
        scope.assigned,
        failed.evaluation,
        failed.map_length,
        failed.details,
    )
