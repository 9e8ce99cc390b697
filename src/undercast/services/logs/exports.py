"""Operations on export tasks: a group's events, copied into a bucket."""

from __future__ import annotations

from typing import Any

from undercast.kit import paging
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.kit.service import waits
from undercast.services.logs import errors, export_storage, storage
from undercast.services.logs.errors import InvalidParameterException
from undercast.services.logs.export_storage import Task

_KEPT = ("taskName", "logGroupName", "logStreamNamePrefix", "from", "to", "destination", "destinationPrefix")


@waits
async def create_export_task(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Begin to copy the events of a time into a bucket, gzipped, an object or more for each stream."""
    if request["from"] > request["to"]:
        raise InvalidParameterException("The 'from' time must not be after the 'to' time.")
    await call.transact(storage.find_group, request["logGroupName"])
    kept = {name: request[name] for name in _KEPT if request.get(name) is not None}
    kept.setdefault("destinationPrefix", "exportedlogs")
    try:  # as AWS does, to see whether the bucket takes it
        await call.aws.s3.put_object(
            Bucket=request["destination"],
            Key=f"{kept['destinationPrefix']}/aws-logs-write-test",
            Body=b"Permission Check Successful",
        )
    except ServiceError as error:
        if error.code != "NoSuchBucket":
            raise
        raise InvalidParameterException(
            "The given bucket does not exist. Please make sure the bucket is valid."
        ) from error
    return {"taskId": await call.transact(_create, kept)}


async def cancel_export_task(call: Call, request: dict[str, Any]) -> None:
    """Stop an export; what was written stays."""
    task = await export_storage.find(call, request["taskId"])
    if task is None:
        raise errors.ResourceNotFoundException("The specified export task does not exist.")
    if not task.active:
        raise errors.InvalidOperationException("The specified export task has already finished.")
    await export_storage.set_status(call, task.id, "CANCELLED", "Cancelled by user", call.now)


async def describe_export_tasks(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The export tasks of the account."""
    tasks = [
        task
        for task in await export_storage.list_all(call)
        if request.get("taskId") in (None, task.id) and request.get("statusCode") in (None, task.status)
    ]
    try:
        page, token = paging.page(tasks, lambda task: task.id, request.get("nextToken"), request.get("limit") or 50)
    except paging.InvalidToken:
        raise InvalidParameterException("The specified nextToken is invalid.") from None
    return {"exportTasks": [_show(task) for task in page], "nextToken": token}


async def _create(call: Call, kept: dict[str, Any]) -> str:
    if any(task.active for task in await export_storage.list_all(call)):
        raise errors.LimitExceededException()
    task = Task(call.ids.uuid(), "PENDING", "", call.now, 0, kept)
    await export_storage.add(call, task)
    await call.later(call.now, "export", task.id)
    return task.id


def _show(task: Task) -> dict[str, Any]:
    return {
        "taskId": task.id,
        **{name: value for name, value in task.task.items() if name != "logStreamNamePrefix"},
        "status": {"code": task.status, "message": task.message or None},
        "executionInfo": {"creationTime": task.created_at, "completionTime": task.completed_at or None},
    }
