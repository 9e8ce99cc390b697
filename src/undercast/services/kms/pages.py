"""KMS's way of paging: Limit, Marker, NextMarker, Truncated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from undercast.kit import paging
from undercast.services.kms.errors import InvalidMarkerException

T = TypeVar("T")


def marker(request: dict[str, Any], first: Any = "") -> Any:
    """Where to go on. InvalidMarkerException."""
    try:
        position = paging.decode_token(request["Marker"]) if request.get("Marker") else first
    except paging.InvalidToken:
        raise InvalidMarkerException() from None
    if type(position) is not type(first):
        raise InvalidMarkerException()
    return position


def answer(
    name: str, found: Sequence[T], limit: int, show: Callable[[T], Any], key: Callable[[T], Any]
) -> dict[str, Any]:
    """A page of what was found, of which one more than `limit` was asked for."""
    shown = found[:limit]
    more = len(found) > limit
    return {
        name: [show(item) for item in shown],
        "NextMarker": paging.encode_token(key(shown[-1])) if more else None,
        "Truncated": more,
    }
