"""Regular expressions that a user wrote, over text that anyone sent: as Java has them, with a limit on their time."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice
from typing import TypeVar

import regex

MAX_PATTERN_CHARS = 1000
_MAX_PARTS = 100_000
_TIMEOUT_S = 0.25  # a match that has not ended by then backtracks without end
_MAX_ATOMS = 20_000  # with counted repeats written out: the library does write them out, so `(a{999}){999}` is large
_ATOM = re.compile(r"\\.|\[\^?\]?(?:[^\]\\]|\\.)*\]|\{([0-9]*)(?:,([0-9]*))?\}|.", re.S)
_JAVA_GROUP = re.compile(r"\\(.)|\$(?:(\d)|\{(\w+)\})|(\$)", re.S)
_T = TypeVar("_T")


class RegexError(Exception):
    """The text is no regular expression, or matching with it takes too long."""


class Regex:
    """A compiled expression. Every method raises RegexError when matching takes too long."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_PATTERN_CHARS or _atoms(text) > _MAX_ATOMS:
            raise RegexError("the regular expression is too large")
        try:
            self._compiled = regex.compile(text, cache_pattern=False)
        except (regex.error, RecursionError, OverflowError, ValueError) as error:
            raise RegexError(str(error)) from None

    def search(self, text: str) -> bool:
        return bool(_limited(lambda: self._compiled.search(text, timeout=_TIMEOUT_S)))

    def matches(self, text: str) -> bool:
        """The whole of `text`, as Java's `String.matches`."""
        return bool(_limited(lambda: self._compiled.fullmatch(text, timeout=_TIMEOUT_S)))

    def replace(self, replacement: str, text: str, count: int = 0) -> str:
        """As Java's `replaceAll` (`count` 0) or `replaceFirst` (1): `$1` and `${name}` stand for groups."""
        template = _python_replacement(replacement)
        try:
            return _limited(lambda: self._compiled.sub(template, text, count=count, timeout=_TIMEOUT_S))
        except (regex.error, IndexError) as error:
            raise RegexError(str(error)) from None

    def split(self, text: str, limit: int = 0) -> list[str]:
        """As Java's `split`: limit 0 drops empty strings at the end, a positive one is the most parts there may be."""
        if limit == 1:
            return [text]
        parts: list[str] = []
        at = 0
        matches = _limited(lambda: list(islice(self._compiled.finditer(text, timeout=_TIMEOUT_S), _MAX_PARTS + 1)))
        if len(matches) > _MAX_PARTS:
            raise RegexError("the text has too many parts")
        for match in matches:
            if match.end() == 0 or (match.start() == match.end() == len(text)):
                continue  # Java makes no empty part of an empty match at either end
            parts.append(text[at : match.start()])
            at = match.end()
            if 0 < limit == len(parts) + 1:
                break
        parts.append(text[at:])
        while limit == 0 and len(parts) > 1 and not parts[-1]:
            parts.pop()
        return parts


def _limited(run: Callable[[], _T]) -> _T:
    try:
        return run()
    except TimeoutError:
        raise RegexError("matching the regular expression takes too long") from None
    except (RecursionError, MemoryError) as error:
        raise RegexError(str(error)) from None


def _atoms(text: str) -> int:
    """How many atoms `text` has with its counted repeats written out; never too few."""
    groups = [[0]]  # the atoms of each open group; a closed group is one atom of its group
    for match in _ATOM.finditer(text):
        token = match.group()
        if token == "(":
            groups.append([0])
        elif token == ")" and len(groups) > 1:
            closed = sum(groups.pop())
            groups[-1].append(closed)
        elif match.group(1) is not None:
            groups[-1][-1] *= max(_bound(match.group(1)), _bound(match.group(2)), 1)
        elif token not in "*+?":
            groups[-1].append(1)
    return sum(map(sum, groups))


def _bound(digits: str | None) -> int:
    return int(digits[:9]) if digits else 0


def _python_replacement(java: str) -> str:
    def one(match: re.Match[str]) -> str:
        literal, number, name, stray = match.groups()
        if stray:
            raise RegexError("Illegal group reference")
        if literal is not None:
            return "\\\\" if literal == "\\" else literal
        return f"\\g<{number or name}>"

    if java.endswith("\\") and (len(java) - len(java.rstrip("\\"))) % 2:
        raise RegexError("character to be escaped is missing")
    return _JAVA_GROUP.sub(one, java)
