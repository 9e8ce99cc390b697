"""Reading one shard: its records go to lanes, the lanes' batches to the consumer, and how far that is to the store."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import Protocol

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.store.waiters import Signal

from . import checkpoints
from .model import EXHAUSTED, EXPIRED, Batch, Lanes, Position, Record, Result, Settings, Window, fitting
from .sources import Source

log = logging.getLogger("undercast.shards")

_LOOK_AGAIN_S = 60.0  # even when nothing is notified: iterators expire after five minutes
_FIRST_PAUSE_MS, _LONGEST_PAUSE_MS = 100, 30_000  # between attempts
_TRIMMED = "TrimmedDataAccessException"
_LOST = ("ExpiredIteratorException", _TRIMMED)


class Consumer(Protocol):
    """Who gets the records."""

    def wants(self, record: Record) -> bool:
        """Whether a record passes the reader's filters; one that does not is done with."""
        ...

    async def process(self, batch: Batch) -> Result:
        """One attempt. Whatever it raises is a failure of the whole batch."""
        ...

    async def discard(self, call: Call, batch: Batch, reason: str, result: Result | None) -> None:
        """A batch is given up, EXHAUSTED or EXPIRED; this runs in the transaction that moves past it.

        `result` is that of the last attempt, None without one.
        """
        ...


