"""Fields written in JSONata: `{% … %}`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from undercast.engines import jsonata
from undercast.engines.states.errors import StateError
from undercast.engines.states.payloads import json_text, kind
from undercast.engines.states.references import top_level_names
from undercast.engines.states.scope import Scope

_EXPRESSION = re.compile(r"\{%(.*)%\}", re.S)


@dataclass(frozen=True, slots=True)
class JsonataField:
    """One expression. `expected` are the kinds of value that the field may have (none: any)."""

    text: str
    location: str
    expected: tuple[str, ...] = ()

    def of(self, scope: Scope, root: Any) -> Any:
        try:
            value = jsonata.evaluate(_compiled(self.text), None, scope.bindings(), scope.moment)
        except jsonata.JsonataError as error:
            raise self._failure(f"threw an error during evaluation. {error}") from None
        if value is jsonata.UNDEFINED:
            raise self._failure("returned nothing (undefined).")
        if self.expected and kind(value) not in self.expected:
            raise self._failure(
                f"returned an unexpected result type. Expected '{self.expected[0]}', "
                f"but was '{kind(value)}' for value: {json_text(value)}"
            )
        return value

    def _failure(self, what: str) -> StateError:
        cause = f"The JSONata expression '{self.text}' specified for the field '{self.location}' {what}"
        return StateError("States.QueryEvaluationError", cause, self.location)


def is_expression(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("{%") and value.endswith("%}") and len(value) > 3


def expression_text(value: str) -> str:
    found = _EXPRESSION.fullmatch(value)
    return found.group(1).strip() if found else value


def compile_field(value: str, location: str, expected: tuple[str, ...] = ()) -> JsonataField:
    return JsonataField(expression_text(value), location, expected)


def _compiled(text: str) -> jsonata.Expression:
    """A syntax tree takes a hundred times its text: only those in use are kept, and few that are large."""
    return (_small if len(text) <= _SMALL_CHARS else _large)(text)


_SMALL_CHARS = 1_000
_small = lru_cache(2048)(jsonata.compile)
_large = lru_cache(32)(jsonata.compile)


def problems_of(value: str) -> list[tuple[str, str]]:
    """The code and message of what is wrong with an expression, before it is ever evaluated."""
    try:
        names = dict.fromkeys(top_level_names(_compiled(expression_text(value)).tree))
    except jsonata.JsonataError as error:
        return [("INVALID_JSONATA_EXPRESSION", error.message)]
    unsupported = "UNSUPPORTED_JSONATA_EXPRESSION"
    return [(unsupported, f"Reference to '{name}' at the top level is not supported.") for name in names]
