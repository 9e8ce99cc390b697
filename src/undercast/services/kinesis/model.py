"""What streams, shards and records are: hash ranges, sequence numbers, iterators. Pure."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from undercast.kit import paging

PROVISIONED, ON_DEMAND = "PROVISIONED", "ON_DEMAND"
HASHES = 1 << 128
ITERATOR_MS = 300_000
HOUR_MS = 3_600_000
_CLOCK_BITS = 20  # below the milliseconds in our sequences

_SHARD_ID = re.compile(r"shardId-(\d{12})")


class NotASequenceNumber(ValueError):
    """The number did not come from this stream."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream. `settings`: max_record_kib, key_id, policy, warm_mibps, modes and scalings (when they changed)."""

    account: str
    region: str
    name: str
    id: int
    created_at: int
    mode: str
    retention_hours: int
    next_shard: int
    settings: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        return stream_arn(self.account, self.region, self.name)

    @property
    def channel(self) -> str:
        """Notified with every record, and when shards are closed."""
        return f"kinesis:{self.arn}"

    @property
    def key_id(self) -> str:
        """The KMS key that encrypts new records, or ''."""
        return str(self.settings.get("key_id", ""))

    @property
    def max_record_kib(self) -> int:
        return int(self.settings.get("max_record_kib", 1024))

    def horizon(self, now: int) -> int:
        """The sequence before which everything is gone."""
        return sequence_at(max(0, now - self.retention_hours * HOUR_MS))


@dataclass(frozen=True, slots=True)
class Shard:
    """A range of hashes, ends included. `closed` None: it takes records."""

    number: int
    first_hash: int
    last_hash: int
    opened: int
    closed: int | None = None
    parent: int | None = None
    adjacent: int | None = None

    @property
    def id(self) -> str:
        return shard_id(self.number)

    def describe(self) -> dict[str, Any]:
        """As modelled."""
        numbers = {"StartingSequenceNumber": self.number_of(self.opened)}
        if self.closed is not None:
            numbers["EndingSequenceNumber"] = self.number_of(self.closed)
        return {
            "ShardId": self.id,
            "ParentShardId": None if self.parent is None else shard_id(self.parent),
            "AdjacentParentShardId": None if self.adjacent is None else shard_id(self.adjacent),
            "HashKeyRange": self.hash_range,
            "SequenceNumberRange": numbers,
        }

    def describe_child(self) -> dict[str, Any]:
        """As readers of its parents are told of it."""
        parents = [shard_id(number) for number in (self.parent, self.adjacent) if number is not None]
        return {"ShardId": self.id, "ParentShards": parents, "HashKeyRange": self.hash_range}

    @property
    def hash_range(self) -> dict[str, str]:
        return {"StartingHashKey": str(self.first_hash), "EndingHashKey": str(self.last_hash)}

    def number_of(self, seq: int) -> str:
        """The sequence number of a record: 56 digits that grow in the shard, and from parents to children.

        In the form of AWS's: a version, the second in which the shard was opened, a count, the second of the record,
        the shard's number, a version.
        """
        opened_s, at_s = arrival(self.opened) // 1000, arrival(seq) // 1000
        return str((2 << 184) | (opened_s << 148) | (seq << 80) | (at_s << 36) | (self.number << 4) | 2)


def read_number(text: str) -> tuple[int, int]:
    """The shard's number and the sequence in a sequence number. NotASequenceNumber."""
    number = int(text)
    if number >> 184 != 2 or number & 15 != 2:
        raise NotASequenceNumber(text)
    return (number >> 4) & 0xFFFFFFFF, (number >> 80) & 0xFFFFFFFFFFFFFFFF


def sequence_at(milliseconds: int) -> int:
    """The first sequence of a time."""
    return milliseconds << _CLOCK_BITS


def arrival(seq: int) -> int:
    """When a record arrived, in milliseconds."""
    return seq >> _CLOCK_BITS


def stream_arn(account: str, region: str, name: str) -> str:
    return f"arn:aws:kinesis:{region}:{account}:stream/{name}"


def shard_id(number: int) -> str:
    return f"shardId-{number:012d}"


def shard_number(id: str) -> int:
    """-1 for what is no shard's id."""
    match = _SHARD_ID.fullmatch(id)
    return int(match[1]) if match else -1


def hash_of(partition_key: str) -> int:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html: the MD5 of the key, a 128-bit number."""
    return int.from_bytes(hashlib.md5(partition_key.encode(), usedforsecurity=False).digest(), "big")


class Routing:
    """Which open shard takes a hash."""

    def __init__(self, shards: Sequence[Shard]) -> None:
        self._shards = sorted(shards, key=lambda shard: shard.first_hash)
        self._firsts = [shard.first_hash for shard in self._shards]

    def shard_for(self, hash: int) -> Shard:
        return self._shards[bisect_right(self._firsts, hash) - 1]


def uniform(count: int) -> list[tuple[int, int]]:
    """The hash range cut into equal parts: first and last hash of each."""
    starts = [HASHES * index // count for index in range(count)]
    return list(zip(starts, [start - 1 for start in starts[1:]] + [HASHES - 1], strict=True))


@dataclass(frozen=True, slots=True)
class Iterator:
    """A place in a shard: the records with a sequence above `after`."""

    account: str
    region: str
    stream: str
    stream_id: int
    shard: int
    after: int
    made_at: int

    @property
    def stream_arn(self) -> str:
        return stream_arn(self.account, self.region, self.stream)

    def encode(self) -> str:
        return paging.encode_token(
            [self.account, self.region, self.stream, self.stream_id, self.shard, self.after, self.made_at]
        )

    @classmethod
    def decode(cls, text: str) -> Iterator:
        """InvalidToken (paging)."""
        facts = paging.decode_token(text)
        if not isinstance(facts, list) or len(facts) != 7:
            raise paging.InvalidToken(text)
        return cls(*facts)
