"""What following shards means, without any I/O: lineage, positions, lanes, batches, windows and what failures do."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

EXHAUSTED = "RetryAttemptsExhausted"  # why a batch is given up, in the words of Lambda's records of failures
EXPIRED = "RecordAgeExceeded"
LARGEST_BATCH_BYTES = 6_000_000  # of records; a payload of Lambda has at most 6 MB


@dataclass(frozen=True, slots=True)
class Settings:
    """How a reader reads. -1: for ever."""

    starting_position: str = "TRIM_HORIZON"  # or LATEST, AT_TIMESTAMP
    starting_at: int = 0  # milliseconds, for AT_TIMESTAMP
    batch_size: int = 100
    window_ms: int = 0  # how long a batch may wait to be full
    lanes: int = 1  # batches of one shard that are processed side by side, each key in a lane of its own
    tumbling_ms: int = 0
    bisects: bool = False
    most_retries: int = -1
    oldest_ms: int = -1


@dataclass(frozen=True, slots=True)
class Shard:
    """One shard of a stream, and those whose records come before its own."""

    id: str
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """One record. `raw` is as GetRecords of its service gives it (boto3-shaped, times in milliseconds, blobs bytes)."""

    sequence: str
    key: str  # records of one key are in order
    at: int
    size: int  # bytes
    raw: dict[str, Any]

    @property
    def number(self) -> int:
        return int(self.sequence)


@dataclass(frozen=True, slots=True)
class Window:
    """A tumbling window of one shard and what the function made of it so far. https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html"""

    start: int
    end: int
    state: Any = field(default_factory=dict)

    @classmethod
    def around(cls, at: int, length_ms: int) -> Window:
        """The window that an arrival falls into."""
        start = at - at % length_ms
        return cls(start, start + length_ms)


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one shard in order, for one attempt. `window` when windows tumble; then `final` ends it."""

    shard: str
    records: tuple[Record, ...]
    attempts: int = 0  # made before this one
    window: Window | None = None
    final: bool = False

    def rest(self, start: int) -> Batch:
        """What is left from a record on."""
        return replace(self, records=self.records[start:], attempts=self.attempts if start == 0 else 0)

    def halves(self) -> tuple[Batch, Batch]:
        """The batch bisected. This uses up no attempt. https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html"""
        middle = len(self.records) // 2
        return replace(self, records=self.records[:middle]), replace(self, records=self.records[middle:])

    def expired(self, now: int, oldest_ms: int) -> int:
        """How many records at its start are too old."""
        if oldest_ms < 0:
            return 0
        return next((n for n, one in enumerate(self.records) if now - one.at <= oldest_ms), len(self.records))


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an attempt. `failed`: the sequence number of the first record that failed, "" for all of them.

    `state` goes on to the next batch of the window; `detail` is the consumer's own, and comes back to it in `discard`.
    """

    failed: str | None = None
    state: Any = None
    detail: Any = None

    def progress(self, batch: Batch) -> int:
        """How many records of the batch are done with."""
        if self.failed is None:
            return len(batch.records)
        return next((n for n, one in enumerate(batch.records) if one.sequence == self.failed), 0)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a reader is in a shard.

    after     the sequence number up to which all is done; '' before the first
    lanes     the same by lane, further on for some
    iterator  for a shard without records so far: where LATEST was when the reader began
    since     and the time of that, should the iterator expire
    finished  the shard is closed and read to its end
    """

    after: str = ""
    lanes: tuple[str, ...] = ()
    iterator: str = ""
    since: int = 0
    finished: bool = False
    window: Window | None = None

    def dump(self) -> str:
        return orjson.dumps(self).decode()

    @classmethod
    def load(cls, text: str) -> Position:
        facts = orjson.loads(text)
        window = Window(**facts["window"]) if facts["window"] else None
        return cls(**{**facts, "lanes": tuple(facts["lanes"]), "window": window})


def readable(shards: Sequence[Shard], finished: Collection[str]) -> list[Shard]:
    """The shards that may be read now: not read to their end yet, while their parents are, or are gone."""
    there = {shard.id for shard in shards}
    return [
        shard
        for shard in shards
        if shard.id not in finished and all(one in finished or one not in there for one in shard.parents)
    ]


class Lanes:
    """The records of one shard that wait or are processed, and how far each lane is.

    A key is always in the same lane, so its records stay in order; a lane is processed batch by batch.
    """

    def __init__(self, count: int, position: Position) -> None:
        start = int(position.after or -1)
        same = len(position.lanes) == count  # else the keys were spread otherwise
        self._done = [int(one or -1) for one in position.lanes] if same else [start] * count
        self._waiting: list[list[Record]] = [[] for _ in range(count)]
        self._busy: list[tuple[Record, ...]] = [()] * count
        self.read = start
        self.size = 0  # bytes of all that waits or is processed

    def __len__(self) -> int:
        return len(self._done)

    def offer(self, record: Record, *, wanted: bool) -> int | None:
        """Take what was read. The lane it waits in now, or None when it is done with."""
        self.read = max(self.read, record.number)
        lane = zlib.crc32(record.key.encode()) % len(self._done)
        if not wanted or record.number <= self._done[lane]:
            return None
        self._waiting[lane].append(record)
        self.size += record.size
        return lane

    def waiting(self, lane: int) -> list[Record]:
        """What waits in a lane, in order."""
        return self._waiting[lane]

    def take(self, lane: int, limit: int) -> tuple[Record, ...]:
        """Up to `limit` records of a lane, as many as fit into one payload, to be processed now."""
        count = fitting(self._waiting[lane], limit)
        self._busy[lane] = tuple(self._waiting[lane][:count])
        del self._waiting[lane][:count]
        return self._busy[lane]

    def done(self, lane: int, last: Record) -> None:
        """What was taken is done with up to a record."""
        self._done[lane] = last.number
        self.size -= sum(one.size for one in self._busy[lane] if one.number <= last.number)
        self._busy[lane] = tuple(one for one in self._busy[lane] if one.number > last.number)

    def held(self) -> int:
        """How many records wait or are processed."""
        return sum(map(len, self._waiting)) + sum(map(len, self._busy))

    def full(self, batch_size: int) -> bool:
        """Whether some lane surely has more than a batch waiting, so that no more needs to be read now."""
        return self.held() >= 2 * batch_size * len(self) or self.size >= 2 * LARGEST_BATCH_BYTES * len(self)

    def position(self, origin: Position, window: Window | None = None) -> Position:
        """Where to go on after the process ended, for a reader that began at `origin`."""
        ends = [
            self._done[lane] if self._waiting[lane] or self._busy[lane] else max(self._done[lane], self.read)
            for lane in range(len(self))
        ]
        return replace(origin, after=_text(min(ends)), lanes=tuple(map(_text, ends)), window=window)


def fitting(records: Sequence[Record], limit: int) -> int:
    """How many of the first records make one batch: one at least."""
    size = 0
    for count, record in enumerate(records[:limit]):
        size += record.size
        if size > LARGEST_BATCH_BYTES:
            return max(1, count)
    return min(limit, len(records))


def _text(number: int) -> str:
    return str(number) if number >= 0 else ""
