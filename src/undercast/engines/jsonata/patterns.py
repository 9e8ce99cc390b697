"""Regular expressions inside JSONata: `/ab+/i`. They are the user's, so matching has a time limit."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter
from typing import Any

import regex

from undercast.engines.jsonata.errors import failure
from undercast.engines.jsonata.library import JException
from undercast.engines.jsonata.limits import STEPS_PER_S, spend
from undercast.engines.regexes import Regex, RegexError

TIMEOUT_S = 0.25


class Pattern:
    """What the library takes for a compiled expression, for it has these four methods."""

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled

    def finditer(self, text: str) -> Iterator[Any]:
        """Raises D1004 where JSONata does: a match of nothing would go on for ever."""
        matches = self._compiled.finditer(text, timeout=TIMEOUT_S)
        while (match := _next(matches)) is not None:
            if not match.group():
                raise failure("D1004")
            yield match

    def search(self, text: str) -> Any:
        return next(self.finditer(text), None)

    def split(self, text: str, maxsplit: int = 0) -> list[str]:
        parts, at = [], 0
        for match in self.finditer(text):
            parts.append(text[at : match.start()])
            at = match.end()
        return [*parts, text[at:]]

    def sub(self, replacement: Any, text: str, count: int = 0) -> str:
        """Never called, only looked for: the one that would call it is the library's `$replace`, and ours goes by `finditer`."""
        raise AssertionError("corrections.replace does this")


def _next(matches: Iterator[Any]) -> Any:
    """Paid by its time: a thousand matches that each end within their limit are too many."""
    began = perf_counter()
    try:
        return next(matches, None)
    except TimeoutError:
        raise failure("D1012", round(TIMEOUT_S * 1000)) from None
    finally:
        spend(int((perf_counter() - began) * STEPS_PER_S))


def compile_pattern(pattern: str, flags: Any) -> Pattern:
    """What the library calls for every regular expression that it reads."""
    try:
        Regex(pattern)  # refuses what is too large
        options = regex.IGNORECASE * bool(flags.case_insensitive) | regex.MULTILINE * bool(flags.multiline)
        return Pattern(regex.compile(pattern, options, cache_pattern=False))
    except (RegexError, regex.error) as error:
        raise JException(f"Invalid regular expression /{pattern[:100]}/: {error}", 0) from None
