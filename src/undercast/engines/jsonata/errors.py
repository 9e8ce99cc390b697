"""What is wrong with an expression, or went wrong while it ran."""

from __future__ import annotations

import json
import re

from undercast.engines.jsonata.library import JException
from undercast.engines.jsonata.model import JsonataError

_PLACE = re.compile(r"\{\{\{?(\w+)\}?\}\}")

# The library says by text, or not at all, what JSONata has a code for: https://github.com/jsonata-js/jsonata (errorCodes).
_TEXTS = {
    "The expression takes too long": "D1012",
    "Formatting or parsing an integer": "D3130",
    "In a decimal digit pattern": "D3131",
    "Unknown component specifier": "D3132",
    "The 'name' modifier": "D3133",
    "The timezone integer format": "D3134",
    "No matching closing bracket": "D3135",
    "The date/time picture string is missing": "D3136",
    "Choice groups containing": "S0402",
    "Type parameters can only": "S0401",
}


def failure(code: str, *values: object) -> JException:
    """What a function raises: one of JSONata's errors, its values in the order of the message."""
    first, second, third = (*values, None, None, None)[:3]
    return JException(code, -1, first, second, third)


def from_library(error: JException) -> JsonataError:
    template = JException.error_codes.get(error.error)
    if template is None:
        return from_text(error.error)
    position = error.location if isinstance(error.location, int) and error.location >= 0 else None
    return JsonataError(error.error, _message(template, [error.current, error.expected, error.extra]), position)


def from_text(text: str) -> JsonataError:
    """An error of which the library knows only the text."""
    code = next((code for start, code in _TEXTS.items() if text.startswith(start)), "")
    return JsonataError(code, text)


def _message(template: str, values: list[object]) -> str:
    given = iter(values)

    def one(place: re.Match[str]) -> str:
        value = next(given, None)
        return str(value) if place.group().startswith("{{{") else _shown(value)

    return _PLACE.sub(
        one, template.replace("Object", "function")
    )  # as JSONata says it: the library's texts are a port's


def _shown(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)[:1000]
    except (TypeError, ValueError, RecursionError):  # a function, or another thing of the library
        return str(value)[:1000]
