"""The condition operators of policies, and when a Condition block holds."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from undercast.engines.policies.matching import Context, fits, literal, pattern
from undercast.engines.policies.model import Condition

Variables = Context | None
_Test = Callable[[str, str, Variables], bool]  # wanted (from the policy), found (in the request)


def holds(condition: Condition, context: Context, variables: Variables) -> bool:
    """`context` has its keys in lower case; `variables` is the context too, or None where the policy has none."""
    found = context.get(condition.key.lower())
    if condition.operator == "Null":
        absent = found is None
        return any(value.lower() == ("true" if absent else "false") for value in condition.values)
    negated = condition.operator in _NEGATED
    if found is None:
        return condition.if_exists or condition.quantifier == "ForAllValues" or (negated and not condition.quantifier)
    values: Sequence[str] = [found] if isinstance(found, str) else list(found)
    test = _TESTS[_NEGATED.get(condition.operator, condition.operator)]

    def one(value: str) -> bool:
        return any(test(wanted, value, variables) for wanted in condition.values) is not negated

    if condition.quantifier == "ForAllValues":
        return all(one(value) for value in values)
    if negated and not condition.quantifier:
        return all(one(value) for value in values)
    return any(one(value) for value in values)


def _equals(wanted: str, found: str, variables: Variables) -> bool:
    return literal(wanted, variables) == found


def _equals_ignore_case(wanted: str, found: str, variables: Variables) -> bool:
    text = literal(wanted, variables)
    return text is not None and text.lower() == found.lower()


def _like(wanted: str, found: str, variables: Variables) -> bool:
    parts = pattern(wanted, variables)
    return parts is not None and fits(parts, found)


def _arn_like(wanted: str, found: str, variables: Variables) -> bool:
    """Part by part: a star does not reach over a colon, except in the last of the six parts."""
    ours, theirs = wanted.split(":", 5), found.split(":", 5)
    return len(ours) == len(theirs) and all(
        _like(our, their, variables) for our, their in zip(ours, theirs, strict=True)
    )


def _bool(wanted: str, found: str, variables: Variables) -> bool:
    return wanted.lower() == found.lower() and wanted.lower() in ("true", "false")


def _ip(wanted: str, found: str, variables: Variables) -> bool:
    try:
        return ipaddress.ip_address(found) in ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return False


def _numeric(compare: Callable[[float, float], bool]) -> _Test:
    def test(wanted: str, found: str, variables: Variables) -> bool:
        ours, theirs = _number(wanted), _number(found)
        return ours is not None and theirs is not None and compare(theirs, ours)

    return test


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _date(compare: Callable[[float, float], bool]) -> _Test:
    def test(wanted: str, found: str, variables: Variables) -> bool:
        ours, theirs = _instant(wanted), _instant(found)
        return ours is not None and theirs is not None and compare(theirs, ours)

    return test


def _instant(text: str) -> float | None:
    """Seconds since the epoch, from ISO 8601 or such seconds."""
    number = _number(text)
    if number is not None:
        return number
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() if moment.year > 1 else None


_ORDERS: dict[str, Callable[[float, float], bool]] = {
    "Equals": lambda found, wanted: found == wanted,
    "LessThan": lambda found, wanted: found < wanted,
    "LessThanEquals": lambda found, wanted: found <= wanted,
    "GreaterThan": lambda found, wanted: found > wanted,
    "GreaterThanEquals": lambda found, wanted: found >= wanted,
}

_TESTS: dict[str, _Test] = {
    "StringEquals": _equals,
    "StringEqualsIgnoreCase": _equals_ignore_case,
    "StringLike": _like,
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
    "Bool": _bool,
    "BinaryEquals": lambda wanted, found, variables: wanted == found,
    "IpAddress": _ip,
    **{"Numeric" + name: _numeric(compare) for name, compare in _ORDERS.items()},
    **{"Date" + name: _date(compare) for name, compare in _ORDERS.items()},
}

_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NotIpAddress": "IpAddress",
}

OPERATORS = {name.lower(): name for name in (*_TESTS, *_NEGATED, "Null")}
