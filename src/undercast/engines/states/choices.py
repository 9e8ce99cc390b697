"""The rules of a Choice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from undercast.engines.states.data import Data
from undercast.engines.states.scope import Scope


class Condition(Protocol):
    def holds(self, scope: Scope, root: Any) -> bool:
        """Raises StateError."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`Next` if the condition holds; `data` has the Assign and Output of the rule."""

    condition: Condition
    next: str
    data: Data
