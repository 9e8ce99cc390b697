"""A workflow run in memory: just enough of an interpreter to see what a definition does."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from undercast.engines import states
from undercast.engines.states import actions, flow
from undercast.engines.states.scope import Moment

Work = Callable[[Any], Any]  # what a task does with its arguments; raises TaskError


class TaskError(Exception):
    def __init__(self, error: str, cause: str = "") -> None:
        super().__init__(error)
        self.failure = actions.Failure(error, cause)


@dataclass
class World:
    """The tasks there are, the time, and what happened."""

    tasks: Mapping[str, Work] = field(default_factory=dict)
    context: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)
    read: list[Any] = field(default_factory=list)  # what any ItemReader finds
    now_ms: int = 1_700_000_000_000
    steps: int = 0
    visited: list[str] = field(default_factory=list)
    assigned: dict[str, Any] = field(default_factory=dict)

    def moment(self) -> Moment:
        return Moment(self.now_ms, lambda: 0.5, lambda: "00000000-0000-4000-8000-000000000000", 2)


Ended = actions.Next | actions.Failed


def run(definition: Any, input: Any = None, world: World | None = None, **tasks: Work) -> Ended:
    """How a workflow ends: Next (its state is None) or Failed."""
    text = definition if isinstance(definition, str) else json.dumps(definition)
    world = world or World(tasks=tasks)
    return _machine(states.parse(text), {} if input is None else input, dict(world.variables), world, world.context)


def one(state: dict[str, Any], input: Any = None, world: World | None = None, **tasks: Work) -> Ended:
    """A workflow of one state, "X"."""
    if state["Type"] not in ("Succeed", "Fail"):
        state = {**state, "End": True}
    return run({"StartAt": "X", "States": {"X": state}}, input, world, **tasks)


def output(*args: Any, **kwargs: Any) -> Any:
    """What `one` gives; a failure fails the test."""
    ended = one(*args, **kwargs)
    assert isinstance(ended, actions.Next), ended
    return ended.output


def failure(*args: Any, **kwargs: Any) -> tuple[str | None, str | None]:
    ended = one(*args, **kwargs)
    assert isinstance(ended, actions.Failed), ended
    return ended.error, ended.cause


def _machine(machine: states.Machine, input: Any, variables: dict[str, Any], world: World, context: Any) -> Ended:
    state = flow.begin(machine)
    while True:
        world.visited.append(state.name)
        ended = _state(state, input, variables, world, {**context, "State": {"Name": state.name}})
        if isinstance(ended, actions.Failed):
            return ended
        world.assigned |= ended.assigned
        input, variables = ended.output, ended.variables
        if ended.state is None:
            return actions.Next(input, variables, None)
        state = machine.states[ended.state]


def _state(state: Any, input: Any, variables: dict[str, Any], world: World, context: Any) -> Any:
    attempts: dict[int, int] = {}
    while True:
        world.steps += 1
        assert world.steps < 10_000, "this workflow does not end"
        action = flow.enter(state, input, variables, context, world.moment(), attempts)
        if not isinstance(action, actions.Next | actions.Failed | actions.Caught | actions.RetryAt):
            outcome = _work(action, world, context)
            action = flow.leave(state, input, outcome, attempts, variables, context, world.moment())
        if not isinstance(action, actions.RetryAt):
            return action
        attempts[action.retrier] = attempts.get(action.retrier, 0) + 1
        world.now_ms = action.at_ms


def _work(action: Any, world: World, context: Any) -> actions.Outcome:
    if isinstance(action, actions.WaitUntil):
        world.now_ms = max(world.now_ms, action.at_ms)
        return actions.Result(None)
    if isinstance(action, actions.CallTask):
        try:
            return actions.Result(world.tasks[action.resource.rpartition(":")[2]](action.arguments))
        except TaskError as error:
            return error.failure
    if isinstance(action, actions.RunBranches):
        return _all([_machine(m, i, dict(action.variables), world, context) for m, i in action.branches])
    return _map(action, world, context)


def _map(action: actions.RunMap, world: World, context: Any) -> actions.Outcome:
    items = world.read if isinstance(action.items, actions.Reader) else action.items
    inputs = []
    for index, item in enumerate(items):
        selected = flow.item_input(action, index, item, context, world.moment())
        if isinstance(selected, actions.Failed):
            return actions.Failure(selected.error, selected.cause)
        inputs.append(selected.value)
    ends = []
    for index, given in enumerate(flow.batches(action, inputs)):
        inner = {**context, "Map": {"Item": {"Index": index, "Value": given}}}
        ends.append(_machine(action.state.processor, given, dict(action.variables), world, inner))
    failed = [end for end in ends if isinstance(end, actions.Failed)]
    if action.distributed and failed:
        if not action.tolerates(len(failed), len(ends)):
            return actions.EXCEEDED
        return actions.Result([end.output for end in ends if isinstance(end, actions.Next)])
    return _all(ends)


def _all(ends: list[Ended]) -> actions.Outcome:
    for end in ends:
        if isinstance(end, actions.Failed):
            return actions.Failure(end.error, end.cause)
    return actions.Result([end.output for end in ends if isinstance(end, actions.Next)])
