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
from undercast.engines.states.errors import StateError, runtime
from undercast.engines.states.machine import Choice, Fail, Machine, Map, Parallel, Pass, State, Succeed, Task, Wait, Working
from undercast.engines.states.numbers import seconds
from undercast.engines.states.payloads import too_large
from undercast.engines.states.retries import catcher_for, retrier_for
from undercast.engines.states.scope import Moment, Scope
from undercast.engines.states.times import wait_until

__all__ = ["Moment", "batches", "begin", "enter", "item_input", "leave", "oversized"]

Attempts = Mapping[int, int]


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
        name = name.split(":")[5]
    cause = f"The state/task '{name}' returned a result with a size exceeding the maximum number of bytes service limit."
    return Failure("States.DataLimitExceeded", cause)


def item_input(
    run: RunMap, index: int, item: Any, context: Mapping[str, Any], moment: Moment
) -> Result | Failed:
    """The input of one iteration: the item, or what ItemSelector makes of it."""
    scope = Scope(run.input, run.variables, maps.item_context(context, index, item), moment)
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
            return _chosen(state, rule.next, _with_rule(state, rule), scope, root, details)
    if state.default is None:
        cause = "Failed to transition out of the state. The state does not point to a next state."
        raise StateError("States.NoChoiceMatched", cause)
    return _chosen(state, state.default, state.data, scope, root, details)
