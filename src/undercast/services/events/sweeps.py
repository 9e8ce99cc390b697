"""Jobs that delete archived events: those of a deleted archive, and those that were kept long enough."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.events import archive_storage
from undercast.services.events.model import DAY_MS, Archive

_SWEEP = 1_000  # events that one job deletes


async def begin(call: Call, archive: Archive) -> None:
    """Have what an archive has kept long enough deleted from now on."""
    if archive.retention_days:
        payload = [archive.name, archive.id, archive.retention_days]
        await call.later(call.now + archive.retention_days * DAY_MS, "expire", payload)


async def expire(call: Call, payload: list[Any]) -> None:
    """The job: delete what is too old; then come back for the next."""
    name, id, days = payload
    archive = await archive_storage.find(call, name)
    if archive is None or (archive.id, archive.retention_days) != (id, days):
        return  # a change of the retention began a job of its own
    deleted = await archive_storage.delete_oldest(call, id, call.now - days * DAY_MS + 1, _SWEEP)
    oldest = await archive_storage.oldest_stored_at(call, id)
    due = (oldest if oldest is not None else call.now) + days * DAY_MS
    await call.later(call.now if deleted == _SWEEP else max(due, call.now + 1000), "expire", payload)


async def drain(call: Call, archive_id: int) -> None:
    """The job: delete what a deleted archive held, a piece at a time."""
    if await archive_storage.delete_oldest(call, archive_id, 2**62, _SWEEP) == _SWEEP:
        await call.later(call.now, "drain", archive_id)
