"""The steps of a path, each of which selects values out of a value."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

from undercast.engines.jsonpath.budget import Budget
from undercast.engines.jsonpath.conditions import MISSING
from undercast.engines.jsonpath.errors import JsonPathError, PathNotFound

MAX_RESULTS = 100_000


class Document:
    """What a path is followed in, and what may still be spent on that: paths within paths multiply."""

    __slots__ = ("budget", "lost_at", "root")

    def __init__(self, root: object) -> None:
        self.root = root
        self.budget = Budget()
        self.lost_at = 0  # the segment at which the last definite path led nowhere


class Segment(Protocol):
    @property
    def definite(self) -> bool: ...

    def select(self, value: object, document: Document) -> Iterator[object]: ...


def walk(segments: Sequence[Segment], value: object, document: Document) -> object:
    """Follow `segments` from `value`. Once a step is indefinite the result is a list, without what is missing."""
    found = follow(segments, value, document)
    if found is MISSING:
        raise PathNotFound(f"Missing property in path ${''.join(map(str, segments[: document.lost_at + 1]))}")
    return found


def follow(segments: Sequence[Segment], value: object, document: Document) -> object:
    """The same, but MISSING where a definite path leads nowhere: conditions ask that a million times."""
    found, definite = [value], True
    for at, segment in enumerate(segments):
        if isinstance(segment, Function):
            found, definite = [segment.apply(found[0] if definite else found, document)], True
            continue
        found = list(islice((new for old in found for new in segment.select(old, document)), MAX_RESULTS + 1))
        if len(found) > MAX_RESULTS:
            raise JsonPathError("the path finds too many values")
        document.budget.spend(1 + len(found))
        definite = definite and segment.definite
        if definite and not found:
            document.lost_at = at
            return MISSING
    return found[0] if definite else found


@dataclass(frozen=True, slots=True)
class Names:
    """`.name`, `['name']`, or `['a', 'b']`, which makes an object of these members."""

    names: tuple[str, ...]

    @property
    def definite(self) -> bool:
        return True

    def select(self, value: object, document: Document) -> Iterator[object]:
        if not isinstance(value, dict):
            return
        if len(self.names) > 1:
            document.budget.spend(len(self.names))
            yield {name: value[name] for name in self.names if name in value}
        elif self.names[0] in value:
            yield value[self.names[0]]

    def __str__(self) -> str:
        return "[" + ",".join(f"'{name}'" for name in self.names) + "]"


@dataclass(frozen=True, slots=True)
class Indexes:
    """`[0]`, `[-1]` (from the end), `[0,2]`."""

    indexes: tuple[int, ...]

    @property
    def definite(self) -> bool:
        return len(self.indexes) == 1

    def select(self, value: object, document: Document) -> Iterator[object]:
        if isinstance(value, list):
            document.budget.spend(len(self.indexes))
            yield from (value[index] for index in self.indexes if -len(value) <= index < len(value))

    def __str__(self) -> str:
        return "[" + ",".join(map(str, self.indexes)) + "]"


@dataclass(frozen=True, slots=True)
class Slice:
    """`[1:3]`, `[-2:]`, `[:2]`."""

    start: int | None
    end: int | None
    definite: bool = False

    def select(self, value: object, document: Document) -> Iterator[object]:
        if isinstance(value, list):
            yield from value[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Wildcard:
    definite: bool = False

    def select(self, value: object, document: Document) -> Iterator[object]:
        yield from _children(value)


@dataclass(frozen=True, slots=True)
class Deep:
    """`..`: the next step on the value and on everything in it."""

    inner: Segment
    definite: bool = False

    def select(self, value: object, document: Document) -> Iterator[object]:
        waiting = [value]
        while waiting:  # not recursive: documents may be nested deep
            one = waiting.pop()
            document.budget.spend(1 + (len(one) >> 3 if isinstance(one, dict | list) else 0))
            yield from self.inner.select(one, document)
            waiting += reversed([child for child in _children(one) if isinstance(child, dict | list)])


@dataclass(frozen=True, slots=True)
class Filter:
    """`[?(...)]`: the elements of a list (or the object itself) for which the condition holds."""

    holds: Callable[[object, Document], bool]
    definite: bool = False

    def select(self, value: object, document: Document) -> Iterator[object]:
        candidates = value if isinstance(value, list) else [value] if isinstance(value, dict) else []
        document.budget.spend(len(candidates))
        yield from (one for one in candidates if self.holds(one, document))


@dataclass(frozen=True, slots=True)
class Function:
    """`.length()` and its like, at the end of a path; over the value, or the list that an indefinite path found."""

    name: str
    definite: bool = True

    def select(self, value: object, document: Document) -> Iterator[object]:
        yield self.apply(value, document)

    def apply(self, value: Any, document: Document) -> object:
        if self.name in ("length", "size"):
            return len(value) if isinstance(value, list | dict) else None
        document.budget.spend(len(value) if isinstance(value, list | dict) else 1)
        if self.name == "keys":
            return list(value) if isinstance(value, dict) else None
        if self.name in ("first", "last"):
            if not isinstance(value, list) or not value:
                raise PathNotFound(f"{self.name}() of an empty array")
            return value[0 if self.name == "first" else -1]
        return _aggregate(self.name, value)


FUNCTIONS = ("length", "size", "keys", "first", "last", "min", "max", "avg", "sum", "stddev")


def _aggregate(name: str, value: object) -> object:
    numbers: list[int | float] = [n for n in value if _is_number(n)] if isinstance(value, list) else []
    if not numbers:
        raise JsonPathError("Aggregation function attempted to calculate value using empty array")
    compute: dict[str, Callable[[list[int | float]], float]] = {
        "min": min, "max": max, "sum": math.fsum, "avg": statistics.fmean, "stddev": statistics.pstdev,
    }  # fmt: skip
    try:
        return float(compute[name](numbers))
    except (OverflowError, ValueError) as error:
        raise JsonPathError(str(error)) from None


def _children(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
