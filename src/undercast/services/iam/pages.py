"""Paging as IAM does it: MaxItems and Marker in, IsTruncated and Marker out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from undercast.kit import paging
from undercast.services.iam import errors

T = TypeVar("T")
P = TypeVar("P")


def limit(request: dict[str, Any]) -> int:
    return int(request.get("MaxItems") or 100)


def position(request: dict[str, Any], first: P) -> P:
    """Where the marker says to go on; `first` without one, and of whose type it must be. ValidationError."""
    marker = request.get("Marker")
    if not marker:
        return first
    try:
        found = paging.decode_token(marker)
    except paging.InvalidToken:
        found = None
    if type(found) is not type(first):
        raise errors.ValidationError("Invalid Marker.")
    return found


def answer(
    member: str, rows: Sequence[T], request: dict[str, Any], show: Callable[[T], Any], key: Callable[[T], object]
) -> dict[str, Any]:
    """A page of `rows`, which are one more than asked for when there is a next page."""
    size = limit(request)
    shown = rows[:size]
    more = len(rows) > size
    return {
        member: [show(row) for row in shown],
        "IsTruncated": more,
        "Marker": paging.encode_token(key(shown[-1])) if more else None,
    }
