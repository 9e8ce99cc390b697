"""NextTokens of lists."""

from __future__ import annotations

from typing import Any

from undercast.kit import paging
from undercast.kit.call import Call

from . import errors

_TOKEN_MS = 300_000


def make_token(call: Call, facts: list[Any]) -> str:
    """A NextToken; it lasts for five minutes."""
    return paging.encode_token([*facts, call.now])


def read_token(call: Call, token: str) -> list[Any]:
    """InvalidArgumentException, ExpiredNextTokenException."""
    try:
        facts = paging.decode_token(token)
    except paging.InvalidToken:
        facts = None
    if not isinstance(facts, list) or not facts:
        raise errors.InvalidArgumentException("NextToken is invalid.")
    if call.now - facts[-1] > _TOKEN_MS:
        raise errors.ExpiredNextTokenException("NextToken has expired.")
    return facts[:-1]
