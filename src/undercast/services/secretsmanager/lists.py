"""Searching secrets by filters."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from undercast.kit import paging
from undercast.kit.call import Call
from undercast.services.secretsmanager import storage
from undercast.services.secretsmanager.errors import InvalidNextTokenException
from undercast.services.secretsmanager.model import Secret

_CHUNK = 200
_COLUMNS = {
    "created-date": "created_at",
    "last-accessed-date": "accessed_at",
    "last-changed-date": "changed_at",
    "name": "name",
}
_WORD_END = re.compile(r"[\s/_+=.@!-]+")


async def search(call: Call, request: dict[str, Any], limit: int) -> tuple[list[Secret], str | None]:
    """A page of secrets that pass all filters, and the token for the next."""
    column = _COLUMNS[request.get("SortBy") or "created-date"]
    after, found = _after(request), list[Secret]()
    while True:
        chunk = await storage.list_secrets(
            call, column, after, _CHUNK,
            descending=request.get("SortOrder") == "desc", deleted=bool(request.get("IncludePlannedDeletion")),
        )  # fmt: skip
        for secret in chunk:
            if all(_passes(secret, filter["Key"], filter["Values"]) for filter in request.get("Filters") or []):
                if len(found) == limit:
                    return found, paging.encode_token(_place(found[-1], column))
                found.append(secret)
        if len(chunk) < _CHUNK:
            return found, None
        after = _place(chunk[-1], column)


def _place(secret: Secret, column: str) -> list[Any]:
    return [getattr(secret, column), secret.name]


def _after(request: dict[str, Any]) -> list[Any] | None:
    try:
        place: Any = paging.decode_token(request["NextToken"]) if request.get("NextToken") else None
    except paging.InvalidToken:
        raise InvalidNextTokenException() from None
    if place is not None and not (isinstance(place, list) and len(place) == 2):
        raise InvalidNextTokenException()
    return place


def _passes(secret: Secret, key: str, wanted: Iterable[str]) -> bool:
    """One of the values matches; one that begins with `!` must not.

    Names and tags match from their beginning and by case, descriptions by words and without it.
    """
    return any(
        not _matches(secret, key, each[1:]) if each[:1] == "!" else _matches(secret, key, each) for each in wanted
    )


def _matches(secret: Secret, key: str, value: str) -> bool:
    tags = secret.tags or {}
    if key == "name":
        return secret.name.startswith(value)
    if key == "description":
        return _by_words(value, secret.description)
    if key == "tag-key":
        return any(tag.startswith(value) for tag in tags)
    if key == "tag-value":
        return any(tag.startswith(value) for tag in tags.values())
    if key == "primary-region":
        return False  # of replicated secrets only
    if key == "owning-service":
        return False  # nothing is managed by another service
    return _by_words(value, " ".join([secret.name, secret.description, *tags, *tags.values()]))


def _by_words(value: str, text: str) -> bool:
    words = _WORD_END.split(text.lower())
    return all(any(word.startswith(part) for word in words) for part in _WORD_END.split(value.lower()) if part)
