"""What DynamoDB tells of a table's stream, in the transaction of the change: opened, a record, closed.

DynamoDB delivers to the ARN `arn:aws:dynamodbstreams:{region}:{account}:table/{table}/stream/{label}`. The payload is
JSON: `{"open": {"StreamViewType": …, "KeySchema": […]}}`, `{"close": true}`, or a record that is kept as it comes. That
begins with `{"eventName":`; Keys, NewImage and OldImage (as the view type wants them), SizeBytes and userIdentity follow.
"""

from __future__ import annotations

from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.services.dynamodbstreams import storage
from undercast.services.dynamodbstreams.model import RETENTION_MS, SHARD_MS, Record, Shard, Stream

_RECORD = b'{"eventName":'


async def receive_event(call: Call, arn: str, payload: bytes) -> None:
    """Take what DynamoDB tells."""
    resource = arn.split(":", 5)[5]
    if payload.startswith(_RECORD):
        await _append(call, resource, payload)
        return
    told = orjson.loads(payload)
    if "open" in told:
        await _open(call, resource, told["open"])
    else:
        await _close(call, resource)


async def _append(call: Call, resource: str, body: bytes) -> None:
    """Write a record. A stream that is disabled takes none: its table's writes know nothing of it any more."""
    stream = await storage.take_number(call, resource)
    if stream is None:
        return
    number = stream.next_number - 1
    if call.now >= stream.rolls_at:
        await _roll(call, stream, number)
    if not stream.trims_at:
        await _trim_later(call, stream, call.now + RETENTION_MS)
    await storage.add_record(call, stream, Record(number, call.now, call.ids.hex(32), body))
    call.notify(stream.channel)


async def _open(call: Call, resource: str, wanted: dict[str, Any]) -> None:
    stream = Stream(
        call.account, call.region, resource, call.ids.sequence(), wanted["StreamViewType"], wanted["KeySchema"],
        call.now, disabled_at=0, next_number=2, rolls_at=call.now + SHARD_MS, trimmed=0, trims_at=0,
    )  # fmt: skip
    await storage.add_stream(call, stream)
    await storage.add_shard(call, stream, Shard(1, 0, _shard_id(call), "", 0))


async def _close(call: Call, resource: str) -> None:
    """Close the last shard; what the stream holds can be read until it is trimmed."""
    stream = await storage.find_stream(call, resource)
    if stream is None:
        return
    shard = await storage.open_shard(call, stream)
    if shard is None:
        return
    await storage.close_shard(call, stream, shard, max(shard.first_number, stream.next_number - 1))
    trims_at = stream.trims_at or call.now + RETENTION_MS
    await storage.disable_stream(call, stream, trims_at)
    if not stream.trims_at:
        await call.later(trims_at, "trim", stream.resource)
    call.notify(stream.channel)


async def _roll(call: Call, stream: Stream, number: int) -> None:
    """Close the open shard; its child begins with the record that comes."""
    parent = await storage.open_shard(call, stream)
    assert parent is not None
    await storage.close_shard(call, stream, parent, max(parent.first_number, number - 1))
    await storage.add_shard(call, stream, Shard(number, 0, _shard_id(call), parent.id, 0))
    await storage.set_times(call, stream, rolls_at=call.now + SHARD_MS, trims_at=stream.trims_at)


async def _trim_later(call: Call, stream: Stream, at: int) -> None:
    rolls_at = stream.rolls_at if call.now < stream.rolls_at else call.now + SHARD_MS
    await storage.set_times(call, stream, rolls_at=rolls_at, trims_at=at)
    await call.later(at, "trim", stream.resource)


def _shard_id(call: Call) -> str:
    return f"shardId-{call.now:020d}-{call.ids.hex(8)}"
