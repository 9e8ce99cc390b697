"""Following shards: lineage, lanes, checkpoints, batches."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercast.kit.shards.model import (
    LARGEST_BATCH_BYTES,
    Batch,
    Lanes,
    Position,
    Record,
    Result,
    Shard,
    Window,
    fitting,
    readable,
)


def record(number: int, key: str = "k", *, at: int = 0, size: int = 1) -> Record:
    return Record(str(number), key, at, size, {})


def batch(*numbers: int, **more: object) -> Batch:
    return Batch("shard", tuple(record(number) for number in numbers), **more)  # type: ignore[arg-type]


def test_children_wait_for_all_their_parents():
    shards = [Shard("a"), Shard("b"), Shard("c", ("a", "b")), Shard("d", ("c",)), Shard("e", ("gone",))]
    for finished, wanted in (("", "abe"), ("a", "be"), ("ab", "ce"), ("abc", "de"), ("abcde", "")):
        assert "".join(shard.id for shard in readable(shards, set(finished))) == wanted


def test_a_batch_fits_into_a_payload():
    third = LARGEST_BATCH_BYTES // 3
    records = [record(number, size=third) for number in range(5)]
    assert fitting(records, 10) == 3
    assert fitting(records, 2) == 2
    assert fitting([record(1, size=LARGEST_BATCH_BYTES * 2)], 10) == 1


def test_what_a_result_says_of_a_batch():
    assert Result().progress(batch(1, 2, 3)) == 3
    assert Result(failed="").progress(batch(1, 2, 3)) == 0
    assert Result(failed="3").progress(batch(1, 2, 3)) == 2
    assert Result(failed="9").progress(batch(1, 2, 3)) == 0
    assert Result().progress(Batch("shard", (), final=True)) == 0


def test_what_is_left_of_a_batch_begins_anew_after_progress():
    assert batch(1, 2, attempts=3).rest(0).attempts == 3
    assert batch(1, 2, attempts=3).rest(1).attempts == 0
    low, high = batch(1, 2, 3, attempts=1).halves()
    assert ([one.sequence for one in low.records], len(high.records), low.attempts) == (["1"], 2, 1)


def test_old_records_are_at_the_start():
    old = Batch("shard", (record(1, at=0), record(2, at=50), record(3, at=90)))
    assert [old.expired(100, age) for age in (-1, 100, 60, 20, 5)] == [0, 0, 1, 2, 3]


def test_windows_stand_on_multiples_of_their_length():
    assert Window.around(125, 60) == Window(120, 180)
    assert Window.around(180, 60).start == 180


@given(st.builds(Position, st.just("7"), st.just(("7", "9")), st.text(max_size=5), st.integers(0, 9), st.booleans(),
                 st.none() | st.builds(Window, st.integers(0, 9), st.integers(0, 9), st.just({"a": [1]}))))  # fmt: skip
def test_positions_survive(position):
    assert Position.load(position.dump()) == position


@pytest.mark.parametrize("count", [1, 3])
def test_an_idle_reader_is_at_the_last_that_it_read(count):
    lanes = Lanes(count, Position())
    assert lanes.offer(record(5), wanted=False) is None
    assert lanes.position(Position(since=3)) == Position("5", ("5",) * count, since=3)


def test_reading_stops_while_there_is_more_than_a_batch():
    lanes = Lanes(1, Position())
    lanes.offer(record(1), wanted=True)
    assert lanes.full(1) is False
    lanes.offer(record(2), wanted=True)
    assert lanes.full(1) is True
    (taken,) = lanes.take(0, 1)
    assert lanes.full(1) is True
    lanes.done(0, taken)
    assert lanes.full(1) is False
    lanes.offer(record(3, size=2 * LARGEST_BATCH_BYTES), wanted=True)
    assert lanes.full(10_000) is True


@given(st.integers(1, 4), st.lists(st.integers(0, 6), max_size=60), st.integers())
def test_nothing_is_lost_and_keys_keep_their_order_when_the_process_ends(count: int, keys: list[int], seed: int):
    """Whatever was committed last, a reader that begins there reads on without a gap, and repeats only what was not."""
    records = [record(number, str(key)) for number, key in enumerate(keys, 1)]
    seen: dict[str, list[int]] = {}
    position, chance = Position(), random.Random(seed)
    for _ in range(200):
        position = _live(records, count, position, seen, chance)
        if position.after == (records[-1].sequence if records else ""):
            break
    for key, numbers in seen.items():
        firsts = list(dict.fromkeys(numbers))
        assert firsts == [one.number for one in records if one.key == key]
        assert numbers == firsts, "what was committed is not processed again"
    assert sum(map(len, seen.values())) == len(records)


def _live(
    records: list[Record], count: int, position: Position, seen: dict[str, list[int]], chance: random.Random
) -> Position:  # fmt: skip
    """One life of a reader: it reads some, processes some and commits after each, until it is killed."""
    lanes = Lanes(count, position)
    after = int(position.after or 0)
    unread = [one for one in records if one.number > after]
    for _ in range(chance.randrange(40)):
        if unread and chance.random() < 0.5:
            lanes.offer(unread.pop(0), wanted=True)
            continue
        lane = chance.randrange(count)
        taken = lanes.take(lane, chance.randrange(1, 4))
        if taken:
            for one in taken:
                seen.setdefault(one.key, []).append(one.number)
            lanes.done(lane, taken[-1])
            position = lanes.position(Position())
    return position
