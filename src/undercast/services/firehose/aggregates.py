"""Records of the Kinesis Producer Library, which packs several into one; Firehose takes them apart.

https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import md5

_MAGIC = b"\xf3\x89\x9a\xc2"
_DIGEST = 16
_KEYS, _RECORDS = 1, 3  # fields of the message
_KEY_INDEX, _DATA = 1, 3  # fields of each record
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5  # wire types


def split(data: bytes) -> list[tuple[str, bytes]]:
    """Partition key and data of every record in an aggregate; none when the bytes are no aggregate."""
    message, digest = data[len(_MAGIC) : -_DIGEST], data[-_DIGEST:]
    if not data.startswith(_MAGIC) or md5(message, usedforsecurity=False).digest() != digest:
        return []
    keys: list[str] = []
    records: list[tuple[int, bytes]] = []
    try:
        for field, value in _fields(message):
            if field == _KEYS and isinstance(value, bytes):
                keys.append(value.decode())
            elif field == _RECORDS and isinstance(value, bytes):
                inner = dict(_fields(value))
                records.append((int(inner[_KEY_INDEX]), bytes(inner[_DATA])))
        return [(keys[index], content) for index, content in records]
    except (IndexError, KeyError, ValueError):
        return []


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of each field of a protobuf message. IndexError, ValueError when it is none."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        kind = tag & 7
        if kind == _VARINT:
            value, at = _varint(message, at)
            yield tag >> 3, value
            continue
        if kind == _BYTES:
            length, at = _varint(message, at)
        elif kind in (_FIXED32, _FIXED64):
            length = 4 if kind == _FIXED32 else 8
        else:
            raise ValueError(f"unknown wire type {kind}")
        if at + length > len(message):
            raise ValueError("the message is cut off")
        yield tag >> 3, message[at : at + length]
        at += length


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """A number and where it ends."""
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
