"""What the fields of a state can see while it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


class _Missing:
    """No value at all: not even null."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Any = _Missing()


@dataclass(frozen=True, slots=True)
class Moment:
    """All of the world that a step may use, so that the same step can be taken again exactly."""

    now_ms: int
    chance: Callable[[], float]  # in [0, 1)
    uuid: Callable[[], str]
    entered_event: int = 0  # the id of the history event …StateEntered: AWS's causes name it


@dataclass(slots=True)
class Scope:
    """The input, variables and context of one state. `result` and `error` exist after its work."""

    input: Any
    variables: Mapping[str, Any]
    context: Mapping[str, Any]
    moment: Moment
    result: Any = MISSING
    error: Any = MISSING  # {"Error": …, "Cause": …}
    assigned: dict[str, Any] = field(default_factory=dict)

    def bindings(self) -> dict[str, Any]:
        """The variables of a JSONata expression: `$states` and those that the workflow assigned."""
        states = {"input": self.input, "context": self.context}
        if self.result is not MISSING:
            states["result"] = self.result
        if self.error is not MISSING:
            states["errorOutput"] = self.error
        return {**self.variables, "states": states}


class Field(Protocol):
    """A field of a definition, compiled: what it is worth in a scope.

    `root` is what `$` means to a JSONPath; JSONata does not look at it. Raises StateError.
    """

    def of(self, scope: Scope, root: Any) -> Any: ...


@dataclass(frozen=True, slots=True)
class Constant:
    """What the definition says literally."""

    value: Any

    def of(self, scope: Scope, root: Any) -> Any:
        return self.value
