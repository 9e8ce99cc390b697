"""Keys as bytes: they sort as DynamoDB sorts, and segments divide them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from undercast.engines.dynamodb import keys


@given(st.text(), st.text())
def test_strings_sort_by_their_utf8(one, other):
    mine, its = keys.to_bytes({"S": one}, "S"), keys.to_bytes({"S": other}, "S")
    assert (mine < its) == (one.encode() < other.encode())


@given(st.text(min_size=1), st.integers(1, 1000))
def test_every_partition_is_in_exactly_one_segment(text, total):
    pk = keys.partition({"S": text}, "S")
    holding = [
        number
        for number in range(total)
        for begin, end in [keys.segment(number, total)]
        if begin <= pk and (end is None or pk < end)
    ]
    assert len(holding) == 1


def test_segments_are_about_equal():
    pks = [keys.partition({"S": f"user-{number}"}, "S") for number in range(10_000)]
    counts = [0] * 4
    for pk in pks:
        counts[next(n for n in range(4) if (s := keys.segment(n, 4))[0] <= pk and (s[1] is None or pk < s[1]))] += 1
    assert min(counts) > 2000
