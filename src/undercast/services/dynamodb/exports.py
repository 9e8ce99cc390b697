"""Operations that export a table to S3."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.dynamodb import errors, history, recovery, storage, transfers
from undercast.services.dynamodb.model import Table

_LARGEST_PAGE = 25
_KEPT = ("S3Bucket", "S3BucketOwner", "S3Prefix", "S3SseAlgorithm", "S3SseKmsKeyId")
_SHORTEST_MS, _LONGEST_MS = 15 * 60_000, 24 * 3_600_000  # the window of an incremental export


async def export_table_to_point_in_time(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Write a table as it was at a second, or what changed between two, to a bucket in the background."""
    if request.get("FilterSpecification"):
        raise errors.ValidationException("Undercast has no FilterSpecification of exports.")
    earlier = await transfers.begun(call, "export", request)
    if earlier:
        return {"ExportDescription": transfers.describe(earlier)}
    table = await storage.find_table_or_none(call, request["TableArn"])
    if table is None:
        raise errors.TableNotFoundException(f"Table not found: {request['TableArn']}")
    described = {
        **{name: request[name] for name in _KEPT if name in request},
        "S3SseAlgorithm": request.get("S3SseAlgorithm") or "AES256",
        "ExportFormat": request.get("ExportFormat") or "DYNAMODB_JSON",
        "ExportType": request.get("ExportType") or "FULL_EXPORT",
        "TableId": table.uuid,
        **_window(call, table, request),
    }
    await history.hold(call, table)
    begun = await transfers.begin(call, "export", table.arn, request, described)
    return {"ExportDescription": transfers.describe(begun)}


async def describe_export(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """An export."""
    return {"ExportDescription": transfers.describe(await transfers.find(call, "export", request["ExportArn"]))}


async def list_exports(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Exports of a table or of all."""
    limit = request.get("MaxResults") or _LARGEST_PAGE
    found, token = await transfers.page(call, "export", request.get("TableArn"), request.get("NextToken"), limit)
    names = ("ExportArn", "ExportStatus", "ExportType")
    return {"ExportSummaries": [{name: one[name] for name in names} for one in found], "NextToken": token}


def _window(call: Call, table: Table, request: dict[str, Any]) -> dict[str, Any]:
    """The moments of an export, checked: those that it is between, and what is told of them."""
    window = recovery.recovery_window(call, table)
    if window is None:
        raise errors.PointInTimeRecoveryUnavailableException(
            f"Point in time recovery is not enabled for table '{table.name}'"
        )
    wanted = request.get("IncrementalExportSpecification")
    if request.get("ExportType") != "INCREMENTAL_EXPORT":
        if wanted:
            raise errors.ValidationException("IncrementalExportSpecification is only for an INCREMENTAL_EXPORT")
        at = _second(request.get("ExportTime"), window[1])
        _check_within(at, window)
        return {"ExportTime": at, "window": [0, history.end_of(at + 999)]}
    if not wanted or "ExportFromTime" not in wanted or "ExportTime" in request:
        raise errors.ValidationException("An INCREMENTAL_EXPORT takes an ExportFromTime, and no ExportTime")
    since, until = _second(wanted["ExportFromTime"], 0), _second(wanted.get("ExportToTime"), window[1])
    _check_within(since, window)
    _check_within(until, window)
    if not _SHORTEST_MS <= until - since <= _LONGEST_MS:
        raise errors.ValidationException("The export window must be between 15 minutes and 24 hours long")
    told = {
        "ExportFromTime": since, "ExportToTime": until,
        "ExportViewType": wanted.get("ExportViewType") or "NEW_AND_OLD_IMAGES",
    }  # fmt: skip
    # From the first moment of its first second up to the first of its last: windows that follow share no change.
    moments = [history.end_of(since - 1), history.end_of(until - 1)]
    return {"IncrementalExportSpecification": told, "window": moments}


def _second(time_ms: int | None, otherwise: int) -> int:
    return otherwise if time_ms is None else int(time_ms) // 1000 * 1000


def _check_within(at: int, window: tuple[int, int]) -> None:
    if not window[0] <= at <= window[1]:
        raise errors.InvalidExportTimeException
