"""The rules of a Choice."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from undercast.engines.jsonpath import JsonPathError
from undercast.engines.patterns.leaves import like
from undercast.engines.states.data import Data
from undercast.engines.states.errors import runtime
from undercast.engines.states.paths import StatePath
from undercast.engines.states.payloads import is_number
from undercast.engines.states.scope import Field, Scope
from undercast.engines.states.times import timestamp_ns


class Condition(Protocol):
    def holds(self, scope: Scope, root: Any) -> bool:
        """Raises StateError."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`Next` if the condition holds; `data` has the Assign and Output of the rule."""

    condition: Condition
    next: str
    data: Data


@dataclass(frozen=True, slots=True)
class Expressed:
    """JSONata's Condition."""

    condition: Field

    def holds(self, scope: Scope, root: Any) -> bool:
        return bool(self.condition.of(scope, root))


@dataclass(frozen=True, slots=True)
class Not:
    inner: Condition

    def holds(self, scope: Scope, root: Any) -> bool:
        return not self.inner.holds(scope, root)


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple[Condition, ...]

    def holds(self, scope: Scope, root: Any) -> bool:
        return all(part.holds(scope, root) for part in self.parts)


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Condition, ...]

    def holds(self, scope: Scope, root: Any) -> bool:
        return any(part.holds(scope, root) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Comparison:
    """`Variable` against a literal or, for `…Path`, another path."""

    variable: StatePath
    compare: Callable[[Any, Any], bool]
    operand: Any  # a literal, or a StatePath

    def holds(self, scope: Scope, root: Any) -> bool:
        left = _value(self.variable, scope, root)
        right = _value(self.operand, scope, root) if isinstance(self.operand, StatePath) else self.operand
        return self.compare(left, right)


@dataclass(frozen=True, slots=True)
class Present:
    """IsPresent: whether the path leads anywhere."""

    variable: StatePath
    expected: bool

    def holds(self, scope: Scope, root: Any) -> bool:
        try:
            found = self.variable.find(scope, root)
        except JsonPathError:
            return not self.expected
        return (self.variable.path.definite or found != []) is self.expected


def _value(path: StatePath, scope: Scope, root: Any) -> Any:
    try:
        return path.find(scope, root)
    except JsonPathError:
        text = f"Invalid path '{path.text}': The choice state's condition path references an invalid value."
        raise runtime(text) from None


def _typed(kind: Callable[[Any], Any], compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """Values of another type than the operator's do not match; they are no error."""

    def typed(left: Any, right: Any) -> bool:
        one, other = kind(left), kind(right)
        return one is not None and other is not None and compare(one, other)

    return typed


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: Any) -> int | float | None:
    return value if is_number(value) else None


def _boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


_KINDS: dict[str, Callable[[Any], Any]] = {
    "String": _string,
    "Numeric": _number,
    "Timestamp": timestamp_ns,
}
_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "GreaterThan": operator.gt,
    "LessThanEquals": operator.le,
    "GreaterThanEquals": operator.ge,
}
_TESTS: dict[str, Callable[[Any], bool]] = {
    "IsNull": lambda value: value is None,
    "IsString": lambda value: isinstance(value, str),
    "IsNumeric": is_number,
    "IsBoolean": lambda value: isinstance(value, bool),
    "IsTimestamp": lambda value: timestamp_ns(value) is not None,
}


def _tested(test: Callable[[Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda value, expected: test(value) is expected


def string_matches(text: Any, pattern: Any) -> bool:
    """StringMatches: `*` is any run of characters, `\\*` the star itself, `\\\\` a backslash. Linear in both."""
    if not isinstance(text, str) or not isinstance(pattern, str):
        return False
    return like(text, tuple(_wildcards(pattern)))


def _wildcards(pattern: str) -> list[str]:
    """The literal texts between the stars."""
    parts, at = [""], 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\" and at + 1 < len(pattern):
            at += 1
            parts[-1] += pattern[at]
        elif char == "*":
            parts.append("")
        else:
            parts[-1] += char
        at += 1
    return parts


OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    **{
        f"{kind}{order}": _typed(convert, compare)
        for kind, convert in _KINDS.items()
        for order, compare in _ORDERS.items()
    },
    "BooleanEquals": _typed(_boolean, operator.eq),
    "StringMatches": string_matches,
    **{name: _tested(test) for name, test in _TESTS.items()},
}
"""Every comparison but IsPresent. All that compare with a value, StringMatches apart, have a `…Path` form too."""
