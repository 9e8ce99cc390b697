"""What a group and a schedule are, and when a schedule is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from undercast.engines import schedules

DEFAULT_GROUP = "default"
ACTIVE, DELETING = "ACTIVE", "DELETING"
ENABLED, DISABLED = "ENABLED", "DISABLED"

SETTINGS = (
    "ScheduleExpression", "StartDate", "EndDate", "Description", "ScheduleExpressionTimezone", "KmsKeyArn", "Target",
    "FlexibleTimeWindow", "ActionAfterCompletion",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Group:
    """A group of schedules."""

    account: str
    region: str
    name: str
    state: str
    created_at: int
    modified_at: int
    tags: Mapping[str, str]
    token: str = ""

    @property
    def arn(self) -> str:
        return f"arn:aws:scheduler:{self.region}:{self.account}:schedule-group/{self.name}"

    def describe(self) -> dict[str, Any]:
        """As GetScheduleGroup and ListScheduleGroups show it."""
        return {
            "Arn": self.arn,
            "Name": self.name,
            "State": self.state,
            "CreationDate": self.created_at,
            "LastModificationDate": self.modified_at,
        }


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule. `since` is where a rate counts from, `next_at` when it is due; None when it is not, or done."""

    account: str
    region: str
    group: str
    name: str
    state: str
    settings: Mapping[str, Any]
    created_at: int
    modified_at: int
    since: int
    next_at: int | None
    token: str = ""

    @property
    def arn(self) -> str:
        return f"arn:aws:scheduler:{self.region}:{self.account}:schedule/{self.group}/{self.name}"

    @property
    def expression(self) -> schedules.Schedule:
        return schedules.Schedule.parse(
            self.settings["ScheduleExpression"], self.settings["ScheduleExpressionTimezone"]
        )

    @property
    def window_ms(self) -> int:
        return 60_000 * int(self.settings["FlexibleTimeWindow"].get("MaximumWindowInMinutes") or 0)

    @property
    def deletes_itself(self) -> bool:
        return bool(self.settings["ActionAfterCompletion"] == "DELETE")

    def planned(self, now: int) -> Schedule:
        """With the first time that is due from `now` on."""
        return replace(self, next_at=self._due(now - 1) if self.state == ENABLED else None)

    def fired(self, now: int) -> Schedule:
        """With the time that is due after the one that was."""
        assert self.next_at is not None
        return replace(self, next_at=self._due(self.expression.resumes_after(self.next_at, now)))

    def _due(self, after: int) -> int | None:
        """A one-time schedule knows no beginning and no end ("Schedule types", user guide)."""
        expression = self.expression
        if not expression.recurs:
            return expression.next_after(after)
        start, end = self.settings.get("StartDate"), self.settings.get("EndDate")
        found = expression.next_after(after if start is None else max(after, start - 1), self.since)
        return found if found is None or end is None or found < end else None

    def describe(self) -> dict[str, Any]:
        """As GetSchedule shows it."""
        return {
            **self.settings,
            "Arn": self.arn,
            "GroupName": self.group,
            "Name": self.name,
            "State": self.state,
            "CreationDate": self.created_at,
            "LastModificationDate": self.modified_at,
        }

    def summary(self) -> dict[str, Any]:
        """As ListSchedules shows it."""
        shown = self.describe()
        keys = ("Arn", "GroupName", "Name", "State", "CreationDate", "LastModificationDate")
        return {**{key: shown[key] for key in keys}, "Target": {"Arn": shown["Target"]["Arn"]}}


def settings_of(request: Mapping[str, Any]) -> dict[str, Any]:
    """What a request says of a schedule, with the defaults that GetSchedule shows."""
    given = {name: request[name] for name in SETTINGS if request.get(name) is not None}
    target = dict(given["Target"])
    target["RetryPolicy"] = {
        "MaximumEventAgeInSeconds": 86_400,
        "MaximumRetryAttempts": 185,
        **(target.get("RetryPolicy") or {}),
    }
    return {"ScheduleExpressionTimezone": "UTC", "ActionAfterCompletion": "NONE", **given, "Target": target}
