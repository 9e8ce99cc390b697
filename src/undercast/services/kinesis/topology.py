"""Splitting and merging: what becomes of the shards. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from .model import Shard, uniform


@dataclass(frozen=True, slots=True)
class Step:
    """Shards to close, and the ranges of those that take their place: one is split, or two are merged."""

    closes: tuple[Shard, ...]
    ranges: tuple[tuple[int, int], ...]


def split(shard: Shard, at: int) -> Step:
    """A shard cut in two; the second begins with the hash `at`."""
    return Step((shard,), ((shard.first_hash, at - 1), (at, shard.last_hash)))


def merge(shard: Shard, other: Shard) -> Step:
    """Two adjacent shards made one."""
    low, high = sorted((shard, other), key=lambda one: one.first_hash)
    return Step((shard, other), ((low.first_hash, high.last_hash),))


def adjacent(shard: Shard, other: Shard) -> bool:
    """Whether two shards are neighbours by their hashes."""
    return shard.last_hash + 1 == other.first_hash or other.last_hash + 1 == shard.first_hash


def next_step(open_shards: Sequence[Shard], count: int) -> Step | None:
    """The next step towards `count` equal shards, None at the end. All splits come first, as AWS does it.

    https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html: "Kinesis Data Streams performs
    splits or merges on individual shards. This can cause short-lived shards to be created".
    """
    ranges = uniform(count)
    for shard, first in _pairs(open_shards, [first for first, _ in ranges]):
        return split(shard, first)
    shards = sorted(open_shards, key=lambda shard: shard.first_hash)
    firsts = {first for first, _ in ranges}
    for shard, following in pairwise(shards):
        if following.first_hash not in firsts:
            return merge(shard, following)
    return None


def _pairs(shards: Sequence[Shard], firsts: Sequence[int]) -> Iterator[tuple[Shard, int]]:
    for shard in shards:
        for first in firsts:
            if shard.first_hash < first <= shard.last_hash:
                yield shard, first
