"""Pages of lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from undercast.kit import paging
from undercast.services.schemas.errors import BadRequestException

T = TypeVar("T")
K = TypeVar("K", str, int)

_MOST = 100


def read(request: dict[str, Any], start: K) -> tuple[K, int]:
    """Where to go on, and how many to show. BadRequestException."""
    limit = request.get("Limit") or _MOST
    if not 1 <= limit <= _MOST:
        raise BadRequestException(f"Limit must be between 1 and {_MOST}.")
    try:
        place = paging.decode_token(request["NextToken"]) if request.get("NextToken") else start
    except paging.InvalidToken:
        place = None
    if not isinstance(place, type(start)):
        raise BadRequestException("The NextToken is not valid.")
    return place, limit


def answer(
    name: str, found: Sequence[T], limit: int, show: Callable[[T], dict[str, Any]], key: Callable[[T], str | int]
) -> dict[str, Any]:
    """One page of what was found (one more than `limit` when there is more)."""
    shown = found[:limit]
    token = paging.encode_token(key(shown[-1])) if len(found) > limit else None
    return {name: [show(one) for one in shown], "NextToken": token}
