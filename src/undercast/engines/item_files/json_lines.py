"""Lines of DynamoDB JSON: `{"Item":{"id":{"S":"a"}}}`."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from undercast.engines.dynamodb.values import Item, decode, encode
from undercast.engines.item_files.errors import Unreadable

_TYPES: dict[str, Any] = {
    "S": str, "N": str, "B": str, "BOOL": bool, "NULL": bool, "SS": list, "NS": list, "BS": list, "L": list, "M": dict,
}  # fmt: skip
_MEMBERS = {"SS", "NS", "BS"}


def write(entry: Mapping[str, Item]) -> bytes:
    """One line, without its end."""
    parts = (orjson.dumps(name) + b":" + encode(item) for name, item in entry.items())
    return b"{" + b",".join(parts) + b"}"


def read(line: str) -> Item:
    """The item of a line. Unreadable."""
    try:
        read = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise Unreadable(f"The line is no JSON: {error}") from error
    item = read.get("Item") if isinstance(read, dict) else None
    if not isinstance(item, dict):
        raise Unreadable("The line has no Item")
    for value in item.values():
        _check(value)
    return decode(orjson.dumps(item))


def _check(value: Any) -> None:
    if not isinstance(value, dict) or len(value) != 1:
        raise Unreadable("An attribute value has exactly one type")
    kind: Any = next(iter(value))
    content: Any = value[kind]
    is_of_type = isinstance(content, _TYPES.get(kind, ()))
    if not is_of_type:
        raise Unreadable(f"An attribute value is not of its type: {kind}")
    if kind in _MEMBERS and not all(isinstance(one, str) for one in content):
        raise Unreadable(f"A set holds what is no text: {kind}")
    if kind in ("B", "BS"):
        _check_binary([content] if kind == "B" else content)
    inner: Iterable[Any] = content if kind == "L" else content.values() if kind == "M" else ()
    for one in inner:
        _check(one)


def _check_binary(texts: Iterable[str]) -> None:
    try:
        for text in texts:
            b64decode(text, validate=True)
    except ValueError as error:
        raise Unreadable("A binary value is no base64") from error
