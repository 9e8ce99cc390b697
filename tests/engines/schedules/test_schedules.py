"""Schedule expressions: what AWS's user guide says of them, and against a walk from minute to minute."""

from __future__ import annotations

from calendar import monthrange
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercast.engines.schedules import InvalidSchedule, InvalidTimezone, Schedule

MINUTE_MS = 60_000


def ms(text: str, timezone: str = "UTC") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(timezone)).timestamp() * 1000)


def times(expression: str, after: str, count: int, timezone: str = "UTC") -> list[str]:
    """The next times in UTC, as text."""
    schedule, at, found = Schedule.parse(expression, timezone), ms(after), []
    for _ in range(count):
        following = schedule.next_after(at)
        if following is None:
            break
        at = following
        found.append(datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%dT%H:%M"))
    return found


@pytest.mark.parametrize(
    ("expression", "after", "expected"),
    [
        ("cron(15 10 ? * 6L 2022-2023)", "2022-11-01T00:00", ["2022-11-25T10:15", "2022-12-30T10:15", "2023-01-27T10:15"]),
        ("cron(0 8 1 * ? *)", "2024-01-31T00:00", ["2024-02-01T08:00", "2024-03-01T08:00"]),
        ("cron(0/15 * * * ? *)", "2024-01-31T23:45", ["2024-02-01T00:00", "2024-02-01T00:15"]),
        ("cron(1/10 0 * * ? *)", "2024-01-01T00:00", ["2024-01-01T00:01", "2024-01-01T00:11"]),
        ("cron(0/5 8-17 ? * MON-FRI *)", "2024-02-02T17:50", ["2024-02-02T17:55", "2024-02-05T08:00"]),
        ("cron(0 0 3W * ? *)", "2024-02-01T00:00", ["2024-02-02T00:00", "2024-03-04T00:00"]),
        ("cron(0 0 1W * ? *)", "2024-05-30T00:00", ["2024-06-03T00:00"]),
        ("cron(0 0 31W * ? *)", "2024-03-01T00:00", ["2024-03-29T00:00", "2024-05-31T00:00"]),
        ("cron(0 0 LW * ? *)", "2024-03-01T00:00", ["2024-03-29T00:00", "2024-04-30T00:00"]),
        ("cron(0 0 L * ? *)", "2024-02-01T00:00", ["2024-02-29T00:00", "2024-03-31T00:00"]),
        ("cron(0 0 L-1 2 ? *)", "2023-01-01T00:00", ["2023-02-27T00:00", "2024-02-28T00:00"]),
        ("cron(0 0 ? * 3#2 *)", "2024-02-01T00:00", ["2024-02-13T00:00", "2024-03-12T00:00"]),
        ("cron(0 0 ? * TUE#5 *)", "2024-02-01T00:00", ["2024-04-30T00:00"]),
        ("cron(0 0 ? * L *)", "2024-02-01T00:00", ["2024-02-03T00:00", "2024-02-10T00:00"]),
        ("cron(0 22-1 1 1 ? 2024)", "2024-01-01T00:00", ["2024-01-01T01:00", "2024-01-01T22:00", "2024-01-01T23:00"]),
        ("cron(0 0 ? * FRI-MON *)", "2024-02-01T00:00", [f"2024-02-0{day}T00:00" for day in (2, 3, 4, 5, 9)]),
        ("cron(0 0 29 FEB ? *)", "2097-01-01T00:00", ["2104-02-29T00:00"]),
        ("cron(0 0 1 1 ? 2024)", "2024-01-01T00:00", []),
        ("cron(0 0 30 2 ? *)", "2024-01-01T00:00", []),
        ("cron(0 12 * * ?)", "2024-01-01T00:00", ["2024-01-01T12:00"]),
        ("at(2024-01-01T10:00:30)", "2024-01-01T00:00", ["2024-01-01T10:00"]),
        ("at(2024-01-01T00:00:00)", "2024-01-01T00:00", []),
        ("rate(2 hours)", "2024-01-01T00:30", ["2024-01-01T02:30", "2024-01-01T04:30"]),
        ("rate(1 days)", "2024-01-01T00:30", ["2024-01-02T00:30"]),
    ],
)  # fmt: skip
def test_next_times(expression: str, after: str, expected: list[str]) -> None:
    assert times(expression, after, max(1, len(expected))) == expected


def test_a_rate_counts_from_its_beginning() -> None:
    schedule = Schedule.parse("rate(5 minutes)")
    since = ms("2024-01-01T00:00")
    assert schedule.next_after(since - 1, since) == since
    assert schedule.next_after(since, since) == since + 5 * MINUTE_MS
    assert schedule.next_after(since + 1, since) == since + 5 * MINUTE_MS
    assert schedule.next_after(since + 12 * MINUTE_MS, since) == since + 15 * MINUTE_MS


def test_a_time_that_clocks_skip_is_skipped() -> None:
    """The example of the user guide: 2:30 in Los Angeles does not exist on 2024-03-10."""
    assert times("cron(30 2 * * ? *)", "2024-03-09T00:00", 3, "America/Los_Angeles") == [
        "2024-03-09T10:30", "2024-03-11T09:30", "2024-03-12T09:30",
    ]  # fmt: skip


def test_a_time_that_clocks_repeat_comes_once_before_the_shift() -> None:
    assert times("cron(30 1 * * ? *)", "2024-11-02T12:00", 2, "America/New_York") == [
        "2024-11-03T05:30", "2024-11-04T06:30",
    ]  # fmt: skip
    assert times("cron(0/30 0-3 * * ? *)", "2024-11-03T04:59", 5, "America/New_York") == [
        "2024-11-03T05:00", "2024-11-03T05:30", "2024-11-03T07:00", "2024-11-03T07:30", "2024-11-03T08:00",
    ]  # fmt: skip


def test_days_of_a_rate_have_24_hours() -> None:
    assert times("rate(1 day)", "2024-03-09T10:00", 2, "America/New_York") == ["2024-03-10T10:00", "2024-03-11T10:00"]


@pytest.mark.parametrize(
    ("expression", "rested", "is_late"),
    [
        ("rate(1 minute)", timedelta(hours=24), False),  # all 1,440 of the last day
        ("rate(1 minute)", timedelta(hours=24, minutes=1_000), False),
        ("rate(1 minute)", timedelta(hours=24, minutes=1_001), True),
        ("rate(1 hour)", timedelta(days=30), False),
        ("cron(* * * * ? *)", timedelta(hours=24, minutes=1_000), False),
        ("cron(* * * * ? *)", timedelta(hours=24, minutes=1_001), True),
        ("cron(0 12 * * ? *)", timedelta(days=1_001), False),
        ("cron(0 12 * * ? *)", timedelta(days=1_003), True),
        ("at(2026-03-01T12:00:00)", timedelta(days=9_999), False),
    ],
)
def test_what_is_made_up_for_after_a_rest(expression: str, rested: timedelta, is_late: bool) -> None:
    at = int(datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()) * 1000
    now = at + rested // timedelta(milliseconds=1)
    assert Schedule.parse(expression).resumes_after(at, now) == (now - 86_400_000 if is_late else at)


def test_a_time_in_a_zone() -> None:
    assert Schedule.parse("at(2022-11-20T13:00:00)", "America/Los_Angeles").at_ms == ms("2022-11-20T21:00:00")


@pytest.mark.parametrize(
    "expression",
    [
        "", "rate", "rate(5)", "rate(0 minutes)", "rate(05 minutes)", "rate(1.5 hours)", "rate(5  minutes)", "rate(5 minutes) ",
        "rate(5 weeks)", "rate(٥ minutes)", "cron(* * * * *)", "cron(* * * * * *)", "cron(* * ? * ? *)", "cron(60 * * * ? *)",
        "cron(* 24 * * ? *)", "cron(* * 0 * ? *)", "cron(* * 32 * ? *)", "cron(* * * 13 ? *)", "cron(* * ? * 0 *)",
        "cron(* * ? * 8 *)", "cron(* * * * ? 1969)", "cron(* * * * ? 2200)", "cron(*/0 * * * ? *)", "cron(1, * * * ? *)",
        "cron(* * ? * 3#1,6#3 *)", "cron(* * ? * 3#6 *)", "cron(* * ? * 2W *)", "cron(* * * ? * *)", "cron(? * * * ? *)",
        "cron( * * * * ? *)", "cron(* * * * ? * *)", "cron(1-2-3 * * * ? *)", "cron(-1 * * * ? *)", "cron(* * FRI * ? *)",
        "at()", "at(2024-02-30T00:00:00)", "at(2024-01-01T24:00:00)", "at(2024-01-01 00:00:00)", "at(0001-01-01T00:00:00)x",
    ],
)  # fmt: skip
def test_what_is_no_schedule(expression: str) -> None:
    with pytest.raises(InvalidSchedule) as error:
        Schedule.parse(expression)
    assert str(error.value) == f"Invalid Schedule Expression {expression}."


@pytest.mark.parametrize("timezone", ["", "Mars/Base", "../UTC", "/etc/passwd", "America", "Europe/Berlin\0"])
def test_what_is_no_time_zone(timezone: str) -> None:
    with pytest.raises(InvalidTimezone):
        Schedule.parse("rate(1 minute)", timezone)


@pytest.mark.parametrize("expression", ["rate(1 minute)", "rate(2 minutes)", "rate(1 day)", "cron(0 12 * * ? *)"])
def test_expressions_of_rules(expression: str) -> None:
    after = ms("2024-01-01T00:00")
    assert Schedule.parse_rule(expression).next_after(after) == Schedule.parse(expression).next_after(after)


@pytest.mark.parametrize(
    "expression", ["rate(1 minutes)", "rate(2 minute)", "at(2024-01-01T00:00:00)", "cron(0 12 * * ?)", "rate(0 days)"]
)
def test_what_is_no_expression_of_a_rule(expression: str) -> None:
    with pytest.raises(InvalidSchedule):
        Schedule.parse_rule(expression)


# --- against a naive walk ---


def naive(field: str, value: int) -> bool:
    """Whether a field of numbers, `*`, lists, ranges and steps names a value."""
    for part in field.split(","):
        span, _, step = part.partition("/")
        low, _, high = span.partition("-")
        start = 0 if span == "*" else int(low)
        end = 9999 if span == "*" or (step and not high) else int(high or low)
        if start <= value <= end and (value - start) % int(step or 1) == 0:
            return True
    return False


def walk(fields: tuple[str, str, str, str], zone: ZoneInfo, after: int, limit: int) -> int | None:
    """The first time after `after`: from minute to minute, over what clocks in the zone show for the first time."""
    minutes, hours, days, months = fields
    at = after // MINUTE_MS * MINUTE_MS + MINUTE_MS
    while at <= limit:
        wall = datetime.fromtimestamp(at / 1000, zone)
        if (
            wall.fold == 0
            and naive(minutes, wall.minute)
            and naive(hours, wall.hour)
            and naive(days, wall.day)
            and naive(months, wall.month)
        ):
            return at
        at += MINUTE_MS
    return None


def field(first: int, last: int, *, stars: bool = True) -> st.SearchStrategy[str]:
    number = st.integers(first, last)
    span = st.tuples(number, number).map(lambda pair: f"{min(pair)}-{max(pair)}")
    step = st.tuples(number, st.integers(1, last)).map(lambda pair: f"{pair[0]}/{pair[1]}")
    lists = st.lists(number.map(str) | span | step, min_size=1, max_size=3).map(",".join)
    return lists | st.just("*") if stars else lists


ZONES = ["UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Cairo"]
STARTS = [
    "2024-03-08T00:00", "2024-11-01T00:00", "2024-03-29T20:00", "2024-10-26T00:00", "2024-04-05T00:00", "2024-10-04T12:00",
    "2023-04-27T12:00", "2024-12-31T00:00", "2024-02-28T06:00",
]  # fmt: skip


@given(
    minutes=field(0, 59), hours=field(0, 23), days=st.just("*"), months=field(1, 12) | st.just("*"),
    timezone=st.sampled_from(ZONES), start=st.sampled_from(STARTS), offset=st.integers(0, 3 * 86_400_000),
)  # fmt: skip
def test_as_a_walk_from_minute_to_minute(
    minutes: str, hours: str, days: str, months: str, timezone: str, start: str, offset: int
) -> None:
    after = ms(start) + offset
    limit = after + int(timedelta(days=2).total_seconds() * 1000)
    found = Schedule.parse(f"cron({minutes} {hours} {days} {months} ? *)", timezone).next_after(after)
    expected = walk((minutes, hours, days, months), ZoneInfo(timezone), after, limit)
    assert found == expected if expected is not None else found is None or found > limit


DAYS = ["L", "L-3", "15W", "1W", "31W", "LW", "1,L", "10-12", "*/7", "31"]
WEEKDAYS = ["L", "6L", "SUNL", "2#1", "FRI#5", "MON-FRI", "SAT-MON", "1,4", "*"]


def on_day(field: str, day: date) -> bool:
    """Whether a day of the month is meant, told from the words of the user guide."""
    length = monthrange(day.year, day.month)[1]
    for part in field.split(","):
        if part in ("LW", "1W", "15W", "31W"):
            wanted = length if part == "LW" else int(part[:-1])
            near = [date(day.year, day.month, one) for one in range(1, length + 1)]
            work = [one for one in near if one.weekday() < 5]
            if wanted <= length and day == min(work, key=lambda one: (abs(one.day - wanted), one.day)):
                return True
        elif part.startswith("L"):
            if day.day == length - int(part[2:] or 0):
                return True
        elif naive(part.replace("*/", "1/"), day.day):
            return True
    return False


def on_weekday(field: str, day: date) -> bool:
    number, length = (day.weekday() + 1) % 7 + 1, monthrange(day.year, day.month)[1]
    for index, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")):
        field = field.replace(name, str(index + 1))
    if field == "L":
        return number == 7
    if field.endswith("L"):
        return number == int(field[0]) and day.day > length - 7
    if "#" in field:
        weekday, index = field.split("#")
        return number == int(weekday) and (day.day - 1) // 7 + 1 == int(index)
    return number in (7, 1, 2) if field == "7-2" else naive(field, number)


@given(
    field=st.sampled_from([f"{one} * ?" for one in DAYS] + [f"? * {one}" for one in WEEKDAYS]),
    start=st.dates(date(1999, 1, 1), date(2101, 1, 1)),
)
def test_as_a_walk_from_day_to_day(field: str, start: date) -> None:
    days, _, weekdays = field.split(" ")
    day = start + timedelta(days=1)
    while not (on_weekday(weekdays, day) if days == "?" else on_day(days, day)):
        day += timedelta(days=1)
    found = Schedule.parse(f"cron(0 0 {field} *)").next_after(ms(f"{start}T00:00"))
    assert found == ms(f"{day}T00:00")


@given(number=st.integers(1, 10_000), since=st.integers(0, 10**12), later=st.integers(-(10**9), 10**12))
def test_a_rate_is_the_first_multiple(number: int, since: int, later: int) -> None:
    found = Schedule.parse(f"rate({number} minutes)").next_after(since + later, since)
    assert found is not None and found > since + later and found >= since
    assert (found - since) % (number * MINUTE_MS) == 0
    assert found == since or found - number * MINUTE_MS <= since + later


@given(st.text(max_size=40) | st.text("cronate()0123456789 *?/-,LW#MONJAN:T", max_size=40))
def test_any_text_is_a_schedule_or_refused(text: str) -> None:
    for expression in (text, f"cron({text})", f"rate({text})", f"at({text})"):
        with suppress(InvalidSchedule):
            Schedule.parse(expression).next_after(1_700_000_000_000)
