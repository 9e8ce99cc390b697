"""Dates by Java's DateTimeFormatter patterns, as prefixes have them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

_TOKEN = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|.", re.DOTALL)

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


class InvalidPattern(ValueError):
    """The text is no pattern, or has a letter that is not supported here."""


def format_date(pattern: str, at: datetime) -> str:
    """A date by a pattern. InvalidPattern.

    https://docs.oracle.com/javase/8/docs/api/java/time/format/DateTimeFormatter.html#patterns
    """
    return "".join(_part(found, at) for found in _TOKEN.finditer(pattern))


def _part(found: re.Match[str], at: datetime) -> str:
    if found.group(1) is not None:
        return found.group(1).replace("''", "'") or "'"
    letter, text = found.group(2), found.group()
    if letter is None:
        if text in "'{}#[]":
            raise InvalidPattern(f"{text} has a meaning of its own in a pattern")
        return text
    if letter not in _LETTERS:
        raise InvalidPattern(f"Unknown pattern letter: {letter}")
    return _LETTERS[letter](at, len(text))


def _number(value: Callable[[datetime], int]) -> Callable[[datetime, int], str]:
    return lambda at, width: f"{value(at):0{width}d}"


def _year(at: datetime, width: int) -> str:
    return f"{at.year % 100:02d}" if width == 2 else f"{at.year:0{width}d}"


def _month(at: datetime, width: int) -> str:
    return f"{at.month:0{width}d}" if width < 3 else _text(_MONTHS[at.month - 1], width)


def _weekday(at: datetime, width: int) -> str:
    return _text(_DAYS[at.weekday()], max(width, 3))


def _quarter(at: datetime, width: int) -> str:
    quarter = (at.month + 2) // 3
    return f"{quarter:0{width}d}" if width < 3 else f"Q{quarter}"


def _fraction(at: datetime, width: int) -> str:
    return f"{at.microsecond:06d}".ljust(width, "0")[:width]


def _text(name: str, width: int) -> str:
    return name[:1] if width == 5 else name if width == 4 else name[:3]


def _offset(at: datetime, width: int) -> str:
    """`+0900`, `+09`, or with a colon for widths of 3 and more."""
    text = at.strftime("%z")
    if width == 1:
        return text[:3] if text.endswith("00") else text
    return text if width in (2, 4) else f"{text[:3]}:{text[3:]}"


def _zulu_offset(at: datetime, width: int) -> str:
    return "Z" if not at.utcoffset() else _offset(at, width)


_LETTERS: dict[str, Callable[[datetime, int], str]] = {
    "y": _year,
    "u": _year,
    "Y": lambda at, width: _year(at.replace(year=at.isocalendar().year, month=1, day=1), width),
    "M": _month,
    "L": _month,
    "d": _number(lambda at: at.day),
    "D": _number(lambda at: at.timetuple().tm_yday),
    "H": _number(lambda at: at.hour),
    "k": _number(lambda at: at.hour or 24),
    "h": _number(lambda at: at.hour % 12 or 12),
    "K": _number(lambda at: at.hour % 12),
    "m": _number(lambda at: at.minute),
    "s": _number(lambda at: at.second),
    "S": _fraction,
    "n": _number(lambda at: at.microsecond * 1000),
    "A": _number(lambda at: (at.hour * 3600 + at.minute * 60 + at.second) * 1000 + at.microsecond // 1000),
    "a": lambda at, _width: "AM" if at.hour < 12 else "PM",
    "E": _weekday,
    "e": lambda at, width: f"{at.isoweekday() % 7 + 1:0{width}d}" if width < 3 else _weekday(at, width),
    "w": _number(lambda at: at.isocalendar().week),
    "Q": _quarter,
    "q": _quarter,
    "V": lambda at, _width: str(at.tzinfo),
    "z": lambda at, _width: at.strftime("%Z"),
    "Z": lambda at, width: at.strftime("%z") if width < 4 else _offset(at, 5),
    "x": _offset,
    "X": _zulu_offset,
}
