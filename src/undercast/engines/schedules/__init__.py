"""Schedule expressions: rate(), cron() and at(), of EventBridge Scheduler and of EventBridge's rules.

    weekdays = Schedule.parse("cron(30 8 ? * MON-FRI *)", "Europe/Berlin")
    weekdays.next_after(1_700_000_000_000)     # 1700033400000

Sources: "Schedule types in EventBridge Scheduler" in the user guide (also for daylight saving time); "Setting a schedule
pattern for scheduled rules" in the user guide of EventBridge.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo

from undercast.engines.schedules.cron import Cron, InvalidCron

__all__ = ["InvalidSchedule", "InvalidTimezone", "Schedule"]

_RATE = re.compile(r"rate\(([1-9]\d{0,9}) (minute|hour|day)(s?)\)", re.ASCII)
_AT = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)", re.ASCII)
_UNITS_MS = {"minute": 60_000, "hour": 3_600_000, "day": 86_400_000}
_MOST_MISSED, _LONGEST_LATE_MS = 1_000, 86_400_000


class InvalidSchedule(ValueError):
    """The expression is none; the message is EventBridge Scheduler's."""


class InvalidTimezone(ValueError):
    """No time zone of the IANA database has this name."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When something happens: at times of a clock on the wall (`cron`), every `rate_ms`, or once, `at_ms`."""

    zone: ZoneInfo
    cron: Cron | None = None
    rate_ms: int = 0
    at_ms: int | None = None

    @staticmethod
    def parse(text: str, timezone: str = "UTC") -> Schedule:
        """Read an expression as EventBridge Scheduler does. InvalidSchedule or InvalidTimezone when it is wrong."""
        zone = _zone(timezone)
        try:
            return _parse(text, zone)
        except (InvalidCron, ValueError, OverflowError):  # a date that is none, or too early for its zone
            raise InvalidSchedule(f"Invalid Schedule Expression {text}.") from None

    @staticmethod
    def parse_rule(text: str) -> Schedule:
        """Read a rule's expression: rate() with the unit in the singular after 1 and only then, or cron() with all
        six fields, in UTC."""
        schedule = Schedule.parse(text)
        rate = _RATE.fullmatch(text)
        wrong_unit = rate is not None and (rate[1] == "1") == (rate[3] == "s")
        if not schedule.recurs or wrong_unit or (schedule.cron and len(text.split()) != 6):
            raise InvalidSchedule(f"Invalid Schedule Expression {text}.")
        return schedule

    @property
    def recurs(self) -> bool:
        return self.at_ms is None

    def next_after(self, ms: int, since: int | None = None) -> int | None:
        """The first time after `ms`, in milliseconds since the epoch; None when there is none.

        A rate counts from `since`, which is one of its times itself; without it, from `ms`.
        """
        if self.at_ms is not None:
            return self.at_ms if self.at_ms > ms else None
        if self.cron is None:
            return _next_of_rate(self.rate_ms, ms, ms if since is None else since)
        wall = datetime.fromtimestamp(ms / 1000, self.zone).replace(tzinfo=None, fold=0)
        for candidate in self.cron.walls_from(wall):
            at = _instant(candidate, self.zone)
            if at is not None and at > ms:
                return at
        return None

    def resumes_after(self, at: int, now: int) -> int:
        """The time after which a schedule goes on that acts `now` for its time `at`: mostly `at` itself.

        AWS promises an action for each time, at least one, and tries a single one for at most 24 hours
        (MaximumEventAgeInSeconds); it never rests, so what it would do about times that nobody was there for is not
        known. Here they are all made up for, in their order, when the platform rested or its clock leapt. But when
        more than a thousand are older than those 24 hours (a rate of a minute on a laptop that slept for a month),
        nobody wants them any more: the first is made up for and those of the last day, the others are let go.
        """
        kept_from = now - _LONGEST_LATE_MS
        return kept_from if at < kept_from and self._has_many(at, kept_from) else at

    def _has_many(self, start: int, end: int) -> bool:
        """Whether more than _MOST_MISSED of its times lie between two."""
        if self.cron is None:
            return bool(self.rate_ms) and (end - start) // self.rate_ms > _MOST_MISSED
        first, last = (datetime.fromtimestamp(ms / 1000, self.zone).replace(tzinfo=None, fold=0) for ms in (start, end))
        found = next(islice(self.cron.walls_from(first), _MOST_MISSED, None), None)
        return found is not None and found < last


def _parse(text: str, zone: ZoneInfo) -> Schedule:
    if rate := _RATE.fullmatch(text):
        return Schedule(zone, rate_ms=int(rate[1]) * _UNITS_MS[rate[2]])
    if at := _AT.fullmatch(text):
        wall = datetime.fromisoformat(at[1])
        # A time that the clocks skip is read as if they had not been set forward yet.
        return Schedule(zone, at_ms=_read(wall, zone))
    if text.startswith("cron(") and text.endswith(")"):
        return Schedule(zone, cron=Cron.parse(text[5:-1]))
    raise InvalidCron(text)


def _next_of_rate(rate_ms: int, ms: int, since: int) -> int:
    return since if ms < since else since + ((ms - since) // rate_ms + 1) * rate_ms


def _instant(wall: datetime, zone: ZoneInfo) -> int | None:
    """When clocks in `zone` show `wall`: the first time when they show it twice, None when they skip it."""
    ms = _read(wall, zone)
    shown = datetime.fromtimestamp(ms // 1000, zone).replace(tzinfo=None, fold=0)
    return ms if shown == wall else None


def _read(wall: datetime, zone: ZoneInfo) -> int:
    return int(wall.replace(tzinfo=zone).astimezone(UTC).timestamp()) * 1000


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # a path, a folder's name, a name that is not there
        raise InvalidTimezone(name) from None
