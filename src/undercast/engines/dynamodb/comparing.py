"""Comparing attribute values, and looking into items."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from undercast.engines.dynamodb.values import Value

_UNORDERED = {"SS", "NS", "BS"}
_NAMES = {
    "S": "STRING", "N": "NUMBER", "B": "BINARY", "SS": "STRING_SET", "NS": "NUMBER_SET", "BS": "BINARY_SET",
    "L": "LIST", "M": "MAP", "BOOL": "BOOLEAN", "NULL": "NULL",
}  # fmt: skip


def kind_of(value: Value) -> str:
    """The type of a value: S, N, …"""
    return next(iter(value))


def long_name(value: Value) -> str:
    """The type of a value as some messages spell it: STRING, …"""
    return _NAMES[kind_of(value)]


def equal(left: Value, right: Value) -> bool:
    """Whether two canonical values are the same; sets have no order."""
    if left == right:
        return True
    kind = kind_of(left)
    if kind != kind_of(right):
        return False
    mine, other = left[kind], right[kind]
    if kind in _UNORDERED:
        return set(mine) == set(other)
    if kind == "L":
        return len(mine) == len(other) and all(map(equal, mine, other))
    if kind == "M":
        return mine.keys() == other.keys() and all(equal(value, other[name]) for name, value in mine.items())
    return False


def order_key(value: Value) -> Any:
    """What a value of type S, N or B is sorted by, among its own type; None for other types."""
    kind = kind_of(value)
    if kind == "S":
        return value["S"].encode()
    return Decimal(value["N"]) if kind == "N" else value.get("B")


def compare(sign: str, left: Value | None, right: Value | None) -> bool:
    """The truth of a comparison; of values that cannot be compared only <> holds."""
    if sign == "=" or sign == "<>":
        return (left is not None and right is not None and equal(left, right)) == (sign == "=")
    if left is None or right is None or kind_of(left) != kind_of(right):
        return False
    mine, other = order_key(left), order_key(right)
    if mine is None:
        return False
    if sign == "<":
        return bool(mine < other)
    if sign == "<=":
        return bool(mine <= other)
    return bool(mine > other) if sign == ">" else bool(mine >= other)


def contains(whole: Value | None, part: Value | None) -> bool:
    """Whether a text or binary has a part, or a set or list an element."""
    if whole is None or part is None:
        return False
    kind, wanted = kind_of(whole), kind_of(part)
    if kind == "L":
        return any(equal(one, part) for one in whole["L"])
    if kind in ("S", "B"):
        return kind == wanted and part[kind] in whole[kind]
    return kind in _UNORDERED and kind[0] == wanted and part[wanted] in whole[kind]


def begins_with(whole: Value | None, part: Value | None) -> bool:
    """Whether a text or binary begins with a part."""
    if whole is None or part is None:
        return False
    kind = kind_of(whole)
    return kind in ("S", "B") and kind in part and bool(whole[kind].startswith(part[kind]))


def size(value: Value | None) -> Value | None:
    """What the function `size` says: None for types that have none."""
    if value is None:
        return None
    ((kind, content),) = value.items()
    return None if kind in ("N", "BOOL", "NULL") else {"N": str(len(content))}


def look_up(item: Mapping[str, Value], parts: tuple[str | int, ...]) -> Value | None:
    """The value at a document path."""
    value = item.get(parts[0])  # type: ignore[arg-type]  # a path begins with a name
    for part in parts[1:]:
        if value is None:
            return None
        if isinstance(part, str):
            value = value["M"].get(part) if "M" in value else None
        else:
            inside = value.get("L", ())
            value = inside[part] if part < len(inside) else None
    return value
