"""Calls within the process: a boto3-shaped dict, checked and normalised without any bytes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from undercast.kit.errors import SerializationException
from undercast.kit.http import Body
from undercast.wire import json, timestamps, trees
from undercast.wire.shapes import Member
from undercast.wire.trees import Leaf, Reader

if TYPE_CHECKING:
    from undercast.wire.models import Operation


def compile_check(operation: Operation) -> Callable[[dict[str, Any]], dict[str, Any]]:
    if operation.input is None:
        return _nothing
    read: Callable[[dict[str, Any]], dict[str, Any]]
    read = operation.service.codec("calls", lambda: Reader(_leaf, strict=True)).structure(operation.input)
    return read


def _nothing(params: dict[str, Any]) -> dict[str, Any]:
    if params:
        raise SerializationException(f"Unknown parameter: {', '.join(params)}")
    return {}


def _leaf(member: Member) -> Leaf:
    if member.shape.kind == "blob":
        return Leaf(bytes, _blob)
    if member.shape.kind == "timestamp":
        return Leaf(int, _timestamp)
    return json.read_leaf(member)


def _blob(value: Any) -> Any:
    """Bytes as they are, text as UTF-8 (as boto3 takes it), a stream untouched."""
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    if isinstance(value, Body):
        return value
    raise trees.unexpected(value, "blob")


def _timestamp(value: Any) -> int:
    """An int is milliseconds already; a datetime or text is converted."""
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return (aware - timestamps.EPOCH) // timedelta(milliseconds=1)
    if isinstance(value, str):
        return timestamps.from_text(value)
    if isinstance(value, float):
        return timestamps.from_epoch(value / 1000)
    raise trees.unexpected(value, "timestamp")
