"""Pages of lists, as API Gateway counts them: `position` and `limit`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from undercast.kit import paging
from undercast.services.apigateway import errors

_DEFAULT = 25
_MOST = 500


def after(request: dict[str, Any]) -> str:
    """The key behind which the page begins. BadRequestException for a position that is none of ours."""
    position = request.get("position")
    try:
        return str(paging.decode_token(position)) if position else ""
    except paging.InvalidToken:
        raise errors.BadRequestException("Invalid position parameter specified") from None


def limit(request: dict[str, Any]) -> int:
    """How many a page holds: 25, at most 500."""
    wanted = request.get("limit")
    return _DEFAULT if wanted is None else max(1, min(int(wanted), _MOST))


def answer(found: Sequence[dict[str, Any]], request: dict[str, Any], key: str = "id") -> dict[str, Any]:
    """A page out of one more than it holds."""
    size = limit(request)
    shown = list(found[:size])
    return {"items": shown, "position": paging.encode_token(shown[-1][key]) if len(found) > size else None}


def cut(items: Sequence[dict[str, Any]], request: dict[str, Any], key: str = "id") -> dict[str, Any]:
    """A page of a short list that is whole in memory."""
    start = after(request)
    rest = sorted((item for item in items if not start or item[key] > start), key=lambda item: str(item[key]))
    return answer(rest, request, key)
