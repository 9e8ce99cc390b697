"""A definition's JSON text, with the words of AWS's parser (Jackson) for one that cannot be read."""

from __future__ import annotations

import json
import re
from typing import Any

from undercast.engines.states.errors import Diagnostic

MAX_CHARS = 1_048_576  # of a definition, https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
_SHOWN = 500  # of the source, in a message

_TOKEN = re.compile(r"[^\W\d]\w*")
_NOT_OBJECT = Diagnostic("SCHEMA_VALIDATION_FAILED", "Definition must be a valid JSON object")


def read_object(text: str) -> dict[str, Any] | Diagnostic:
    """The object, or what is wrong with the text."""
    if len(text) > MAX_CHARS:
        return Diagnostic("SCHEMA_VALIDATION_FAILED", f"Definition must not be longer than {MAX_CHARS} characters")
    if not text.strip():
        return _NOT_OBJECT
    try:
        value = json.loads(text, object_pairs_hook=_members, parse_constant=_refuse_constant)
    except _Unreadable as error:
        return Diagnostic("INVALID_JSON_DESCRIPTION", str(error))
    except json.JSONDecodeError as error:
        return _unreadable(text, error)
    except RecursionError:
        return Diagnostic("TOO_DEEPLY_NESTED", "The definition is nested too deep")
    except ValueError as error:  # an integer of more digits than Python converts
        return Diagnostic("INVALID_JSON_DESCRIPTION", str(error))
    return value if isinstance(value, dict) else _NOT_OBJECT


class _Unreadable(Exception):
    pass


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise _Unreadable(f"Duplicate field '{name}'")
            seen.add(name)
    return members


def _refuse_constant(name: str) -> Any:
    raise _Unreadable(f"Unrecognized token '{name}'")


def _unreadable(text: str, error: json.JSONDecodeError) -> Diagnostic:
    token = _TOKEN.match(text, error.pos)
    at = token.end() if token else error.pos
    if token:
        expected = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
        message = f"Unrecognized token '{token.group()}': was expecting {expected}"
    elif at < len(text):
        message = f"Unexpected character ('{text[at]}' (code {ord(text[at])})): {error.msg}"
    else:
        message = f"Unexpected end-of-input: {error.msg}"
    location = _location(text, at)
    return Diagnostic("INVALID_JSON_DESCRIPTION", f"{message}\n at {location}", location)


def _location(text: str, at: int) -> str:
    line = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    shown = f'"{text[:_SHOWN]}"' + (f"[truncated {len(text) - _SHOWN} chars]" if len(text) > _SHOWN else "")
    return f"[Source: (String){shown}; line: {line}, column: {column}]"
