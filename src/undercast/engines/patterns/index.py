"""An index over many patterns: which of ten thousand match an event, without trying them all.

Each alternative of a pattern is filed under one condition that it needs, the one that the fewest others share. An event
looks up its own values; only what is found there is tried in full.

    index = Index([(patterns.compile('{"source": ["orders"]}'), "rule 1"), ...])
    index.matching({"source": "orders"})      # ["rule 1"], in the order they were given
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING, Generic, TypeVar

from undercast.engines.patterns.compiler import Alternative, Condition
from undercast.engines.patterns.events import flatten, satisfies
from undercast.engines.patterns.leaves import Exact, Exists
from undercast.engines.patterns.lookups import Lookup, filed_under

if TYPE_CHECKING:
    from undercast.engines.patterns import Pattern

T = TypeVar("T")


class Index(Generic[T]):
    """Patterns with what belongs to each."""

    def __init__(self, entries: Iterable[tuple[Pattern, T]]) -> None:
        filed = list(entries)
        self._items = [item for _, item in filed]
        self._alternatives: list[tuple[int, Alternative]] = [
            (number, alternative) for number, (pattern, _) in enumerate(filed) for alternative in pattern.alternatives
        ]
        self._lookups: dict[str, Lookup] = {}
        self._always: list[int] = []  # alternatives that need nothing of the event
        self._wanted = _beginnings({one.path for _, alternative in self._alternatives for one in alternative})
        shared = _shared(self._alternatives)
        for number, (_, alternative) in enumerate(self._alternatives):
            self._file(number, alternative, shared)
        for lookup in self._lookups.values():
            lookup.finish()

    def matching(self, event: object) -> list[T]:
        """What belongs to the patterns that match `event` (parsed JSON)."""
        if not self._items:
            return []
        fields = flatten(event, self._wanted)
        candidates = set(self._always)
        for path, lookup in self._lookups.items():
            for value, _ in fields.get(path, ()):
                lookup.find(value, candidates)
        found: set[int] = set()
        for number in candidates:
            item, alternative = self._alternatives[number]
            if item not in found and satisfies(fields, alternative):
                found.add(item)
        return [self._items[item] for item in sorted(found)]

    def _file(self, number: int, alternative: Alternative, shared: Counter[Hashable]) -> None:
        best = min(alternative, key=lambda condition: _cost(condition, shared), default=None)
        if best is None or _needs_nothing(best):
            self._always.append(number)
            return
        lookup = self._lookups.setdefault(best.path, Lookup())
        for leaf in best.leaves:
            lookup.add(leaf, number)


def _needs_nothing(condition: Condition) -> bool:
    return any(isinstance(leaf, Exists) and not leaf.present for leaf in condition.leaves)


def _beginnings(paths: Iterable[str]) -> frozenset[str]:
    """The paths, and every path on the way to them."""
    return frozenset(path[:end] for path in paths for end in (*_dots(path), len(path)))


def _dots(path: str) -> list[int]:
    return [at for at, char in enumerate(path) if char == "."]


def _shared(alternatives: list[tuple[int, Alternative]]) -> Counter[Hashable]:
    """How many alternatives ask for each value of each field."""
    return Counter(
        (condition.path, filed_under(leaf))
        for _, alternative in alternatives
        for condition in alternative
        for leaf in condition.leaves
    )


def _cost(condition: Condition, shared: Counter[Hashable]) -> tuple[int, int, bool]:
    """What is filed under a condition is tried the oftener the more alternatives share it; exact values look up best."""
    count = sum(shared[condition.path, filed_under(leaf)] for leaf in condition.leaves)
    return _needs_nothing(condition), count, not all(isinstance(leaf, Exact) for leaf in condition.leaves)
