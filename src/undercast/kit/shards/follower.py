"""Following a stream: every shard is read from its checkpoint, once its parents are read to their end."""

from __future__ import annotations

import asyncio
import logging

from undercast.kit.call import Call
from undercast.kit.credentials import Identity
from undercast.kit.errors import ServiceError

from . import checkpoints
from .model import Position, Settings, Shard, readable
from .reader import Consumer, ShardReader
from .sources import source

log = logging.getLogger("undercast.shards")

_FIRST_PAUSE_MS, _LONGEST_PAUSE_MS = 1_000, 60_000  # while the stream or the database cannot be used
_BEGUN = ""  # in the place of a shard: the reader has begun on a stream that had none yet

__all__ = ["Consumer", "Follower"]


class Follower:
    """The reading of one stream for one reader, in this process. See that it is done in one process at a time.

    `call` is in the reader's account and region, outside of any transaction; `arn` is that of the stream (or of a
    consumer of a Kinesis stream); `reader` a name that stays, for its checkpoints; `identity` reads the stream.
    """

    def __init__(
        self, call: Call, arn: str, reader: str, settings: Settings, consumer: Consumer, *,
        identity: Identity | None = None,
    ) -> None:  # fmt: skip
        self._call = call.outside()
        self._reads = self._call.at(arn)
        if identity:
            self._reads.identity = identity
        self._source = source(arn)
        self._arn, self._reader, self._settings, self._consumer = arn, reader, settings, consumer
        self._readers: dict[str, ShardReader] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._changed = asyncio.Event()
        self._main: asyncio.Task[None] | None = None
        self._failures = 0  # in a row

    async def begin(self) -> None:
        """Settle where LATEST is, before anyone is told that the reader reads. Once it has begun, this does nothing."""
        if self._settings.starting_position != "LATEST":
            return
        if await self._call.transact(checkpoints.load, self._reader):
            return
        now = self._call.clock.now()
        places = [
            (shard.id, Position(iterator=await self._source.iterator(self._reads, shard.id, "LATEST"), since=now))
            for shard in await self._source.shards(self._reads)
        ]

        async def save(call: Call) -> None:
            for shard, position in places:
                await checkpoints.save(call, self._reader, shard, position)
            if not places:
                await checkpoints.save(call, self._reader, _BEGUN, Position(since=now))

        await self._call.transact(save)

    def start(self) -> None:
        """Read from now on, in tasks of their own."""
        self._main = asyncio.get_running_loop().create_task(self._follow())

    async def stop(self) -> None:
        """Read no more. Batches that are being processed end first, and how far they came is kept."""
        if self._main:
            self._main.cancel()
            await asyncio.gather(self._main, return_exceptions=True)
        for task in self._tasks.values():
            task.remove_done_callback(self._ended)
        await asyncio.gather(*(reader.stop() for reader in self._readers.values()))
        for task in self._tasks.values():  # those that have not begun, or pause
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def close(self) -> None:
        """The platform ends: wait for nothing. Batches under way are processed again after the next start."""
        tasks = [task for task in (self._main, *self._tasks.values()) if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self) -> None:
        while True:
            self._changed.clear()
            try:
                await self._read_what_can_be()
                self._failures = 0
            except Exception as error:  # noqa: BLE001  a reader goes on when the stream or the database is back
                self._say(self._arn, error)
                await self._pause()
                continue
            await self._changed.wait()

    async def _read_what_can_be(self) -> None:
        shards = await self._source.shards(self._reads)
        positions = await self._call.transact(self._known_positions, shards)
        finished = {shard for shard, position in positions.items() if position.finished}
        for shard in readable(shards, finished):
            if shard.id not in self._readers:
                self._start(shard.id, positions.get(shard.id) or Position())

    async def _known_positions(self, call: Call, shards: list[Shard]) -> dict[str, Position]:
        """Where the reader is, by shard; shards that are gone are forgotten."""
        positions = await checkpoints.load(call, self._reader)
        there = {shard.id for shard in shards}
        for gone in [shard for shard in positions if shard not in there and shard != _BEGUN]:
            await checkpoints.drop(call, self._reader, gone)
            del positions[gone]
        return positions

    def _start(self, shard: str, position: Position) -> None:
        reader = self._readers[shard] = ShardReader(
            self._call, self._reads, self._reader, self._settings, self._consumer, self._source, shard, position
        )
        task = self._tasks[shard] = asyncio.get_running_loop().create_task(self._run(shard, reader), name=shard)
        task.add_done_callback(self._ended)

    async def _run(self, shard: str, reader: ShardReader) -> None:
        try:
            await reader.run()
        except Exception as error:  # noqa: BLE001  as above; it is read again from its checkpoint
            self._say(f"{shard} of {self._arn}", error)
            await self._pause()

    def _say(self, what: str, error: Exception) -> None:
        """With where it came from, unless it is an answer of AWS: it may be a bug."""
        log.warning("%s cannot be read: %s", what, error, exc_info=not isinstance(error, ServiceError))

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._readers.pop(task.get_name(), None)
        self._tasks.pop(task.get_name(), None)
        self._changed.set()

    async def _pause(self) -> None:
        self._failures += 1
        pause_ms = min(_LONGEST_PAUSE_MS, _FIRST_PAUSE_MS * 2 ** min(self._failures - 1, 10))
        await self._call.clock.sleep_until(self._call.clock.now() + pause_ms)
