"""The rules of a Choice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from undercast.engines.states.scope import Field, Scope


class Condition(Protocol):
    def holds(self, scope: Scope, root: Any) -> bool:
        """Raises StateError."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`Next` if the condition holds; it may assign variables and, in JSONata, make the output."""

    condition: Condition
    next: str
    assign: Field | None = None
    output: Field | None = None
