"""Jobs that delete messages: what a purged or deleted queue held, and what a queue has kept long enough."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.sqs import storage
from undercast.services.sqs.model import Queue

_SWEEP = 1_000  # messages that one job deletes


async def drain(call: Call, queue: Queue) -> None:
    """Have everything deleted that this generation of a queue holds."""
    there = call.into(account=queue.account)
    await storage.forget_generation(there, queue.id)
    await there.later(call.now, "drain", queue.id)


async def drain_generation(call: Call, queue_id: int) -> None:
    """Delete what a purged or deleted queue held, a piece at a time."""
    if len(await storage.delete_oldest(call, queue_id, _SWEEP, sent_before=2**62)) == _SWEEP:
        await call.later(call.now, "drain", queue_id)


async def expire_messages(call: Call, payload: list[Any]) -> None:
    """Delete the messages of a queue that are older than it keeps them; then come back for the next."""
    name, created_at, retention_ms = payload
    queue = await storage.find_queue_by_name(call, name)
    if queue is None or (queue.created_at, queue.retention_ms) != (created_at, retention_ms):
        return  # a change of the retention began a job of its own
    deleted = await storage.delete_oldest(call, queue.id, _SWEEP, sent_before=call.now - queue.retention_ms + 1)
    for group in set(deleted) - {None}:
        await storage.settle_group(call, queue, str(group))
    oldest = await storage.oldest_sent_at(call, queue)
    due = (oldest if oldest is not None else call.now) + queue.retention_ms
    await call.later(call.now if len(deleted) == _SWEEP else max(due, call.now + 1000), "expire", payload)
