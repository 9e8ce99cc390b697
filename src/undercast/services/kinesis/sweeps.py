"""Records that are too old, or whose stream is gone, are deleted piece by piece."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call

from . import storage
from .model import HOUR_MS, Stream

_PIECE = 2_000  # records deleted in one transaction
_EVERYTHING = (1 << 63) - 1


async def later(call: Call, stream: Stream) -> None:
    """Sweep a new stream from now on."""
    await call.later(call.now + HOUR_MS, "trim", [stream.name, stream.id])


async def drain(call: Call, stream: Stream) -> None:
    """Delete what a deleted stream held."""
    await call.into(account=stream.account, region=stream.region).later(call.now, "drain", [stream.id])


async def trim(call: Call, payload: list[Any]) -> None:
    """The job: delete what is older than the stream's retention, every hour. Readers pass over it in the meantime."""
    name, id = payload
    stream = await storage.find_by_name(call, name)
    if stream is None or stream.id != id:
        return
    horizon = stream.horizon(call.now)
    more = await storage.delete_records(call, id, horizon, _PIECE)
    if not more:
        await storage.delete_shards(call, id, horizon)
    await call.later(call.now if more else call.now + HOUR_MS, "trim", payload)


async def drain_stream(call: Call, payload: list[int]) -> None:
    """The job: delete the records of a deleted stream, and then its shards."""
    if await storage.delete_records(call, payload[0], _EVERYTHING, _PIECE):
        await call.later(call.now, "drain", payload)
    else:
        await storage.delete_shards(call, payload[0], None)
