"""What the kinds of filter pattern have in common: reading tokens, and comparing a value."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from undercast.engines.patterns.leaves import like
from undercast.engines.regexes import Regex, RegexError

_SPACE = re.compile(r"\s*")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.S)
_PERCENT = re.compile(r"%((?:[^%\\]|\\.)+)%")
_REGEX_CHARS = re.compile(r"[A-Za-z0-9:_#=@/;,\-^$?\[\]{}|\\*+. ]*")
_ESCAPED = re.compile(r"\\(.)", re.S)
_OPERATOR = re.compile(r"!=|<=|>=|=|<|>")
_WORD = re.compile(r"[^\s\"%,()\[\]{}=!<>&|]+")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,300}(?:\.[0-9]{0,300})?|\.[0-9]{1,300})(?:[eE][+-]?[0-9]{1,3})?")
_MAX_DEPTH = 40
_MAX_REGEXES = (
    2  # "There is a limit of 2 regex for each filter pattern when creating a delimited or JSON filter pattern"
)

Test = Callable[[object], bool]


class InvalidLogFilter(Exception):
    """The text is no filter pattern. The message is AWS's, which says little; `detail` says what is wrong and where.

    PutMetricFilter says "Invalid metric filter pattern" where others say "Invalid filter pattern".
    """

    def __init__(self, message: str, detail: str) -> None:
        self.detail = detail
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Value:
    """What a condition compares with: a quoted or bare text (with `*`), or a regular expression."""

    text: str
    quoted: bool = False
    regex: Regex | None = None

    @property
    def number(self) -> float | None:
        return None if self.quoted or self.regex else number_of(self.text)


class Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self._depth = 0
        self._regexes = 0

    def fail(self, reason: str, message: str = "Invalid filter pattern") -> NoReturn:
        raise InvalidLogFilter(message, f"{reason} at position {self.at}")

    def space(self) -> None:
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def take(self, literal: str) -> bool:
        """Skip spaces; is `literal` next? Then it is taken."""
        self.space()
        if not self.text.startswith(literal, self.at):
            return False
        self.at += len(literal)
        return True

    def expect(self, literal: str) -> None:
        if not self.take(literal):
            self.fail(f"{literal} is missing")

    def match(self, expression: re.Pattern[str]) -> re.Match[str] | None:
        self.space()
        found = expression.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def quoted(self) -> str | None:
        found = self.match(_QUOTED)
        return _ESCAPED.sub(r"\1", found.group(1)) if found else None

    def percent(self) -> Regex | None:
        found = self.match(_PERCENT)
        if not found:
            return None
        self._regexes += 1
        if self._regexes > _MAX_REGEXES:
            self.fail(f"more than {_MAX_REGEXES} regular expressions")
        if not _REGEX_CHARS.fullmatch(found.group(1)):
            self.fail("a character that regular expressions may not have")
        try:
            return Regex(found.group(1))
        except RegexError as error:
            self.fail(str(error))

    def operator(self) -> str:
        found = self.match(_OPERATOR)
        return found.group() if found else self.fail("an operator is missing")

    def value(self) -> Value:
        if (text := self.quoted()) is not None:
            return Value(text, quoted=True)
        if regex := self.percent():
            return Value("", regex=regex)
        word = self.match(_WORD)
        return Value(word.group()) if word else self.fail("a value is missing")

    def enter(self) -> None:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            self.fail("nested too deep")

    def leave(self) -> None:
        self._depth -= 1


def comparison(operator: str, value: Value) -> Test | None:
    """The test `... operator value` of a JSON scalar or a field's text. None when the value has no order to compare by."""
    if operator in ("=", "!="):
        equal = _equality(value)
        return equal if operator == "=" else lambda found: not equal(found)
    wanted = value.number
    if wanted is None:
        return None
    compare = _ORDER[operator]

    def ordered(found: object) -> bool:
        number = number_of(found)
        return number is not None and compare(number, wanted)

    return ordered


def _equality(value: Value) -> Test:
    regex = value.regex
    if regex:
        return lambda found: searches(regex, as_text(found))
    parts = tuple(value.text.split("*"))
    wanted = value.number

    def equal(found: object) -> bool:
        if wanted is not None and (number := number_of(found)) is not None:
            return number == wanted
        return like(as_text(found), parts)

    return equal


def searches(regex: Regex, text: str) -> bool:
    """A message on which the expression takes too long does not match: there is nobody to tell."""
    try:
        return regex.search(text)
    except RegexError:
        return False


_ORDER: dict[str, Callable[[float, float], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def number_of(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        try:
            return float(value)
        except OverflowError:
            return math.inf
    return float(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else None


def as_text(value: object) -> str:
    """A JSON scalar as the text that is compared and extracted."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)
