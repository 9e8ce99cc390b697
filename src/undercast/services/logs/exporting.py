"""The job that copies a group's events into a bucket."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Sequence
from datetime import UTC, datetime

from undercast.kit.call import Call
from undercast.kit.service import waits
from undercast.services.logs import cipher, export_storage, storage
from undercast.services.logs.export_storage import Task
from undercast.services.logs.model import LAST, Event, Group, Position, Stream

_PART = 10_000  # events in one object
_STREAMS = 100


@waits
async def export(call: Call, task_id: str) -> None:
    """Write every object of an export; begun anew after a failure, it writes the same ones."""
    task = await call.transact(export_storage.find, task_id)
    if task is None or not task.active:
        return
    await call.transact(export_storage.set_status, task_id, "RUNNING", "", 0)
    group = await call.transact(storage.find_group, task.task["logGroupName"])
    prefix, after = task.task.get("logStreamNamePrefix", ""), None
    while True:
        streams = await call.transact(storage.list_streams, group, prefix, after, _STREAMS, descending=False)
        for stream in streams:
            if not await _export_stream(call, task, group, stream):
                return
        if len(streams) < _STREAMS:
            break
        after = streams[-1].name
    message = "Completed successfully"
    await call.transact(export_storage.set_status, task_id, "COMPLETED", message, call.clock.now())


async def failed(call: Call, task_id: str, error: BaseException) -> None:
    """The export has failed as often as it may."""
    await export_storage.set_status(call, task_id, "FAILED", str(error), call.now)


async def _export_stream(call: Call, task: Task, group: Group, stream: Stream) -> bool:
    """Whether the task goes on: nobody cancelled it."""
    wanted = task.task
    since, until = Position(wanted["from"], -1), Position(min(wanted["to"], LAST.at) + 1, -1)
    folder = f"{wanted['destinationPrefix']}/{task.id}/{stream.name.replace('/', '-')}"
    number = 0
    while events := await storage.read_stream(call, group, stream, since, until, _PART, backwards=False):
        present = await call.transact(export_storage.find, task.id)
        if present is None or not present.active:
            return False
        content = await asyncio.to_thread(_packed, await cipher.opened(call, group.arn, events))
        await call.aws.s3.put_object(Bucket=wanted["destination"], Key=f"{folder}/{number:06d}.gz", Body=content)
        since, number = events[-1].position, number + 1
    return True


def _packed(events: Sequence[Event]) -> bytes:
    return gzip.compress("".join(map(_line, events)).encode(), 6, mtime=0)


def _line(event: Event) -> str:
    at = datetime.fromtimestamp(event.at / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{at}.{event.at % 1000:03d}Z {event.message}\n"
