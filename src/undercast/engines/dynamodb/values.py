"""Attribute values: what an item may hold, its size, and how it is kept as bytes.

An item is what boto3's client takes: attribute names to values of one type each, `{"N": "1"}`; binary as bytes.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from undercast.engines.dynamodb import numbers
from undercast.engines.dynamodb.errors import Invalid, invalid_value

Value = dict[str, Any]
Item = dict[str, Value]

LARGEST_ITEM = 400 * 1024
DEEPEST = 32
SETS = {"SS": "S", "NS": "N", "BS": "B"}


def check_item(item: Mapping[str, Value]) -> tuple[Item, int]:
    """An item with its numbers in canonical form, and its size in bytes. Invalid for values that no item may hold."""
    size = 0
    checked: Item = {}
    for name, value in item.items():
        checked[name], bytes_ = check_value(value)
        size += bytes_ + (len(name) if name.isascii() else len(name.encode()))
    return checked, size


def check_value(value: Value, depth: int = 0) -> tuple[Value, int]:
    """A value in canonical form, and its size in bytes."""
    if len(value) != 1:
        raise _not_one(value)
    ((kind, content),) = value.items()
    if kind == "S":
        return value, len(content) if content.isascii() else len(content.encode())
    if kind == "N":
        text = numbers.normalize(content)
        return (value if text is content else {"N": text}), numbers.size(text)
    return _CHECKS[kind](value, content, depth)


def value_size(value: Value) -> int:
    """The size in bytes of a value that is canonical."""
    return check_value(value)[1]


def item_size(item: Mapping[str, Value]) -> int:
    """The size in bytes of an item that is canonical."""
    return sum(len(name.encode()) + value_size(value) for name, value in item.items())


def encode(item: Mapping[str, Value]) -> bytes:
    """An item as DynamoDB's JSON, as it is kept and sent."""
    return orjson.dumps(item, default=_base64)


def decode(data: bytes) -> Item:
    """The inverse of `encode`."""
    item: Item = orjson.loads(data)
    # Quotes within a text are escaped, so these bytes are there only if a binary value is.
    if b'{"B":"' in data or b'{"BS":[' in data:
        for value in item.values():
            _read_binary(value)
    return item


def _base64(value: Any) -> str:
    return b64encode(value).decode()


def _read_binary(value: Value) -> None:
    ((kind, content),) = value.items()
    if kind == "B":
        value["B"] = b64decode(content)
    elif kind == "BS":
        value["BS"] = [b64decode(one) for one in content]
    elif kind == "L":
        for one in content:
            _read_binary(one)
    elif kind == "M":
        for one in content.values():
            _read_binary(one)


# --- what each type may hold ---


def _not_one(value: Value) -> Invalid:
    # dynamodb says "has more than one datatypes set", grammar and all
    return Invalid(
        "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"
        if value
        else "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
    )


def _binary(value: Value, content: bytes, _depth: int) -> tuple[Value, int]:
    return value, len(content)


def _boolean(value: Value, _content: bool, _depth: int) -> tuple[Value, int]:
    return value, 1


def _null(value: Value, content: bool, _depth: int) -> tuple[Value, int]:
    if not content:
        raise invalid_value("Null attribute value types must have the value of true")
    return value, 1


def _strings(value: Value, content: list[str], _depth: int) -> tuple[Value, int]:
    if not content:
        raise invalid_value("An string set  may not be empty")
    if len(set(content)) < len(content):
        raise invalid_value(f"Input collection [{', '.join(content)}] contains duplicates.")
    return value, sum(len(one.encode()) for one in content)


def _numbers(_value: Value, content: list[str], _depth: int) -> tuple[Value, int]:
    if not content:
        raise invalid_value("An number set  may not be empty")
    texts = [numbers.normalize(one) for one in content]
    if len(set(texts)) < len(texts):
        raise Invalid("Input collection contains duplicates")
    return {"NS": texts}, sum(map(numbers.size, texts))


def _binaries(value: Value, content: list[bytes], _depth: int) -> tuple[Value, int]:
    if not content:
        raise invalid_value("Binary sets should not be empty")
    if len(set(content)) < len(content):
        raise invalid_value(f"Input collection [{', '.join(map(_base64, content))}]of type BS contains duplicates.")
    return value, sum(map(len, content))


def _list(_value: Value, content: list[Value], depth: int) -> tuple[Value, int]:
    _check_depth(depth)
    checked = [check_value(one, depth + 1) for one in content]
    return {"L": [one for one, _ in checked]}, 3 + sum(size + 1 for _, size in checked)


def _map(_value: Value, content: dict[str, Value], depth: int) -> tuple[Value, int]:
    _check_depth(depth)
    checked = {name: check_value(one, depth + 1) for name, one in content.items()}
    size = sum(len(name.encode()) + size + 1 for name, (_, size) in checked.items())
    return {"M": {name: one for name, (one, _) in checked.items()}}, 3 + size


def _check_depth(depth: int) -> None:
    if depth >= DEEPEST - 1:
        raise Invalid("Nesting Levels have exceeded supported limits")


_CHECKS: dict[str, Callable[[Value, Any, int], tuple[Value, int]]] = {
    "B": _binary,
    "BOOL": _boolean,
    "NULL": _null,
    "SS": _strings,
    "NS": _numbers,
    "BS": _binaries,
    "L": _list,
    "M": _map,
}
