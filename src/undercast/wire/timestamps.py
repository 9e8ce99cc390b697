"""Timestamps: milliseconds since the epoch to and from the formats of the AWS protocols."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache

from undercast.kit.errors import SerializationException

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MAX_MS = 253_402_300_799_999  # 9999-12-31T23:59:59.999Z
MIN_MS = -62_135_596_800_000  # 0001-01-01T00:00:00Z
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def from_epoch(value: float) -> int:
    """Seconds since the epoch (int or float) as milliseconds."""
    if not MIN_MS <= value * 1000 <= MAX_MS:  # also false for NaN
        raise SerializationException(f"Invalid timestamp: {value}")
    return round(value * 1000)


def from_text(text: str) -> int:
    """RFC 3339, an HTTP date or a number of seconds, as every AWS service reads all three from text."""
    try:
        return from_epoch(float(text)) if _is_number(text) else _from_date(text)
    except (ValueError, OverflowError, TypeError, IndexError):
        raise SerializationException(f"Invalid timestamp: {text[:100]}") from None


def to_epoch(ms: int) -> int | float:
    """Seconds since the epoch; a whole number stays an int."""
    seconds, rest = divmod(ms, 1000)
    return ms / 1000 if rest else seconds


def to_iso8601(ms: int) -> str:
    """RFC 3339, with milliseconds only when there are any."""
    seconds, rest = divmod(ms, 1000)
    text = _second(seconds)
    return f"{text}.{rest:03d}Z" if rest else text + "Z"


def to_iso8601_ms(ms: int) -> str:
    """RFC 3339 always with milliseconds, as S3 writes it: 2024-01-02T03:04:05.000Z."""
    seconds, rest = divmod(ms, 1000)
    return f"{_second(seconds)}.{rest:03d}Z"


def to_http_date(ms: int) -> str:
    return _http_date(ms // 1000)


@lru_cache(maxsize=1024)
def _http_date(seconds: int) -> str:
    day = EPOCH + timedelta(seconds=seconds)
    return f"{DAYS[day.weekday()]}, {day.day:02d} {MONTHS[day.month - 1]} {day.year:04d} {day:%H:%M:%S} GMT"


WRITERS: dict[str, Callable[[int], str | int | float]] = {
    "iso8601": to_iso8601,
    "iso8601-ms": to_iso8601_ms,
    "rfc822": to_http_date,
    "unixTimestamp": to_epoch,
}


def _is_number(text: str) -> bool:
    return text.lstrip("+-").replace(".", "", 1).replace("E", "", 1).replace("e", "", 1).replace("+", "").isdigit()


def _from_date(text: str) -> int:
    if text[:1].isdigit():
        moment = datetime.fromisoformat(text)
    else:
        moment = parsedate_to_datetime(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - EPOCH) // timedelta(milliseconds=1)


@lru_cache(maxsize=1024)  # answers list many times of the same second
def _second(seconds: int) -> str:
    return (EPOCH + timedelta(seconds=seconds)).isoformat()[:19]
