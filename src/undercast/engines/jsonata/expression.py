"""Expressions: compiled once, evaluated as often as one likes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from undercast.engines.jsonata.model import UNDEFINED, JsonataError, Moment

MAX_EXPRESSION_CHARS = 100_000
_PLAIN_PATH = re.compile(r"\$[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.A)
_WORDS = {"and", "or", "in", "null", "true", "false", "function"}


@dataclass(frozen=True, slots=True)
class Expression:
    """`text`, understood."""

    text: str
    tree: Any  # the library's
    names: tuple[str, ...]  # of an expression that is only `$variable.name.name`; else empty


def compile(text: str) -> Expression:
    """Raises JsonataError with the position of what is wrong."""
    if len(text) > MAX_EXPRESSION_CHARS:
        raise JsonataError("", f"The expression is longer than {MAX_EXPRESSION_CHARS} characters")
    return Expression(text, _library().parse(text), _plain_names(text))


def evaluate(expression: Expression, input: Any, bindings: Mapping[str, Any], moment: Moment) -> Any:
    """The value, plain JSON; UNDEFINED if there is none. `bindings` are by name, without `$`. Raises JsonataError.

    The value may share parts with `input` and `bindings`.
    """
    if expression.names and (found := _walk(expression.names, bindings)) is not _UNSURE:
        return found
    return _library().run(expression.tree, input, bindings, moment)


def _library() -> ModuleType:
    from undercast.engines.jsonata import running  # noqa: PLC0415  model.py says why not at the top

    return running


_UNSURE = object()


def _plain_names(text: str) -> tuple[str, ...]:
    names = tuple(text.strip().removeprefix("$").split("."))
    return names if _PLAIN_PATH.fullmatch(text.strip()) and not _WORDS.intersection(names) else ()


def _walk(names: tuple[str, ...], bindings: Mapping[str, Any]) -> Any:
    """What most expressions are: a path through objects. _UNSURE where only the library can tell."""
    value: Any = bindings
    for name in names:
        if not isinstance(value, Mapping):
            return _UNSURE
        if name not in value:
            return _UNSURE if value is bindings else UNDEFINED
        value = value[name]
    return value
