"""What makes a schedule wrong by itself: its expression, zone, dates and window."""

from __future__ import annotations

from undercast.engines.schedules import InvalidSchedule, InvalidTimezone
from undercast.services.scheduler import errors
from undercast.services.scheduler.model import Schedule

_LATE_MS = 300_000  # a start date may be this far in the past


def check(schedule: Schedule, now: int, before: Schedule | None = None) -> None:
    """ValidationException. `before` is what the schedule was, when it is changed."""
    try:
        expression = schedule.expression
    except InvalidSchedule as error:
        raise errors.ValidationException(str(error)) from None
    except InvalidTimezone as error:
        raise errors.ValidationException(f"Invalid Schedule Expression Timezone {error}.") from None
    if expression.recurs:
        _check_dates(schedule, now, before)
    _check_window(schedule)


def _check_dates(schedule: Schedule, now: int, before: Schedule | None) -> None:
    start, end = schedule.settings.get("StartDate"), schedule.settings.get("EndDate")
    kept = before is not None and before.settings.get("StartDate") == start
    if start is not None and start < now - _LATE_MS and not kept:
        raise errors.ValidationException("The StartDate you specify cannot be earlier than 5 minutes ago.")
    if start is not None and end is not None and end <= start:
        raise errors.ValidationException("The EndDate you specify must come after the StartDate.")


def _check_window(schedule: Schedule) -> None:
    window = schedule.settings["FlexibleTimeWindow"]
    minutes = window.get("MaximumWindowInMinutes")
    if window["Mode"] == "FLEXIBLE" and minutes is None:
        raise errors.ValidationException("MaximumWindowInMinutes must be provided when Mode is FLEXIBLE.")
    if window["Mode"] == "OFF" and minutes is not None:
        raise errors.ValidationException("MaximumWindowInMinutes must not be provided when Mode is OFF.")
