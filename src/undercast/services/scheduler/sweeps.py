"""The job that empties a group which is being deleted."""

from __future__ import annotations

from undercast.kit.call import Call
from undercast.services.scheduler import storage

_SWEEP = 200  # schedules that one job deletes


async def empty(call: Call, name: str) -> None:
    """Delete a piece of a group, at the end the group."""
    if await storage.delete_some_of_group(call, name, _SWEEP) == _SWEEP:
        await call.later(call.now, "empty", name)
    else:
        await storage.delete_group(call, name)
