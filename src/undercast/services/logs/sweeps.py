"""Jobs that delete events: those of a deleted group or stream, and those that a group has kept long enough."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit.call import Call
from undercast.services.logs import storage
from undercast.services.logs.errors import ResourceNotFoundException
from undercast.services.logs.model import DAY_MS, HOUR_MS

_SWEEP = 2_000  # events or streams that one job deletes


async def drain(call: Call, payload: list[Any]) -> None:
    """Delete what a deleted group (stream None) or stream held, a piece at a time."""
    group_id, stream_id = payload
    gone = await storage.delete_events(call, group_id, stream_id, 2**53, _SWEEP)
    streams = 0 if gone or stream_id is not None else await storage.delete_streams(call, group_id, _SWEEP)
    if gone or streams:
        await call.later(call.now, "drain", payload)


async def expire(call: Call, payload: list[Any]) -> None:
    """Delete the events of a group that are older than it keeps them; then come back for the next."""
    name, group_id = payload
    try:
        group = await storage.find_group(call, name)
    except ResourceNotFoundException:
        return
    if group.id != group_id or not group.retention_days:
        return
    gone = await storage.delete_events(call, group.id, None, group.expired_before(call.now), _SWEEP)
    await storage.forget_bytes(call, group.id, gone)
    due = call.now
    if not gone:
        oldest = await storage.oldest_event_at(call, group.id)
        kept_until = (call.now if oldest is None else oldest) + group.retention_days * DAY_MS
        due = max(kept_until, call.now + HOUR_MS)  # reading hides what has expired meanwhile
    job = await call.later(due, "expire", payload)
    await storage.save_group(call, replace(group, expiry_job=job))
