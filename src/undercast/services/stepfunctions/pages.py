"""Pages of lists: a token is good for the list it came from, and InvalidToken says when it is not."""

from __future__ import annotations

from typing import Any, TypeVar

from undercast.kit import paging
from undercast.services.stepfunctions import errors

T = TypeVar("T")

DEFAULT = 100


def limit(request: dict[str, Any]) -> int:
    """How many to show: `maxResults`, where 0 is the default as well."""
    return request.get("maxResults") or DEFAULT


def position(request: dict[str, Any], start: T) -> T:
    """Where the list goes on. InvalidToken."""
    token = request.get("nextToken")
    if not token:
        return start
    try:
        found = paging.decode_token(token)
    except paging.InvalidToken:
        raise errors.InvalidToken("Invalid token") from None
    if type(found) is not type(start):
        raise errors.InvalidToken("Invalid token")
    return found


def token(position: object, *, more: bool) -> str | None:
    return paging.encode_token(position) if more else None
