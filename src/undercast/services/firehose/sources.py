"""Kinesis streams as sources: a job for each sees that one process follows the stream's shards.

AWS reads from LATEST: what arrives once the delivery stream is made.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from typing import Any

import orjson

from undercast.kit import shards
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.kit.jobs import AT_START
from undercast.kit.service import waits
from undercast.kit.shards import Batch, Follower, Record, Result, Settings
from undercast.services.firehose import aggregates, buffers, storage
from undercast.services.firehose.buffers import Draft
from undercast.services.firehose.errors import InvalidArgumentException
from undercast.services.firehose.model import Stream

log = logging.getLogger("undercast.firehose")

_READING = "firehose.reading"
_LEASE_MS = 60_000
_LOOK_AGAIN_MS = 20_000  # where there are several processes: to renew the lease, or to take over


async def check(call: Call, arn: str) -> None:
    """InvalidArgumentException when there is no such Kinesis stream."""
    try:
        await call.at(arn).aws.kinesis.describe_stream_summary(StreamARN=arn)
    except ServiceError as error:
        raise InvalidArgumentException(f"Kinesis stream {arn} cannot be read: {error.message}") from error


async def settle(call: Call, stream: Stream) -> None:
    """Have the source of a stream that is new, or deleted, followed or left."""
    await call.later(call.now, "source", [stream.name, stream.id])


@waits
async def keep(call: Call, payload: list[Any]) -> None:
    """The job. It is written anew for the next start of the platform (or, among several nodes, for a while later)."""
    name, stream_id = payload
    here = _reading(call)
    stream, mine = await call.transact(_settle, name, stream_id, here.node)
    if not mine:
        await here.stop(stream_id)
    elif stream and stream_id not in here:
        here.start(call.outside(), stream)
    if stream is None:
        await call.transact(shards.forget, _reader(stream_id))


async def stop(platform: Any) -> None:
    """Read no more in this process."""
    here: Reading | None = platform.things.pop(_READING, None)
    if here:
        await here.stop_all()


async def leave(platform: Any, account: str) -> None:
    """Read no more for an account."""
    here: Reading | None = platform.things.get(_READING)
    if here:
        await here.leave(account)


class Reading:
    """The source streams that this process follows, by the delivery stream's id."""

    def __init__(self, node: str) -> None:
        self.node = node
        self._followers: dict[int, tuple[Stream, Follower, asyncio.Task[None]]] = {}

    def __contains__(self, stream_id: int) -> bool:
        return stream_id in self._followers

    def start(self, call: Call, stream: Stream) -> None:
        settings = Settings("AT_TIMESTAMP", starting_at=stream.created_at, batch_size=10_000)
        arn = stream.source["KinesisStreamARN"]
        follower = Follower(call, arn, _reader(stream.id), settings, Intake(call, stream))
        follower.start()
        self._followers[stream.id] = stream, follower, asyncio.ensure_future(self._keep_lease(call, stream.id))

    async def stop(self, stream_id: int) -> None:
        if stream_id in self._followers:
            _, follower, lease = self._followers.pop(stream_id)
            lease.cancel()
            await follower.stop()

    async def stop_all(self) -> None:
        await asyncio.gather(*(self.stop(id) for id in list(self._followers)))

    async def leave(self, account: str) -> None:
        await asyncio.gather(
            *(self.stop(id) for id, (stream, *_) in self._followers.items() if stream.account == account)
        )

    async def _keep_lease(self, call: Call, stream_id: int) -> None:
        """Say again and again that it is this process that reads. With one process there is nobody to tell."""
        while call.platform.store.dialect != "sqlite":
            await call.clock.sleep_until(call.clock.now() + _LOOK_AGAIN_MS)
            try:
                await call.transact(storage.lease, stream_id, self.node, call.clock.now() + _LEASE_MS)
            except Exception as error:  # noqa: BLE001  without the database nobody else can take over either
                log.warning("the lease of the source of stream %s cannot be renewed now: %s", stream_id, error)


class Intake:
    """Puts what is read into the delivery stream's buffer."""

    def __init__(self, call: Call, stream: Stream) -> None:
        self._call = call
        self._name, self._id = stream.name, stream.id

    def wants(self, record: Record) -> bool:
        return True

    async def process(self, batch: Batch) -> Result:
        await self._call.transact(self._take, batch)
        return Result()

    async def discard(self, call: Call, batch: Batch, reason: str, result: Result | None) -> None:
        """Retries never end here, so nothing is given up."""

    async def _take(self, call: Call, batch: Batch) -> None:
        stream = await storage.find_same(call, self._name, self._id)
        if stream:
            drafts = [draft for record in batch.records for draft in _drafts(batch.shard, record)]
            await buffers.take(call, stream, drafts)


async def _settle(call: Call, name: str, stream_id: int, node: str) -> tuple[Stream | None, bool]:
    """The stream if it is still there, and whether it is this process that reads for it."""
    await call.finish_job()
    stream = await storage.find_same(call, name, stream_id)
    if stream is None:
        await storage.forget_reader(call, stream_id)
        return None, False
    alone = call.platform.store.dialect == "sqlite"
    await call.later(AT_START if alone else call.now + _LOOK_AGAIN_MS, "source", [name, stream_id])
    return stream, alone or await storage.lease(call, stream_id, node, call.now + _LEASE_MS)


def _reading(call: Call) -> Reading:
    found: Reading | None = call.platform.things.get(_READING)
    if found is None:
        found = call.platform.things[_READING] = Reading(call.ids.hex(16))
    return found


def _reader(stream_id: int) -> str:
    return f"firehose:{stream_id}"


def _drafts(shard: str, record: Record) -> Iterator[Draft]:
    """The records in a record of Kinesis: those of an aggregate, or itself."""
    parts = aggregates.split(record.raw["Data"]) or [(record.key, record.raw["Data"])]
    for number, (key, data) in enumerate(parts):
        origin = {
            "shardId": shard,
            "partitionKey": key,
            "approximateArrivalTimestamp": record.at,
            "sequenceNumber": record.sequence,
            "subsequenceNumber": number,
        }
        yield Draft(data, record.at, orjson.dumps(origin).decode())
