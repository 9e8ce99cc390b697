"""What a step of a state asks for: the answers of `flow.enter` and `flow.leave`, and what they are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from undercast.engines.states.machine import Machine, Map

# How work ended, told to `leave`.


@dataclass(frozen=True, slots=True)
class Result:
    """A task's answer, the list of a Parallel's or Map's outputs, or None when a Wait is over."""

    value: Any


@dataclass(frozen=True, slots=True)
class Failure:
    """A task, branch or iteration failed."""

    error: str | None
    cause: str | None


Outcome = Result | Failure

# What to do, answered by `enter` and `leave`.


@dataclass(frozen=True, slots=True)
class Next:
    """The state is over. `state` None: so is this machine (the execution, branch or iteration), with `output`."""

    output: Any
    variables: dict[str, Any]  # all of this scope, with `assigned`
    state: str | None
    assigned: dict[str, Any] = field(default_factory=dict)  # by this state: stateExitedEventDetails.assignedVariables
    details: dict[str, Any] = field(default_factory=dict)  # by the names of TestState's inspectionData


@dataclass(frozen=True, slots=True)
class Failed:
    """The machine fails. `evaluation` is the field that a JSONata expression failed in: write EvaluationFailed first."""

    error: str | None
    cause: str | None
    evaluation: str | None = None
    map_length: int | None = None  # the Map had begun with so many items: write MapStateStarted first
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Caught:
    """A catcher took an error: the state is over, and `state` is next."""

    output: Any
    variables: dict[str, Any]
    state: str
    error: str
    cause: str | None
    catcher: int
    assigned: dict[str, Any] = field(default_factory=dict)
    evaluation: str | None = None
    map_length: int | None = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RetryAt:
    """Enter the state again, with the same input, at `at_ms`; from now on `attempts[retrier]` is one more."""

    at_ms: int
    retrier: int
    error: str
    cause: str | None
    delay_s: float
    evaluation: str | None = None
    map_length: int | None = None


@dataclass(frozen=True, slots=True)
class WaitUntil:
    """Call `leave` with Result(None) at `at_ms` (which may be past)."""

    at_ms: int
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CallTask:
    """Call `resource`, then `leave` with what came of it. Seconds are None when the definition does not say."""

    resource: str
    arguments: Any
    timeout_s: int | None = None
    heartbeat_s: int | None = None
    credentials: Any = None  # {"RoleArn": …}
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunBranches:
    """Run every branch with this input, beginning with these variables; `leave` with the list of their outputs,
    or with the first Failure."""

    branches: tuple[tuple[Machine, Any], ...]
    variables: dict[str, Any]
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reader:
    """Where a distributed Map finds its items: call `resource` with `arguments`, read what it answers by `config`."""

    resource: str
    arguments: Any
    config: dict[str, Any]  # InputType, CSVHeaderLocation, CSVHeaders, CSVDelimiter, MaxItems…: values, not paths
    max_items: int | None = None


@dataclass(frozen=True, slots=True)
class Writer:
    """Where a distributed Map puts its results."""

    resource: str | None
    arguments: Any
    config: dict[str, Any]  # Transformation, OutputType


@dataclass(frozen=True, slots=True)
class Batching:
    """How many items one child execution gets, and what besides."""

    max_items: int | None
    max_bytes: int | None
    batch_input: Any = None


@dataclass(frozen=True, slots=True)
class RunMap:
    """Run `state.processor` for every item; `leave` with the list of outputs, or what the writer answers.

    Each item is passed through `flow.item_input` (ItemSelector) and, when `batching`, the results of that through
    `flow.batches`. An iteration of an inline map sees `variables`; a child execution of a distributed one sees none.
    Iterations' context has Map.Item.Index and Map.Item.Value besides, and Map.Item.Key when `keyed`.
    """

    state: Map
    items: list[Any] | Reader
    keyed: bool  # the items are the members of an object: {"Key": …, "Value": …}
    input: Any  # what the item selector's `$` is
    variables: dict[str, Any]  # what an iteration begins with
    outer: Mapping[str, Any]  # what the item selector sees
    max_concurrency: int = 0  # 0: no limit
    tolerated_failure_count: int | None = None
    tolerated_failure_percentage: float | None = None
    batching: Batching | None = None
    writer: Writer | None = None
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def distributed(self) -> bool:
        return self.state.distributed

    def tolerates(self, failed: int, total: int) -> bool:
        """Whether the map goes on after so many failures. Past it the map fails with EXCEEDED."""
        if not failed:
            return True
        count, percentage = self.tolerated_failure_count, self.tolerated_failure_percentage
        if not count and not percentage:
            return False
        within_count = count is None or failed <= count
        return within_count and (percentage is None or failed * 100 <= percentage * max(total, 1))


EXCEEDED = Failure("States.ExceedToleratedFailureThreshold", "The specified tolerated failure threshold was exceeded")

Action = Next | Failed | Caught | RetryAt | WaitUntil | CallTask | RunBranches | RunMap
