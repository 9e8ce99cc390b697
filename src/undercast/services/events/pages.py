"""EventBridge's way of paging: Limit and NextToken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from undercast.kit import paging
from undercast.services.events import errors

T = TypeVar("T")


def after(request: dict[str, Any]) -> str:
    """The name after which a page begins. ValidationException."""
    try:
        position = paging.decode_token(request["NextToken"]) if request.get("NextToken") else ""
    except paging.InvalidToken:
        position = None
    if not isinstance(position, str):
        raise errors.not_valid("NextToken")
    return position


def limit(request: dict[str, Any]) -> int:
    """How many a page holds."""
    wanted: int | None = request.get("Limit") or request.get("MaxResults")
    return wanted or 100


def answer(
    member: str, found: Sequence[T], size: int, show: Callable[[T], Any], key: Callable[[T], str]
) -> dict[str, Any]:
    """A page of what was found, of which one more than `size` was asked for."""
    shown = found[:size]
    token = paging.encode_token(key(shown[-1])) if len(found) > size else None
    return {member: [show(one) for one in shown], "NextToken": token}
