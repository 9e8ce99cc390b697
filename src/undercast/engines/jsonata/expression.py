"""Expressions: compiled once, evaluated as often as one likes."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from undercast.engines.jsonata.errors import JsonataError, from_library, from_text
from undercast.engines.jsonata.evaluation import Evaluation, Moment
from undercast.engines.jsonata.library import JException, Jsonata
from undercast.engines.jsonata.limits import MAX_EXPRESSION_CHARS, PYTHON_FRAMES
from undercast.engines.jsonata.patterns import compile_pattern
from undercast.engines.jsonata.values import UNDEFINED, into, out_of

_PLAIN_PATH = re.compile(r"\$[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.A)
_WORDS = {"and", "or", "in", "null", "true", "false", "function"}


@dataclass(frozen=True, slots=True)
class Expression:
    """`text`, understood."""

    text: str
    parsed: Any
    names: tuple[str, ...]  # of an expression that is only `$variable.name.name`; else empty


def compile(text: str) -> Expression:
    """Raises JsonataError with the position of what is wrong."""
    if len(text) > MAX_EXPRESSION_CHARS:
        raise JsonataError("", f"The expression is longer than {MAX_EXPRESSION_CHARS} characters")
    with _deep_stack():
        try:
            parsed = Jsonata(text, compile_pattern)
        except JException as error:
            raise from_library(error) from None
        except RecursionError:
            raise JsonataError("D1011", "The expression is nested too deep") from None
        except IndexError:  # the library reads past the end of a comment
            raise JsonataError("S0106", "Comment has no closing tag", len(text)) from None
        except KeyError as error:  # the library's table of operators
            raise JsonataError("S0204", f"Unknown operator: {error.args[0]}", text.find(str(error.args[0]))) from None
        except RuntimeError as error:  # a function's signature, and what the library has no code for
            raise from_text(str(error)) from None
    return Expression(text, parsed, _plain_names(text))


def evaluate(expression: Expression, input: Any, bindings: Mapping[str, Any], moment: Moment) -> Any:
    """The value, plain JSON; UNDEFINED if there is none. `bindings` are by name, without `$`. Raises JsonataError.

    The value may share parts with `input` and `bindings`.
    """
    if expression.names and (found := _walk(expression.names, bindings)) is not _UNSURE:
        return found
    with _deep_stack():
        try:
            run = Evaluation(expression.parsed, moment)
            return out_of(run.run(into(input) if input is not None else None, into(dict(bindings))))
        except JException as error:
            raise from_library(error) from None
        except RecursionError:
            raise from_library(JException("D1011", -1)) from None


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


@contextmanager
def _deep_stack() -> Iterator[None]:
    """The library evaluates by recursion, about eight frames a node. Only while it runs: elsewhere Python's limit is good."""
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(max(usual, PYTHON_FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(usual)
