"""Splitting and merging: what becomes of the shards. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Generator, Iterable
from dataclasses import dataclass

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


def steps(open_shards: Iterable[Shard], count: int) -> Generator[Step, list[Shard], None]:
    """The steps towards `count` equal shards; each is answered with the shards that it made. All splits come first.

    https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html: "Kinesis Data Streams performs
    splits or merges on individual shards. This can cause short-lived shards to be created".
    """
    firsts = [first for first, _ in uniform(count)]
    todo, cut = deque(open_shards), []
    while todo:
        shard = todo.popleft()
        at = bisect_right(firsts, shard.first_hash)
        if at < count and firsts[at] <= shard.last_hash:
            todo += yield split(shard, firsts[at])
        else:
            cut.append(shard)
    wanted = set(firsts)
    last, *others = sorted(cut, key=lambda shard: shard.first_hash)
    for shard in others:
        if shard.first_hash in wanted:
            last = shard
        else:
            (last,) = yield merge(last, shard)
