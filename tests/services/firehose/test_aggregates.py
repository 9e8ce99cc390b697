"""Aggregates of the Kinesis Producer Library."""

from __future__ import annotations

from hashlib import md5

from hypothesis import given
from hypothesis import strategies as st

from undercast.services.firehose.aggregates import split


def varint(number):
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])


def field(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def aggregate(records):
    """As the library packs them: the keys once, then records that name them by their place."""
    keys = list(dict.fromkeys(key for key, _ in records))
    message = b"".join(field(1, key.encode()) for key in keys)
    for key, data in records:
        message += field(3, b"\x08" + varint(keys.index(key)) + field(3, data))
    return b"\xf3\x89\x9a\xc2" + message + md5(message).digest()


@given(st.lists(st.tuples(st.text(max_size=4), st.binary(max_size=300)), min_size=1, max_size=200))
def test_what_is_packed_comes_out(records):
    assert split(aggregate(records)) == records


@given(st.binary(max_size=50))
def test_anything_else_is_none(data):
    assert split(data) == []
    assert split(b"\xf3\x89\x9a\xc2" + data) == []


@given(st.binary(max_size=50))
def test_what_only_looks_like_one(message):
    split(b"\xf3\x89\x9a\xc2" + message + md5(message).digest())