class ShardReader:
    """One shard. `call` is the reader's, `reads` is in the name and at the place in which the stream is read."""

    def __init__(
        self, call: Call, reads: Call, reader: str, settings: Settings, consumer: Consumer, source: Source,
        shard: str, position: Position,
    ) -> None:  # fmt: skip
        self._call, self._reads = call, reads
        self._reader, self._settings, self._consumer, self._source = reader, settings, consumer, source
        self._shard, self._origin = shard, position
        self._window = position.window
        self._lanes = Lanes(1 if settings.tumbling_ms else settings.lanes, position)
        self._arrived = [asyncio.Event() for _ in range(len(self._lanes))]
        self._moved = asyncio.Event()  # a lane is done with something
        self._at_work: set[int] = set()  # lanes that process a batch
        self._tasks: list[asyncio.Task[None]] = []
        self._earliest = settings.starting_at if settings.starting_position == "AT_TIMESTAMP" else 0
        self._saved = position.after
        self._caught_up_at = 0
        self._ended = self._stopping = False

    async def run(self) -> None:
        """Read the shard to its end, should it have one. Whatever goes wrong is raised; then begin anew from the store."""
        with self._call.listen(self._source.channel) as signal:
            self._signal = signal
            loop = asyncio.get_running_loop()
            self._tasks = [loop.create_task(self._work(lane)) for lane in range(len(self._lanes))]
            self._tasks.append(loop.create_task(self._read(signal)))
            try:
                await self._until_done()
            finally:
                for task in self._tasks:
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)

    async def stop(self) -> None:
        """Read no more; a batch that is being processed is waited for and its outcome kept."""
        self._stopping = True
        for lane, task in enumerate(self._tasks):
            if lane not in self._at_work:
                task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _until_done(self) -> None:
        done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            if not task.cancelled():
                task.result()
        if not self._stopping:
            finished = replace(self._lanes.position(self._origin), finished=True)
            await self._call.transact(checkpoints.save, self._reader, self._shard, finished)

    # --- reading ---

    async def _read(self, signal: Signal) -> None:
        iterator: str | None = await self._first_iterator(self._origin)
        limit = min(self._source.largest_read, max(100, 2 * self._settings.batch_size * len(self._lanes)))
        while iterator:
            while self._lanes.full(self._settings.batch_size):
                self._moved.clear()
                await self._moved.wait()
            now = self._call.clock.now()
            try:
                records, iterator, caught_up = await self._source.read(self._reads, iterator, limit)
            except ServiceError as error:
                if error.code not in _LOST:
                    raise
                iterator = await self._found_again(error.code)
                continue
            self._take(records)
            if caught_up:
                self._caught_up_at = now
                self._wake()
            if not records and iterator:
                await self._save_if_idle()
                await signal.wait(_LOOK_AGAIN_S)
        self._ended = True
        self._wake()

    async def _first_iterator(self, position: Position) -> str:
        if position.after:
            return await self._after(position.after)
        return position.iterator or await self._source.start(self._reads, self._shard, self._settings)

    async def _found_again(self, code: str) -> str:
        """An iterator where the lost one was: it expired, or what it pointed at is gone."""
        if code == _TRIMMED:
            return await self._source.iterator(self._reads, self._shard, "TRIM_HORIZON")
        if self._lanes.read >= 0:
            return await self._after(str(self._lanes.read))
        if self._origin.since:
            self._earliest = self._origin.since
            return await self._source.since(self._reads, self._shard, self._origin.since)
        return await self._source.start(self._reads, self._shard, self._settings)

    async def _after(self, number: str) -> str:
        """An iterator after a record, or at the oldest one when that is gone."""
        try:
            return await self._source.iterator(self._reads, self._shard, "AFTER_SEQUENCE_NUMBER", SequenceNumber=number)
        except ServiceError as error:
            if error.code != _TRIMMED:
                raise
            return await self._source.iterator(self._reads, self._shard, "TRIM_HORIZON")

    def _take(self, records: list[Record]) -> None:
        for record in records:
            wanted = record.at >= self._earliest and self._consumer.wants(record)
            lane = self._lanes.offer(record, wanted=wanted)
            if lane is not None:
                self._arrived[lane].set()

    def _wake(self) -> None:
        for event in self._arrived:
            event.set()

    async def _save_if_idle(self) -> None:
        """What was read and not wanted need not be read again."""
        position = self._lanes.position(self._origin, self._window)
        if not self._lanes.held() and position.after != self._saved:
            await self._call.transact(checkpoints.save, self._reader, self._shard, position)
            self._saved = position.after

    # --- processing ---

    async def _work(self, lane: int) -> None:
        while not self._stopping:
            batch = await self._next_batch(lane)
            if batch is None:
                return
            await self._process(lane, batch)

    async def _next_batch(self, lane: int) -> Batch | None:
        """A full batch, or what came within the window; None at the end of the shard."""
        waiting, arrived = self._lanes.waiting(lane), self._arrived[lane]
        until = 0
        while True:
            arrived.clear()
            now = self._call.clock.now()
            if self._window and self._window_is_over(self._window, waiting):
                return Batch(self._shard, (), window=self._window, final=True)
            if not waiting:
                if self._ended:
                    return None
                await self._wait(arrived, self._window.end if self._window else 0)
                continue
            until = until or now + self._settings.window_ms
            count, full = self._ready(waiting)
            if full or self._ended or now >= until:
                return Batch(self._shard, self._lanes.take(lane, count), window=self._window)
            await self._wait(arrived, until)

    def _ready(self, waiting: list[Record]) -> tuple[int, bool]:
        """How many of the records make the next batch, and whether there is no more room in it."""
        count = fitting(waiting, self._settings.batch_size)
        full = count == self._settings.batch_size or count < len(waiting)
        if self._settings.tumbling_ms:
            self._window = self._window or Window.around(waiting[0].at, self._settings.tumbling_ms)
            within = next((n for n, one in enumerate(waiting[:count]) if one.at >= self._window.end), count)
            return within, full or within < count
        return count, full

    def _window_is_over(self, window: Window, waiting: list[Record]) -> bool:
        if waiting:
            return waiting[0].at >= window.end
        return self._ended or self._caught_up_at >= window.end

    async def _wait(self, arrived: asyncio.Event, until: int) -> None:
        """For more records, or until a time, when the reader looks once more too."""
        if not until:
            await arrived.wait()
            return

        def look() -> None:
            arrived.set()
            self._signal.set()

        timer = self._call.clock.call_at(until, look)
        try:
            await arrived.wait()
        finally:
            timer.cancel()

    async def _process(self, lane: int, batch: Batch) -> None:
        """Attempt a batch until all of it is done or given up."""
        todo = [batch]
        while todo and not self._stopping:
            batch = todo.pop()
            old = batch.expired(self._call.clock.now(), self._settings.oldest_ms)
            if old:
                await self._give_up(lane, replace(batch, records=batch.records[:old]), EXPIRED, None)
                batch = replace(batch, records=batch.records[old:])
            if batch.records or batch.final:
                todo += reversed(await self._attempt(lane, batch))

    async def _attempt(self, lane: int, batch: Batch) -> list[Batch]:
        """One attempt; what is to be attempted after it, in order."""
        self._at_work.add(lane)
        try:
            result = await self._outcome(batch)
            done = result.progress(batch)
            if done or (batch.final and result.failed is None):
                await self._commit(lane, batch, done, result)
        finally:
            self._at_work.discard(lane)
        if result.failed is None or (done and done == len(batch.records)):
            return []
        rest = batch.rest(done)
        if self._settings.bisects and len(rest.records) > 1 and not done:
            return list(rest.halves())
        rest = replace(rest, attempts=rest.attempts + 1)
        if 0 <= self._settings.most_retries < rest.attempts:
            await self._give_up(lane, rest, EXHAUSTED, result)
            return []
        await self._pause(rest.attempts)
        return [rest]

    async def _outcome(self, batch: Batch) -> Result:
        try:
            return await self._consumer.process(batch)
        except Exception:  # a failure of the batch like any other, whatever it is
            log.exception("a batch of %s could not be processed", self._shard)
            return Result(failed="")

    async def _pause(self, attempts: int) -> None:
        if not self._stopping:
            pause_ms = min(_LONGEST_PAUSE_MS, _FIRST_PAUSE_MS * 2 ** min(attempts - 1, 10))
            await self._call.clock.sleep_until(self._call.clock.now() + pause_ms)

    async def _commit(self, lane: int, batch: Batch, done: int, result: Result) -> None:
        if batch.final:
            self._window = None
        elif self._window and result.state is not None:
            self._window = replace(self._window, state=result.state)
        await self._call.transact(checkpoints.save, self._reader, self._shard, self._pass(lane, batch, done))

    async def _give_up(self, lane: int, batch: Batch, reason: str, result: Result | None) -> None:
        if batch.final:
            self._window = None
        position = self._pass(lane, batch, len(batch.records))

        async def move_past(call: Call) -> None:
            await self._consumer.discard(call, batch, reason, result)
            await checkpoints.save(call, self._reader, self._shard, position)

        await self._call.transact(move_past)

    def _pass(self, lane: int, batch: Batch, done: int) -> Position:
        if done:
            self._lanes.done(lane, batch.records[done - 1])
        self._moved.set()
        position = self._lanes.position(self._origin, self._window)
        self._saved = position.after
        return position
