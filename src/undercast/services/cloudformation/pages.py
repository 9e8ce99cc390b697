"""Pages of lists, as CloudFormation gives them: NextToken in and out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from undercast.kit import paging
from undercast.services.cloudformation import errors

SIZE = 100
T = TypeVar("T")


def position(request: dict[str, Any]) -> Any:
    """Where the token says to go on; None without one. ValidationError."""
    try:
        return paging.decode_token(request["NextToken"]) if request.get("NextToken") else None
    except paging.InvalidToken:
        raise errors.ValidationError("Invalid NextToken") from None


def cut(request: dict[str, Any], items: Sequence[T], key: Callable[[T], str]) -> tuple[Sequence[T], str | None]:
    """A page of a short list that is sorted by `key`, and the token for the next. ValidationError."""
    try:
        return paging.page(items, key, request.get("NextToken"), SIZE)
    except paging.InvalidToken:
        raise errors.ValidationError("Invalid NextToken") from None
