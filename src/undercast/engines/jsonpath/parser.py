"""Reads the text of a JSONPath into segments."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import NoReturn

from undercast.engines.jsonpath.conditions import MISSING, holds
from undercast.engines.jsonpath.errors import InvalidJsonPath, PathNotFound
from undercast.engines.jsonpath.segments import (
    FUNCTIONS,
    Deep,
    Document,
    Filter,
    Function,
    Indexes,
    Names,
    Segment,
    Slice,
    Wildcard,
    follow,
)
from undercast.engines.regexes import Regex, RegexError

MAX_CHARS = 10_000
_MAX_DEPTH = 40

_Operand = Callable[[object, Document], object]  # of the current value
_Condition = Callable[[object, Document], bool]

_NAME = re.compile(r"[^\s.\[\]()'\"?@&|!=<>~,:*$]+")
_FUNCTION = re.compile(rf"({'|'.join(FUNCTIONS)})\s*\(\s*\)")
_INDEXES = re.compile(r"\s*(-?[0-9]{1,9}(?:\s*,\s*-?[0-9]{1,9})*)\s*\]")
_SLICE = re.compile(r"\s*(-?[0-9]{1,9})?\s*:\s*(-?[0-9]{1,9})?\s*\]")
_WILDCARD = re.compile(r"\s*\*\s*\]")
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"", re.S)
_OPERATOR = re.compile(r"==|!=|<=|>=|=~|<|>|(?:subsetof|anyof|noneof|contains|nin|in|size|empty)\b", re.I)
_REGEX = re.compile(r"/((?:[^/\\]|\\.)+)/([a-z]*)")
_LITERAL = re.compile(r"(?:true|false|null)\b|-?[0-9]{1,400}(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,3})?")
_ESCAPED = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.S)


def parse(text: str) -> tuple[Segment, ...]:
    """Raises InvalidJsonPath."""
    text = text.strip()
    if not text or len(text) > MAX_CHARS:
        raise InvalidJsonPath("json can not be null or empty" if not text else "the path is too long")
    if text[0] not in "$@":
        text = ("$" if text[0] == "[" else "$.") + text
    parser = _Parser(text)
    parser.at = 1
    segments = parser.segments()
    if parser.at < len(text):
        parser.fail("Could not parse token")
    return segments


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self._depth = 0

    def fail(self, reason: str) -> NoReturn:
        raise InvalidJsonPath(f"{reason} starting at position {self.at}. Path: {self.text[:200]}")

    def segments(self) -> tuple[Segment, ...]:
        found: list[Segment] = []
        while self.at < len(self.text):
            if self._take(".."):
                inner = self._bracket() if self._take("[") else self._dotted()
                if isinstance(inner, Function):
                    self.fail("Could not parse token")
                found.append(Deep(inner))
            elif self._take("."):
                found.append(self._dotted())
            elif self._take("["):
                found.append(self._bracket())
            else:
                break
            if isinstance(found[-1], Function):
                break
        return tuple(found)

    def _take(self, literal: str) -> bool:
        if not self.text.startswith(literal, self.at):
            return False
        self.at += len(literal)
        return True

    def _match(self, expression: re.Pattern[str]) -> re.Match[str] | None:
        found = expression.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def _space(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def _dotted(self) -> Segment:
        if self._take("*"):
            return Wildcard()
        if function := self._match(_FUNCTION):
            return Function(function.group(1))
        if self._take("["):
            return self._bracket()
        name = self._match(_NAME)
        if not name:
            self.fail("Path must not end with a '.' or '..'" if self.at >= len(self.text) else "Could not parse token")
        return Names((name.group(),))

    def _bracket(self) -> Segment:
        if self._match(_WILDCARD):
            return Wildcard()
        if found := self._match(_INDEXES):
            return Indexes(tuple(int(index) for index in found.group(1).split(",")))
        if found := self._match(_SLICE):
            start, end = found.groups()
            return Slice(None if start is None else int(start), None if end is None else int(end))
        self._space()
        if self._take("?"):
            return self._filter()
        return self._names()

    def _names(self) -> Segment:
        names: list[str] = []
        while True:
            self._space()
            quoted = self._match(_QUOTED)
            if not quoted:
                self.fail("Could not parse token")
            names.append(_unescaped(quoted))
            self._space()
            if self._take("]"):
                return Names(tuple(names))
            if not self._take(","):
                self.fail("Property must be separated by comma or Property must be terminated by close square bracket")

    def _filter(self) -> Segment:
        self._space()
        if not self._take("("):
            self.fail("Expected character: (")
        condition = self._or()
        self._space()
        if not self._take(")"):
            self.fail("Expected character: )")
        self._space()
        if not self._take("]"):
            self.fail("Expected character: ]")
        return Filter(condition)

    def _or(self) -> _Condition:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            self.fail("nested too deep")
        parts = [self._and()]
        while self._spaced("||"):
            parts.append(self._and())
        self._depth -= 1
        return parts[0] if len(parts) == 1 else lambda value, document: any(part(value, document) for part in parts)

    def _and(self) -> _Condition:
        parts = [self._term()]
        while self._spaced("&&"):
            parts.append(self._term())
        return parts[0] if len(parts) == 1 else lambda value, document: all(part(value, document) for part in parts)

    def _spaced(self, literal: str) -> bool:
        self._space()
        return self._take(literal)

    def _term(self) -> _Condition:
        self._space()
        negated = False
        while self._take("!"):
            negated = not negated
            self._space()
        inner = self._grouped() if self._take("(") else self._comparison()
        return (lambda value, document: not inner(value, document)) if negated else inner

    def _grouped(self) -> _Condition:
        inner = self._or()
        self._space()
        if not self._take(")"):
            self.fail("Expected character: )")
        return inner

    def _comparison(self) -> _Condition:
        left = self._operand()
        self._space()
        operator = self._match(_OPERATOR)
        if not operator:
            return lambda value, document: left(value, document) is not MISSING
        name = operator.group().lower()
        self._space()
        right = self._regex() if name == "=~" else self._operand()
        return lambda value, document: holds(name, left(value, document), right(value, document), document.budget)

    def _regex(self) -> _Operand:
        found = self._match(_REGEX)
        if not found:
            self.fail("Expected a regular expression")
        try:
            compiled = Regex(("(?i)" if "i" in found.group(2) else "") + found.group(1))
        except RegexError as error:
            self.fail(str(error))
        return lambda value, document: compiled

    def _operand(self) -> _Operand:
        self._space()
        char = self.text[self.at : self.at + 1]
        if char and char in "@$":
            self.at += 1
            return self._path(from_root=char == "$")
        if found := self._match(_QUOTED):
            return _constant(_unescaped(found))
        if found := self._match(_LITERAL):
            return _constant(_number_or_word(found.group()))
        if char and char in "[{":
            return self._json()
        self.fail("Could not parse token")

    def _path(self, *, from_root: bool) -> _Operand:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            self.fail("nested too deep")
        segments = self.segments()
        self._depth -= 1

        def found(value: object, document: Document) -> object:
            try:
                return follow(segments, document.root if from_root else value, document)
            except PathNotFound:  # by a function
                return MISSING

        return found

    def _json(self) -> _Operand:
        """A list or object, with single or double quotes."""
        text = _QUOTED.sub(lambda found: json.dumps(_unescaped(found)), self.text[self.at :])
        try:
            value, _ = json.JSONDecoder().raw_decode(text)
        except (ValueError, RecursionError):
            self.fail("Could not parse token")
        self.at = self._end_of_json()
        return _constant(value)

    def _end_of_json(self) -> int:
        """Where the JSON at `at` ends in the text as written (its quotes may have been longer or shorter)."""
        at, depth = self.at, 0
        while at < len(self.text):
            if quoted := _QUOTED.match(self.text, at):
                at = quoted.end()
                continue
            depth += (self.text[at] in "[{") - (self.text[at] in "]}")
            at += 1
            if not depth:
                break
        return at


def _constant(value: object) -> _Operand:
    return lambda current, document: value


def _number_or_word(text: str) -> object:
    value: object = json.loads(text) if text[-1].isalpha() else float(text) if set(text) & set(".eE") else int(text)
    return value


def _unescaped(quoted: re.Match[str]) -> str:
    single, double = quoted.groups()
    return _ESCAPED.sub(_unescape, single if double is None else double)


def _unescape(escape: re.Match[str]) -> str:
    code = escape.group(1)
    if len(code) == 5:
        return chr(int(code[1:], 16))
    return {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}.get(code, code)
