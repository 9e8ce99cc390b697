"""The job that deletes what a stream has kept for 24 hours."""

from __future__ import annotations

from undercast.kit.call import Call
from undercast.services.dynamodbstreams import storage
from undercast.services.dynamodbstreams.model import RETENTION_MS

_SWEEP = 1_000  # records that one job deletes
_PAUSE_MS = 60_000  # between the sweeps of a busy stream


async def trim_stream(call: Call, resource: str) -> None:
    """Delete old records and the closed shards that held them; then come back for the next, if there are any."""
    stream = await storage.find_stream(call, resource)
    if stream is None:
        return
    cutoff = call.now - RETENTION_MS
    deleted = await storage.delete_oldest(call, stream, cutoff, _SWEEP)
    more = len(deleted) == _SWEEP
    if not more:
        await storage.delete_closed_shards(call, stream, cutoff)
    oldest = await storage.time_of_next(call, stream, 0)
    if oldest is None and stream.disabled_at and stream.disabled_at <= cutoff:
        await storage.delete_stream(call, stream)
        return
    since = stream.disabled_at if oldest is None else oldest
    again = call.now if more else max(since + RETENTION_MS, call.now + _PAUSE_MS) if since else 0
    await storage.set_trimmed(call, stream, max([stream.trimmed, *deleted]), again)
    if again:
        await call.later(again, "trim", resource)
