"""AWS's cron(): minutes, hours, day of month, month, day of week and, optionally, year; one of the two days is `?`."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_FIRST_YEAR, _LAST_YEAR = 1970, 2199
_SATURDAY = 7

_BEFORE_LAST = re.compile(r"L-(\d{1,2})", re.ASCII)
_NEAREST = re.compile(r"(\d{1,2}|L)W", re.ASCII)
_LAST_WEEKDAY = re.compile(r"([1-7]|[A-Z]{3})L", re.ASCII)
_NTH_WEEKDAY = re.compile(r"([1-7]|[A-Z]{3})#([1-5])", re.ASCII)

Days = Callable[[int, int], set[int]]  # the days of a month (year, month)


class InvalidCron(ValueError):
    """The fields are not those of a cron expression."""


@dataclass(frozen=True, slots=True)
class Cron:
    """The times of a clock on the wall that an expression names."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: Days
    months: tuple[int, ...]
    years: tuple[int, ...]

    @staticmethod
    def parse(text: str) -> Cron:
        """Read what stands between the parentheses of cron(). InvalidCron when it is wrong."""
        fields = text.upper().split()
        if len(fields) not in (5, 6) or text != text.strip():
            raise InvalidCron(text)
        minutes, hours, day, month, weekday, year = (*fields, "*")[:6]
        if (day == "?") == (weekday == "?"):
            raise InvalidCron("one of day-of-month and day-of-week must be ?, and not both")
        return Cron(
            _numbers(minutes, 0, 59),
            _numbers(hours, 0, 23),
            _days_of_month(day) if weekday == "?" else _days_of_week(weekday),
            _numbers(month, 1, 12, _MONTHS),
            _numbers(year, _FIRST_YEAR, _LAST_YEAR),
        )

    def walls_from(self, start: datetime) -> Iterator[datetime]:
        """The times from the minute of `start` on, in order, as naive datetimes."""
        for year in self.years:
            if year < start.year:
                continue
            for month in self.months:
                if (year, month) >= (start.year, start.month):
                    yield from self._walls_of(year, month, start.replace(second=0, microsecond=0))

    def _walls_of(self, year: int, month: int, start: datetime) -> Iterator[datetime]:
        for day in sorted(self.days(year, month)):
            if date(year, month, day) < start.date():
                continue
            for hour in self.hours:
                for minute in self.minutes:
                    wall = datetime(year, month, day, hour, minute)
                    if wall >= start:
                        yield wall


def _numbers(field: str, first: int, last: int, names: tuple[str, ...] = ()) -> tuple[int, ...]:
    """The values of a field of `,`, `-`, `*` and `/`. A range may go over the end: MON-SUN, 22-2."""
    found: set[int] = set()
    for part in field.split(","):
        span, slash, step = part.partition("/")
        width = _number(step, 1, last) if slash else 1
        low, dash, high = span.partition("-")
        start = first if span == "*" else _number(low, first, last, names)
        end = _number(high, first, last, names) if dash else last if slash or span == "*" else start
        if end < start:
            end += last - first + 1
        found.update(first + (value - first) % (last - first + 1) for value in range(start, end + 1, width))
    return tuple(sorted(found))


def _number(text: str, first: int, last: int, names: tuple[str, ...] = ()) -> int:
    if text in names:
        return first + names.index(text)
    if not re.fullmatch(r"\d{1,4}", text, re.ASCII) or not first <= int(text) <= last:
        raise InvalidCron(text)
    return int(text)


def _days_of_month(field: str) -> Days:
    rules = [_day_of_month(part) for part in field.split(",")]
    return lambda year, month: set().union(*(rule(year, month) for rule in rules))


def _day_of_month(part: str) -> Days:
    if part == "L":
        return lambda year, month: {_length(year, month)}
    if before := _BEFORE_LAST.fullmatch(part):
        back = _number(before[1], 1, 30)
        return lambda year, month: {day for day in (_length(year, month) - back,) if day > 0}
    if nearest := _NEAREST.fullmatch(part):
        day = 0 if nearest[1] == "L" else _number(nearest[1], 1, 31)
        return lambda year, month: _workday_near(year, month, day or _length(year, month))
    numbers = _numbers(part, 1, 31)
    return lambda year, month: {day for day in numbers if day <= _length(year, month)}


def _days_of_week(field: str) -> Days:
    if field == "L":
        return _on_weekdays((_SATURDAY,))
    if last := _LAST_WEEKDAY.fullmatch(field):
        weekday = _number(last[1], 1, 7, _WEEKDAYS)
        return lambda year, month: {max(_on_weekdays((weekday,))(year, month))}
    if nth := _NTH_WEEKDAY.fullmatch(field):
        weekday, index = _number(nth[1], 1, 7, _WEEKDAYS), int(nth[2])
        return lambda year, month: set(sorted(_on_weekdays((weekday,))(year, month))[index - 1 : index])
    return _on_weekdays(_numbers(field, 1, 7, _WEEKDAYS))


def _on_weekdays(weekdays: tuple[int, ...]) -> Days:
    """The days of a month that fall on these days of the week (1 is Sunday)."""

    def days(year: int, month: int) -> set[int]:
        first = _weekday(year, month, 1)
        return {day for day in range(1, _length(year, month) + 1) if (first + day - 2) % 7 + 1 in weekdays}

    return days


def _workday_near(year: int, month: int, day: int) -> set[int]:
    """The day from Monday to Friday that is nearest to a day, in its month."""
    length = _length(year, month)
    if day > length:
        return set()
    weekday = _weekday(year, month, day)
    if weekday == _SATURDAY:
        return {day - 1 if day > 1 else day + 2}
    if weekday == 1:
        return {day + 1 if day < length else day - 2}
    return {day}


def _length(year: int, month: int) -> int:
    return monthrange(year, month)[1]


def _weekday(year: int, month: int, day: int) -> int:
    """1 for Sunday to 7 for Saturday."""
    return (date(year, month, day).weekday() + 1) % 7 + 1
