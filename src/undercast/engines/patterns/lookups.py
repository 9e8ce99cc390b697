"""What the patterns of an index ask of one field, kept so that a value finds those that may want it."""

from __future__ import annotations

import ipaddress
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Hashable

from undercast.engines.patterns.leaves import (
    Cidr,
    Exact,
    IgnoreCase,
    Leaf,
    Number,
    Numeric,
    Prefix,
    Suffix,
    Wildcard,
    is_number,
)

_BOOLEANS: dict[bool, Hashable] = {True: ("boolean", True), False: ("boolean", False)}  # in Python True is 1
_INFINITY = float("inf")


def filed_under(leaf: Leaf) -> Hashable:
    """The key of a leaf: leaves of one key are found by the same values."""
    if isinstance(leaf, Exact):
        return ("exact", _key(leaf.value))
    if isinstance(leaf, IgnoreCase):
        return ("ignore case", leaf.text.lower())
    start, end = _ends(leaf)
    if start or end:
        return ("start", start) if start else ("end", end)
    if isinstance(leaf, Numeric | Cidr):
        return leaf
    return "any"


class Lookup:
    """The alternatives of an index that are filed under one field."""

    def __init__(self) -> None:
        self._exact: dict[Hashable, list[int]] = defaultdict(list)
        self._lower: dict[str, list[int]] = defaultdict(list)
        self._starts = _Affixes()
        self._ends = _Affixes(from_end=True)
        self._ranges: list[tuple[Number, Number, int]] = []
        self._tree: _Ranges | None = None
        self._networks: dict[tuple[int, int], dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        self._any: list[int] = []

    def add(self, leaf: Leaf, number: int) -> None:
        """File an alternative under a leaf."""
        start, end = _ends(leaf)
        if isinstance(leaf, Exact):
            self._exact[_key(leaf.value)].append(number)
        elif isinstance(leaf, IgnoreCase):
            self._lower[leaf.text.lower()].append(number)
        elif isinstance(leaf, Numeric):
            low = -_INFINITY if leaf.low is None else leaf.low
            self._ranges.append((low, _INFINITY if leaf.high is None else leaf.high, number))
        elif isinstance(leaf, Cidr):
            network = leaf.network
            shift = network.max_prefixlen - network.prefixlen
            self._networks[network.version, shift][int(network.network_address) >> shift].append(number)
        elif start or end:
            (self._starts if start else self._ends).add(start or end, number)
        else:
            self._any.append(number)

    def finish(self) -> None:
        """Once everything is filed."""
        self._tree = _Ranges.of(self._ranges)

    def find(self, value: object, into: set[int]) -> None:
        """Add the alternatives that may want a value of the field."""
        into.update(self._any)
        into.update(self._exact.get(_key(value), ()))
        if isinstance(value, str):
            self._find_text(value, into)
        elif self._tree and is_number(value):
            self._tree.find(value, into)  # type: ignore[arg-type]

    def _find_text(self, value: str, into: set[int]) -> None:
        if self._lower:
            into.update(self._lower.get(value.lower(), ()))
        self._starts.find(value, into)
        self._ends.find(value, into)
        if self._networks and value[:1] in "0123456789abcdefABCDEF:":
            try:
                address = ipaddress.ip_address(value)
            except ValueError:
                return
            for (version, shift), found in self._networks.items():
                if version == address.version:
                    into.update(found.get(int(address) >> shift, ()))


class _Affixes:
    """Starts (or ends) of texts, by length, without regard to case: who minds it is asked again anyway."""

    def __init__(self, *, from_end: bool = False) -> None:
        self._from_end = from_end
        self._by_length: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))

    def add(self, text: str, number: int) -> None:
        self._by_length[len(text)][text].append(number)

    def find(self, value: str, into: set[int]) -> None:
        if not self._by_length:
            return
        folded = _folded(value)
        for length, found in self._by_length.items():
            if length <= len(folded):
                into.update(found.get(folded[-length:] if self._from_end else folded[:length], ()))


class _Ranges:
    """Which ranges hold a number: a tree, each of whose nodes keeps the ranges that hold its middle."""

    def __init__(self, ranges: list[tuple[Number, Number, int]]) -> None:
        bounds = sorted(bound for low, high, _ in ranges for bound in (low, high) if abs(bound) != _INFINITY)
        self._middle = middle = bounds[len(bounds) // 2] if bounds else 0
        here = [one for one in ranges if one[0] <= middle <= one[1]]
        by_low, by_high = sorted(here), sorted(here, key=lambda one: one[1])
        self._lows, self._low_numbers = [one[0] for one in by_low], [one[2] for one in by_low]
        self._highs, self._high_numbers = [one[1] for one in by_high], [one[2] for one in by_high]
        self._below = self.of([one for one in ranges if one[1] < middle])
        self._above = self.of([one for one in ranges if one[0] > middle])

    @classmethod
    def of(cls, ranges: list[tuple[Number, Number, int]]) -> _Ranges | None:
        return cls(ranges) if ranges else None

    def find(self, value: Number, into: set[int]) -> None:
        node: _Ranges | None = self
        while node:
            if value <= node._middle:
                into.update(node._low_numbers[: bisect_right(node._lows, value)])
                node = node._below
            else:
                into.update(node._high_numbers[bisect_left(node._highs, value) :])
                node = node._above


def _ends(leaf: Leaf) -> tuple[str, str]:
    """The text that a value must begin with and the one it must end with, whatever the case."""
    if isinstance(leaf, Prefix):
        return _folded(leaf.text), ""
    if isinstance(leaf, Suffix):
        return "", _folded(leaf.text)
    if isinstance(leaf, Wildcard):
        return _folded(leaf.parts[0]), _folded(leaf.parts[-1])
    return "", ""


def _folded(text: str) -> str:
    return text.lower().casefold()  # lower() alone makes a sigma at the end another letter than one inside


def _key(value: object) -> Hashable:
    return _BOOLEANS[value] if isinstance(value, bool) else value
