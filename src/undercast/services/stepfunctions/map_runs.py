"""Operations on map runs."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.stepfunctions import arns, errors, lookups, map_running, map_storage, pages
from undercast.services.stepfunctions.map_storage import MapRun
from undercast.services.stepfunctions.model import RUNNING


async def describe_map_run(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A map run, with how far it is."""
    run = await _find(call, request["mapRunArn"])
    parent = await map_storage.parent_of(call, run)
    begun = run.begun - run.ended
    return {
        "mapRunArn": request["mapRunArn"],
        "executionArn": arns.execution(call, *parent),
        "status": run.status,
        "startDate": run.started_at,
        "stopDate": run.stopped_at,
        "maxConcurrency": run.concurrency,
        "toleratedFailurePercentage": run.tolerated_percentage or 0.0,
        "toleratedFailureCount": run.tolerated_count or 0,
        "itemCounts": _counts(run, run.counts, run.running_items, max(run.items, 0)),
        "executionCounts": _counts(run, run.executions, begun, run.batches),
        "redriveCount": run.redrives,
        "redriveDate": run.redriven_at,
    }


async def list_map_runs(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The map runs of an execution."""
    execution = await lookups.find_execution(call, request["executionArn"])
    limit = pages.limit(request)
    after: list[Any] = pages.position(request, [-1, ""])
    found = await map_storage.list_map_runs(call, execution.number, (after[0], after[1]), limit + 1)
    shown = found[:limit]
    return {
        "mapRuns": [
            {
                "executionArn": request["executionArn"],
                "mapRunArn": arns.map_run(call, run.machine, run.id),
                "stateMachineArn": arns.machine(call, run.machine),
                "startDate": run.started_at,
                "stopDate": run.stopped_at,
            }
            for run in shown
        ],
        "nextToken": pages.token([shown[-1].started_at, shown[-1].id] if shown else 0, more=len(found) > limit),
    }


async def update_map_run(call: Call, request: dict[str, Any]) -> None:
    """Change how many children run at once and how many may fail, while it runs."""
    run = await _find(call, request["mapRunArn"])
    if run.status != RUNNING:
        raise errors.ValidationException(f"The Map Run is {run.status} and cannot be updated")
    if request.get("maxConcurrency") is not None:
        run.concurrency = request["maxConcurrency"]
    if request.get("toleratedFailureCount") is not None:
        run.tolerated_count = request["toleratedFailureCount"]
    if request.get("toleratedFailurePercentage") is not None:
        run.tolerated_percentage = request["toleratedFailurePercentage"]
    await map_storage.save_map_run(call, run)
    await map_running.fill_later(call, run.id)


async def _find(call: Call, arn: str) -> MapRun:
    parts = arns.parse(arn, "mapRun").parts
    run = await map_storage.find_map_run(call, parts[-1]) if arns.is_here(call, arn) else None
    if run is None or parts != (run.machine, run.id):
        raise errors.ResourceNotFound(f"Resource not found: '{arn}'")
    return run


def _counts(run: MapRun, ended: dict[str, int], running: int, total: int) -> dict[str, int]:
    return {
        "pending": total - running - sum(ended.values()),
        "running": running,
        **ended,
        "total": total,
        "resultsWritten": run.written if ended is run.counts else 0,
        "failuresNotRedrivable": 0,
        "pendingRedrive": 0,
    }
