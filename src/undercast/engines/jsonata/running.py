"""Parsing and running by the library."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from undercast.engines.jsonata.errors import from_library, from_text
from undercast.engines.jsonata.evaluation import Evaluation
from undercast.engines.jsonata.library import JException, Parser
from undercast.engines.jsonata.limits import MAX_PARSED_DEPTH
from undercast.engines.jsonata.model import JsonataError, Moment
from undercast.engines.jsonata.patterns import compile_pattern
from undercast.engines.jsonata.values import into, out_of


def parse(text: str) -> Any:
    """The library's syntax tree. Raises JsonataError."""
    try:
        return _own.parser.parse(text, compile_pattern)
    except JException as error:
        raise from_library(error) from None
    except RecursionError:
        raise _too_deep() from None
    except IndexError:  # the library reads past the end of a comment
        raise JsonataError("S0106", "Comment has no closing tag", len(text)) from None
    except KeyError as error:  # the library's table of operators
        raise JsonataError("S0204", f"Unknown operator: {error.args[0]}", text.find(str(error.args[0]))) from None
    except RuntimeError as error:  # a function's signature, and what the library has no code for
        raise from_text(str(error)) from None


def run(tree: Any, input: Any, bindings: Mapping[str, Any], moment: Moment) -> Any:
    """The value as plain JSON, or UNDEFINED. Raises JsonataError."""
    try:
        evaluation = Evaluation(tree, moment)
        return out_of(evaluation.run(into(input) if input is not None else None, into(dict(bindings))))
    except JException as error:
        raise from_library(error) from None
    except RecursionError:
        raise from_library(JException("D1011", -1)) from None


class _BoundedParser(Parser):  # type: ignore[misc]
    """The library's parser, which keeps something of every `%` for the next expression, and goes as deep as it can."""

    def parse(self, text: str, regex_engine: Any) -> Any:
        self._depth = 0
        self.ancestry: list[Any] = []
        self.ancestor_label = self.ancestor_index = 0
        return super().parse(text, regex_engine)

    def process_ast(self, expr: Any) -> Any:
        self._depth += 1
        if self._depth > MAX_PARSED_DEPTH:
            raise _too_deep()
        result = super().process_ast(expr)
        self._depth -= 1
        return result


class _Own(threading.local):
    """Of each thread, for a parser takes as long to make as a hundred tokens to read, and every tree holds its own."""

    def __init__(self) -> None:
        self.parser = _BoundedParser()


_own = _Own()


def _too_deep() -> JsonataError:
    return JsonataError("D1011", "The expression is nested too deep")
