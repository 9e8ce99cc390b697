"""Continuous backups: point-in-time recovery and restoring a table to any second of its window."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit.call import Call
from undercast.services.dynamodb import descriptions, errors, history, restoring, storage
from undercast.services.dynamodb.model import Table

_DAYS = 35


async def update_continuous_backups(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Switch point-in-time recovery on or off, or change how far back it reaches."""
    table = await _find(call, request["TableName"])
    wanted = request["PointInTimeRecoverySpecification"]
    before = table.settings.get("pitr")
    if not wanted["PointInTimeRecoveryEnabled"]:
        if "RecoveryPeriodInDays" in wanted:
            raise errors.ValidationException(
                "RecoveryPeriodInDays can only be specified when PointInTimeRecoveryEnabled is true"
            )
        table = replace(table, settings={**table.settings, "pitr": None})
        if before and not table.settings.get("copying"):
            await history.forget(call, table.id)
    else:
        since = before["since"] if before else call.now
        days = wanted.get("RecoveryPeriodInDays") or (before["days"] if before else _DAYS)
        table = replace(table, settings={**table.settings, "pitr": {"since": since, "days": days}})
        if not before:
            await call.later(call.now + 86_400_000, "trim history", [table.name, table.id, since])
    await storage.save_table(call, table)
    return {"ContinuousBackupsDescription": _describe(call, table)}


async def describe_continuous_backups(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Whether point-in-time recovery is on, and the times that a table can be restored to."""
    return {"ContinuousBackupsDescription": _describe(call, await _find(call, request["TableName"]))}


async def restore_table_to_point_in_time(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A new table with the items as they were at a second."""
    source = await _source(call, request)
    window = recovery_window(call, source)
    if window is None:
        raise errors.PointInTimeRecoveryUnavailableException(
            f"Point in time recovery is not enabled for table '{source.name}'"
        )
    at = _restore_time(request, window)
    target = await restoring.new_table(call, source, request, {
        "SourceTableArn": source.arn, "RestoreDateTime": at, "RestoreInProgress": True,
    })  # fmt: skip
    await history.hold(call, source)
    moment = history.end_of(at + 999)  # all of the second
    await restoring.start(call, target, source.id, moment, source_table=source.name)
    return {"TableDescription": descriptions.describe(target)}


def recovery_window(call: Call, table: Table) -> tuple[int, int] | None:
    """The earliest and the latest second (in milliseconds) that a table can be restored to."""
    recovery = table.settings.get("pitr")
    if not recovery:
        return None
    earliest = max(recovery["since"], call.now - recovery["days"] * 86_400_000)
    return earliest // 1000 * 1000, call.now // 1000 * 1000


def _describe(call: Call, table: Table) -> dict[str, Any]:
    window = recovery_window(call, table)
    described: dict[str, Any] = {"PointInTimeRecoveryStatus": "DISABLED"}
    if window:
        described = {
            "PointInTimeRecoveryStatus": "ENABLED",
            "RecoveryPeriodInDays": table.settings["pitr"]["days"],
            "EarliestRestorableDateTime": window[0],
            "LatestRestorableDateTime": window[1],
        }
    return {"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": described}


async def _find(call: Call, name: str) -> Table:
    table = await storage.find_table_or_none(call, name)
    if table is None:
        raise errors.TableNotFoundException(f"Table not found: {name}")
    return table


async def _source(call: Call, request: dict[str, Any]) -> Table:
    name = request.get("SourceTableArn") or request.get("SourceTableName")
    if not name:
        raise errors.ValidationException("Either SourceTableName or SourceTableArn must be specified")
    return await _find(call, name)


def _restore_time(request: dict[str, Any], window: tuple[int, int]) -> int:
    latest, at = request.get("UseLatestRestorableTime"), request.get("RestoreDateTime")
    if latest and at is not None:
        raise errors.ValidationException("Both RestoreDateTime and UseLatestRestorableTime cannot be specified")
    if latest:
        return window[1]
    if at is None:
        raise errors.ValidationException("Either RestoreDateTime or UseLatestRestorableTime must be specified")
    at = int(at) // 1000 * 1000
    if not window[0] <= at <= window[1]:
        raise errors.InvalidRestoreTimeException
    return at
