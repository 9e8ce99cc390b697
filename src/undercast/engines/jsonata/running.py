"""Parsing and running by the library."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from undercast.engines.jsonata.errors import from_library, from_text
from undercast.engines.jsonata.evaluation import Evaluation
from undercast.engines.jsonata.library import JException, Jsonata
from undercast.engines.jsonata.limits import PYTHON_FRAMES
from undercast.engines.jsonata.model import JsonataError, Moment
from undercast.engines.jsonata.patterns import compile_pattern
from undercast.engines.jsonata.values import into, out_of


def parse(text: str) -> Any:
    """The library's expression. Raises JsonataError."""
    with _deep_stack():
        try:
            return Jsonata(text, compile_pattern)
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


def run(parsed: Any, input: Any, bindings: Mapping[str, Any], moment: Moment) -> Any:
    """The value as plain JSON, or UNDEFINED. Raises JsonataError."""
    with _deep_stack():
        try:
            evaluation = Evaluation(parsed, moment)
            return out_of(evaluation.run(into(input) if input is not None else None, into(dict(bindings))))
        except JException as error:
            raise from_library(error) from None
        except RecursionError:
            raise from_library(JException("D1011", -1)) from None


@contextmanager
def _deep_stack() -> Iterator[None]:
    """The library evaluates by recursion, about eight frames a node. Only while it runs: elsewhere Python's limit is good."""
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(max(usual, PYTHON_FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(usual)
