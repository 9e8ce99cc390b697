"""Pages of lists: opaque tokens that say where to go on."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import TypeVar

import orjson

T = TypeVar("T")


class InvalidToken(ValueError):
    """The token is not one of ours; each service says so in its own words."""


def encode_token(position: object) -> str:
    """A token for a position (anything JSON can hold)."""
    return urlsafe_b64encode(orjson.dumps(position)).decode().rstrip("=")


def decode_token(token: str) -> object:
    """The position in a token. InvalidToken when it is none."""
    try:
        return orjson.loads(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (binascii.Error, ValueError) as error:
        raise InvalidToken(token) from error


def page(items: Sequence[T], key: Callable[[T], str], token: str | None, limit: int) -> tuple[Sequence[T], str | None]:
    """One page of a short list that is sorted by `key`, and the token for the next. For long lists page in SQL."""
    if token:
        after = decode_token(token)
        if not isinstance(after, str):
            raise InvalidToken(token)
        items = [item for item in items if key(item) > after]
    if len(items) <= limit:
        return items, None
    return items[:limit], encode_token(key(items[limit - 1]))
