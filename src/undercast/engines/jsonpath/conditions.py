"""How the conditions of a filter compare values: Jayway's rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from undercast.engines.regexes import Regex


class Missing:
    """What a path in a condition gives when it leads to nothing; equal to nothing, not even null."""


MISSING = Missing()


def holds(operator: str, left: object, right: object) -> bool:
    if isinstance(left, Missing) or isinstance(right, Missing):
        return operator in ("!=", "nin", "noneof") and not (isinstance(left, Missing) and isinstance(right, Missing))
    return _OPERATORS[operator](left, right)


def equal(left: Any, right: Any) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if _is_number(left) and isinstance(right, str):
        return bool(_number(right) == left)
    if isinstance(left, str) and _is_number(right):
        return bool(_number(left) == right)
    return bool(left == right)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """Numbers with numbers and strings with strings have an order, nothing else."""

    def ordered(left: Any, right: Any) -> bool:
        alike = (_is_number(left) and _is_number(right)) or (isinstance(left, str) and isinstance(right, str))
        return alike and compare(left, right)

    return ordered


def _in(left: Any, right: Any) -> bool:
    return isinstance(right, list) and any(equal(left, one) for one in right)


def _all_in(left: Any, right: Any) -> bool:
    return isinstance(left, list) and isinstance(right, list) and all(_in(one, right) for one in left)


def _any_in(left: Any, right: Any) -> bool:
    return isinstance(left, list) and isinstance(right, list) and any(_in(one, right) for one in left)


def _contains(left: Any, right: Any) -> bool:
    return isinstance(right, str) and right in left if isinstance(left, str) else _in(right, left)


def _size(left: Any, right: Any) -> bool:
    return isinstance(left, list | str) and _is_number(right) and len(left) == right


def _empty(left: Any, right: Any) -> bool:
    return isinstance(left, list | str | dict) and (not left) is right


def _like(left: Any, right: Any) -> bool:
    return isinstance(left, str) and isinstance(right, Regex) and right.matches(left)


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": equal,
    "!=": lambda left, right: not equal(left, right),
    "<": _ordered(lambda left, right: left < right),
    "<=": _ordered(lambda left, right: left <= right),
    ">": _ordered(lambda left, right: left > right),
    ">=": _ordered(lambda left, right: left >= right),
    "=~": _like,
    "in": _in,
    "nin": lambda left, right: not _in(left, right),
    "subsetof": _all_in,
    "anyof": _any_in,
    "noneof": lambda left, right: not _any_in(left, right),
    "contains": _contains,
    "size": _size,
    "empty": _empty,
}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
