"""Buffers: what comes in waits in one until it is large or old enough, then it becomes parcels."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import Any, NamedTuple

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.service import waits
from undercast.services.firehose import filing, processing, sealing, storage
from undercast.services.firehose.errors import InvalidArgumentException
from undercast.services.firehose.model import Record, Stream

_ID_BYTES = 168  # AWS's ids have 224 characters


class Draft(NamedTuple):
    """A record that comes in; `arrived_at` in milliseconds."""

    data: bytes
    arrived_at: int
    origin: str = ""


async def take(call: Call, stream: Stream, drafts: Sequence[Draft]) -> list[str]:
    """Put records into the stream's buffer; their ids. InvalidKMSResourceException."""
    size = sum(len(draft.data) for draft in drafts)
    records = [
        Record(call.ids.sequence(), b64encode(call.ids.bytes(_ID_BYTES)).decode(), draft.arrived_at, draft.data, draft.origin)
        for draft in drafts
    ]  # fmt: skip
    holder, filled, job = await storage.fill(call, stream, size)
    await sealing.keep(call, stream, holder, records)
    if filled >= stream.buffer_bytes:
        if job:
            await call.cancel_job(job)
        await storage.close(call, stream, holder)
        await _flush_at(call, stream, holder, call.now)
    elif not job:
        await storage.set_job(call, stream, await _flush_at(call, stream, holder, call.now + stream.buffer_ms))
    return [record.id for record in records]


async def receive_event(call: Call, arn: str, payload: bytes) -> None:
    """Take an event that another service delivers to a stream's ARN, as one record."""
    stream = await find_open(call, Arn.parse(arn).resource.removeprefix("deliverystream/"))
    await take(call, stream, [Draft(payload, call.now)])


async def find_open(call: Call, name: str) -> Stream:
    """A stream that takes records. ResourceNotFoundException, InvalidArgumentException."""
    stream = await storage.find(call, name)
    if stream.type != "DirectPut":
        raise InvalidArgumentException(f"This operation is not permitted on {stream.type} delivery stream type.")
    return stream


async def _flush_at(call: Call, stream: Stream, holder: int, at: int) -> int:
    there = call.into(account=stream.account, region=stream.region)
    there.service = "firehose"
    return await there.later(at, "flush", [stream.name, stream.id, holder], key=f"firehose:{stream.id}")


@waits
async def flush(call: Call, payload: list[Any]) -> None:
    """The job: process a buffer's records and have what comes of them delivered."""
    name, stream_id, holder = payload
    stream = await call.transact(_close, name, stream_id, holder)
    if stream is None:
        return
    if not stream.transforms:
        await call.transact(filing.file_untouched, stream, holder)
        return
    records = await sealing.read(call, holder)
    items, failed = await processing.process(call, stream, records)
    parcels = await filing.arrange(call, stream, items, failed)
    await call.transact(filing.file, stream, holder, records, parcels)


async def _close(call: Call, name: str, stream_id: int, holder: int) -> Stream | None:
    """The stream, which lets nothing more into the buffer; None when it is gone, and then so is the buffer."""
    stream = await storage.find_same(call, name, stream_id)
    if stream is None:
        await storage.delete_records(call, holder)
        return None
    await storage.close(call, stream, holder)
    return stream
