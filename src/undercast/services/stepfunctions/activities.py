"""Operations on activities: tasks that workers outside of the platform ask for."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.kit.service import waits
from undercast.services.stepfunctions import arns, configuration, context, errors, pages, standard, storage
from undercast.services.stepfunctions.frames import Frame
from undercast.services.stepfunctions.model import Activity, checked_name, merged_tags
from undercast.services.stepfunctions.run import Run

POLL_MS = 60_000  # GetActivityTask holds the request "for up to 60 seconds"


async def create_activity(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Create an activity; the same again finds it."""
    name = checked_name(request["name"])
    await configuration.settings_of(call, request)
    activity = await storage.find_activity(call, name)
    if activity is None:
        activity = Activity(name, merged_tags({}, request.get("tags") or []), call.now)
        await storage.save_activity(call, activity)
    return {"activityArn": arns.activity(call, name), "creationDate": activity.created_at}


async def describe_activity(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """An activity."""
    activity = await _find(call, request["activityArn"])
    return {**_summary(call, activity), "encryptionConfiguration": {"type": configuration.OWNED}}


async def delete_activity(call: Call, request: dict[str, Any]) -> None:
    """Delete an activity, if it is there."""
    name = arns.parse(request["activityArn"], "activity", most=1).parts[0]
    if arns.is_here(call, request["activityArn"]):
        await storage.delete_activity(call, name)


async def list_activities(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Activities by name."""
    limit = pages.limit(request)
    found = await storage.list_activities(call, pages.position(request, ""), limit + 1)
    shown = found[:limit]
    return {
        "activities": [_summary(call, activity) for activity in shown],
        "nextToken": pages.token(shown[-1].name if shown else "", more=len(found) > limit),
    }


@waits
async def get_activity_task(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The oldest task that waits for a worker; the request waits for one to come."""
    arn = request["activityArn"]
    activity = await call.transact(_find, arn)
    until = call.clock.now() + POLL_MS
    with call.listen(f"stepfunctions:{arn}") as signal:
        while True:
            found = await call.transact_relaxed(_take, activity.name, request.get("workerName"))
            if found is not None:
                return {"taskToken": found[0], "input": found[1]}
            left_ms = until - call.clock.now()
            if left_ms <= 0 or not await signal.wait(left_ms / 1000):
                return {}


async def _find(call: Call, arn: str) -> Activity:
    name = arns.parse(arn, "activity", most=1).parts[0]
    activity = await storage.find_activity(call, name) if arns.is_here(call, arn) else None
    if activity is None:
        raise errors.ActivityDoesNotExist(arn)
    return activity


async def _take(call: Call, activity: str, worker: str | None) -> tuple[str, str] | None:
    """A task that is still waited for; its execution's history tells of the worker."""
    while (found := await storage.take_activity_task(call, activity)) is not None:
        token = context.read_token(found[0])
        assert token is not None

        async def begin(run: Run, frame: Frame) -> None:
            await standard.taken(run, frame, worker)

        if await standard.with_task(call, token, begin):
            return found
    return None


def _summary(call: Call, activity: Activity) -> dict[str, Any]:
    return {
        "activityArn": arns.activity(call, activity.name),
        "name": activity.name,
        "creationDate": activity.created_at,
    }
