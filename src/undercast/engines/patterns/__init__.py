"""EventBridge event patterns, also the filters of Lambda's event source mappings and of Pipes.

pattern = patterns.compile('{"source": ["orders"], "detail": {"total": [{"numeric": [">", 100]}]}}')
pattern.matches({"source": "orders", "detail": {"total": 120}})   # True
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from undercast.engines.patterns.compiler import Alternative, Condition, Dialect, InvalidPattern, NotJson, alternatives
from undercast.engines.patterns.events import Fields, flatten, satisfies
from undercast.engines.patterns.index import Index
from undercast.engines.patterns.leaves import (
    AnythingBut,
    Cidr,
    Exact,
    Exists,
    IgnoreCase,
    Leaf,
    Numeric,
    Prefix,
    Suffix,
    Wildcard,
)

__all__ = [
    "Alternative", "AnythingBut", "Cidr", "Condition", "Dialect", "Exact", "Exists", "Fields", "IgnoreCase",
    "Index", "InvalidPattern", "Leaf", "NotJson", "Numeric", "Pattern", "Prefix", "Suffix", "Wildcard", "compile", "flatten",
]  # fmt: skip

EVENTBRIDGE = Dialect()


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern: any of `alternatives` (there are several only with `$or`), each all of its conditions.

    `Index` is built over the alternatives of many patterns.
    """

    alternatives: tuple[Alternative, ...]

    def matches(self, event: object) -> bool:
        """`event` is parsed JSON."""
        return self.matches_fields(flatten(event))

    def matches_fields(self, fields: Fields) -> bool:
        return any(satisfies(fields, alternative) for alternative in self.alternatives)


def compile(pattern: str | Mapping[str, object], dialect: Dialect = EVENTBRIDGE) -> Pattern:
    """Raises InvalidPattern; its message is what AWS says after `Event pattern is not valid. Reason: `."""
    return Pattern(alternatives(pattern if isinstance(pattern, str) else _as_text(pattern), dialect))


def _as_text(pattern: Mapping[str, object]) -> str:
    try:
        return json.dumps(pattern)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidPattern(str(error)) from None
