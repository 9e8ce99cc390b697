"""Random passwords."""

from __future__ import annotations

import string
from typing import Any

from undercast.kit.call import Call
from undercast.services.secretsmanager.errors import InvalidParameterException


async def get_random_password(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A password of letters, numbers and punctuation, at least one of each unless that is switched off."""
    length = request.get("PasswordLength") or 32
    kinds = {
        "ExcludeLowercase": string.ascii_lowercase,
        "ExcludeUppercase": string.ascii_uppercase,
        "ExcludeNumbers": string.digits,
        "ExcludePunctuation": string.punctuation,
    }
    excluded = set(request.get("ExcludeCharacters") or "")
    sets = ["".join(c for c in chars if c not in excluded) for name, chars in kinds.items() if not request.get(name)]
    if request.get("IncludeSpace") and " " not in excluded:
        sets.append(" ")
    sets = [chars for chars in sets if chars]
    if not sets:
        raise InvalidParameterException("There are no characters left to build the password from.")
    required = sets if request.get("RequireEachIncludedType") is not False else []
    if len(required) > length:
        raise InvalidParameterException("Password length is too short based on the required types.")
    chosen = [_pick(call, chars) for chars in required]
    chosen += [_pick(call, "".join(sets)) for _ in range(length - len(required))]
    return {"RandomPassword": "".join(_shuffled(call, chosen))}


def _below(call: Call, limit: int) -> int:
    """A number that nobody can guess: enough bytes that its remainder favours none."""
    return int.from_bytes(call.ids.bytes(16), "big") % limit


def _pick(call: Call, chars: str) -> str:
    return chars[_below(call, len(chars))]


def _shuffled(call: Call, items: list[str]) -> list[str]:
    for last in range(len(items) - 1, 0, -1):
        other = _below(call, last + 1)
        items[last], items[other] = items[other], items[last]
    return items
