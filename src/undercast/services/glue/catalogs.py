"""What the operations on databases and tables have in common: whose catalog, which names, pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undercast.kit import paging
from undercast.kit.call import Call
from undercast.kit.errors import NotImplementedYet
from undercast.services.glue.errors import InvalidInputException

_MOST = 100


def at(call: Call, request: Mapping[str, Any]) -> Call:
    """The call in the catalog that is meant: an account's."""
    return call.into(account=request.get("CatalogId") or "")


def name_of(text: str) -> str:
    """Names are kept in small letters. InvalidInputException for an empty one."""
    if not text.strip():
        raise InvalidInputException("Name must not be empty.")
    return text.lower()


def refuse(given: Mapping[str, Any], *names: str) -> None:
    """NotImplementedYet for settings that would not act."""
    for name in names:
        if given.get(name):
            raise NotImplementedYet(f"Undercast's Glue does not have {name} yet.")


def cleaned(input: Mapping[str, Any]) -> dict[str, Any]:
    """An input without its name and without what is not given."""
    return {name: value for name, value in input.items() if value is not None and name != "Name"}


def page(request: Mapping[str, Any]) -> tuple[Any, int]:
    """Where to go on ("" for the start) and how many to show. InvalidInputException."""
    limit = request.get("MaxResults") or _MOST
    try:
        return (paging.decode_token(request["NextToken"]) if request.get("NextToken") else ""), limit
    except paging.InvalidToken:
        raise InvalidInputException("The continuation token is not valid.") from None
