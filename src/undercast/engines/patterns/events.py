"""An event as an event pattern sees it: its leaves by dotted path, each with the array elements it lies in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import NamedTuple

from undercast.engines.patterns.compiler import Alternative, Condition
from undercast.engines.patterns.leaves import Exists

Steps = tuple[tuple[int, int], ...]  # (which array, which element), from the outside in


class Field(NamedTuple):
    value: object
    steps: Steps


Fields = Mapping[str, Sequence[Field]]


def flatten(event: object, wanted: Container[str] | None = None) -> Fields:
    """The leaves of `event` by the keys that lead to them, joined by dots. An empty list or object has no leaf.

    `wanted` are the paths that matter, with all their beginnings; None for all.
    """
    fields: dict[str, list[Field]] = defaultdict(list)
    waiting: list[tuple[str, object, Steps]] = [("", event, ())]
    arrays = 0
    while waiting:  # not recursive: an event may be nested as deep as its author likes
        path, value, steps = waiting.pop()
        if isinstance(value, dict):
            before = path + "." if path else ""
            waiting += [
                (before + key, inner, steps) for key, inner in value.items() if wanted is None or before + key in wanted
            ]
        elif isinstance(value, list):
            arrays += 1
            waiting += [
                (path, inner, (*steps, (arrays, at)) if _nests(inner) else steps) for at, inner in enumerate(value)
            ]
        else:
            fields[path].append(Field(value, steps))
    return fields


def satisfies(fields: Fields, wanted: Alternative) -> bool:
    """Does every condition find a leaf, all of them in the same elements of the arrays that they share?

    So a pattern over `orders.id` and `orders.state` wants one order that has both.
    """
    found: list[list[Steps]] = []
    for condition in wanted:
        candidates = list(_candidates(fields, condition))
        if not candidates:
            return False
        if () not in candidates:
            found.append(candidates)
    return not found or _consistent(found, 0)


def _candidates(fields: Fields, condition: Condition) -> Iterator[Steps]:
    there = fields.get(condition.path)
    if there is None:
        if any(isinstance(leaf, Exists) and not leaf.present for leaf in condition.leaves):
            yield ()
        return
    for value, steps in there:
        if any(leaf.matches(value) for leaf in condition.leaves if not (isinstance(leaf, Exists) and not leaf.present)):
            yield steps


def _consistent(found: list[list[Steps]], depth: int) -> bool:
    """Is there one element per array such that each condition keeps a candidate? Arrays side by side are independent.

    Dotted keys can lead one path into two arrays; then the first array that holds a candidate is the one.
    """
    by_array: dict[int, list[list[Steps]]] = defaultdict(list)
    for candidates in found:
        if not any(len(steps) == depth for steps in candidates):
            by_array[candidates[0][depth][0]].append(candidates)
    return all(_one_element(array, group, depth) for array, group in by_array.items())


def _one_element(array: int, group: list[list[Steps]], depth: int) -> bool:
    by_element = [_by_element(array, candidates, depth) for candidates in group]
    shared = set.intersection(*(set(elements) for elements in by_element))
    return any(_consistent([elements[at] for elements in by_element], depth + 1) for at in shared)


def _by_element(array: int, candidates: list[Steps], depth: int) -> dict[int, list[Steps]]:
    elements: dict[int, list[Steps]] = defaultdict(list)
    for steps in candidates:
        if steps[depth][0] == array:
            elements[steps[depth][1]].append(steps)
    return elements


def _nests(value: object) -> bool:
    return isinstance(value, dict | list)
