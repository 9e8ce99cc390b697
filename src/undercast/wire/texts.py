"""Scalars as text: how numbers, booleans, timestamps and blobs stand in XML, forms, headers, queries and paths."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from undercast.kit.errors import SerializationException
from undercast.wire import json, timestamps, trees
from undercast.wire.shapes import Member

ReadText = Callable[[str], Any]
WriteText = Callable[[Any], str]


def reader(member: Member) -> ReadText:
    kind = member.shape.kind
    if kind in trees.INTEGERS:
        return _integer_reader(kind)
    return READ[kind]


def writer(member: Member, timestamp_format: str) -> WriteText:
    """`timestamp_format` is what the protocol says when the model says nothing."""
    kind = member.shape.kind
    if kind == "timestamp":
        chosen = member.get("timestampFormat", timestamp_format)
        if chosen == "iso8601" and timestamp_format == "iso8601-ms":
            chosen = timestamp_format
        write = timestamps.WRITERS[chosen]
        return lambda ms: str(write(ms))
    return WRITE[kind]


def _integer_reader(kind: str) -> ReadText:
    limit = trees.INTEGERS[kind]

    def read(text: str) -> int:
        try:
            number = int(text) if len(text) <= 20 else limit
        except ValueError:
            number = limit
        if not -limit <= number < limit:
            raise SerializationException(f"{text[:100]!r} is not a valid {kind}")
        return number

    return read


def _read_boolean(text: str) -> bool:
    lower = text.lower()
    if lower == "true":
        return True
    if lower == "false":
        return False
    raise SerializationException(f"{text[:100]!r} is not a valid boolean")


def _read_float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise SerializationException(f"{text[:100]!r} is not a valid number") from None


def _write_boolean(value: bool) -> str:
    return "true" if value else "false"


def _write_float(value: float) -> str:
    return str(json.write_float(value))


READ: dict[str, ReadText] = {
    "string": str,
    "boolean": _read_boolean,
    "float": _read_float,
    "double": _read_float,
    "blob": lambda text: json.read_blob("".join(text.split())),
    "timestamp": timestamps.from_text,
}
WRITE: dict[str, WriteText] = {
    "string": trees.plain_text,
    "boolean": _write_boolean,
    "integer": lambda value: str(trees.plain_integer(value)),
    "long": lambda value: str(trees.plain_integer(value)),
    "float": _write_float,
    "double": _write_float,
    "blob": json.write_blob,
}
