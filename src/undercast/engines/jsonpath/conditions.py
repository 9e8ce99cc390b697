"""How the conditions of a filter compare values: Jayway's rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from undercast.engines.jsonpath.budget import Budget
from undercast.engines.regexes import Regex

_Operator = Callable[[Any, Any, Budget], bool]
_MAX_NUMBER_CHARS = 1000


class Missing:
    """What a path in a condition gives when it leads to nothing; equal to nothing, not even null."""


MISSING = Missing()


def holds(operator: str, left: object, right: object, budget: Budget) -> bool:
    """Raises JsonPathError when the budget is used up."""
    budget.spend(1)
    if isinstance(left, Missing) or isinstance(right, Missing):
        return operator in ("!=", "nin", "noneof") and not (isinstance(left, Missing) and isinstance(right, Missing))
    return _OPERATORS[operator](left, right, budget)


def equal(left: Any, right: Any, budget: Budget) -> bool:
    budget.spend(1)
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if _is_number(left) and isinstance(right, str):
        return bool(_number(right) == left)
    if isinstance(left, str) and _is_number(right):
        return bool(_number(left) == right)
    return budget.same(left, right)


def _ordered(compare: Callable[[Any, Any], bool]) -> _Operator:
    """Numbers with numbers and strings with strings have an order, nothing else."""

    def ordered(left: Any, right: Any, budget: Budget) -> bool:
        alike = (_is_number(left) and _is_number(right)) or (isinstance(left, str) and isinstance(right, str))
        return alike and compare(left, right)

    return ordered


def _in(left: Any, right: Any, budget: Budget) -> bool:
    return isinstance(right, list) and any(equal(left, one, budget) for one in right)


def _all_in(left: Any, right: Any, budget: Budget) -> bool:
    return isinstance(left, list) and isinstance(right, list) and all(_in(one, right, budget) for one in left)


def _any_in(left: Any, right: Any, budget: Budget) -> bool:
    return isinstance(left, list) and isinstance(right, list) and any(_in(one, right, budget) for one in left)


def _contains(left: Any, right: Any, budget: Budget) -> bool:
    if not isinstance(left, str):
        return _in(right, left, budget)
    budget.spend(len(left) >> 8)
    return isinstance(right, str) and right in left


def _size(left: Any, right: Any, budget: Budget) -> bool:
    return isinstance(left, list | str) and _is_number(right) and len(left) == right


def _empty(left: Any, right: Any, budget: Budget) -> bool:
    return isinstance(left, list | str | dict) and (not left) is right


def _like(left: Any, right: Any, budget: Budget) -> bool:
    return isinstance(left, str) and isinstance(right, Regex) and budget.matches(right, left)


_OPERATORS: dict[str, _Operator] = {
    "==": equal,
    "!=": lambda left, right, budget: not equal(left, right, budget),
    "<": _ordered(lambda left, right: left < right),
    "<=": _ordered(lambda left, right: left <= right),
    ">": _ordered(lambda left, right: left > right),
    ">=": _ordered(lambda left, right: left >= right),
    "=~": _like,
    "in": _in,
    "nin": lambda left, right, budget: not _in(left, right, budget),
    "subsetof": _all_in,
    "anyof": _any_in,
    "noneof": lambda left, right, budget: not _any_in(left, right, budget),
    "contains": _contains,
    "size": _size,
    "empty": _empty,
}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(text: str) -> float | None:
    try:
        return float(text) if len(text) <= _MAX_NUMBER_CHARS else None
    except ValueError:
        return None
