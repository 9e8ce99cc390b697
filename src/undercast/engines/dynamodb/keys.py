"""Keys: which attributes they are, and as bytes that find and sort items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from zlib import crc32

from undercast.engines.dynamodb import numbers
from undercast.engines.dynamodb.errors import Invalid, invalid_value
from undercast.engines.dynamodb.values import Item, Value

LARGEST_HASH, LARGEST_RANGE = 2048, 1024
_NO_MATCH = "The provided key element does not match the schema"


class KeyBytes(NamedTuple):
    """Where an item is: its partition, led by a hash that spreads partitions, and its place there (b"" for none)."""

    pk: bytes
    sk: bytes


@dataclass(frozen=True, slots=True)
class KeySchema:
    """The key attributes of a table or index: names, and types (S, N or B)."""

    hash: str
    hash_type: str
    range: str | None = None
    range_type: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return (self.hash,) if self.range is None else (self.hash, self.range)

    def of_key(self, key: Mapping[str, Value]) -> KeyBytes:
        """The place of a key that a client gives. Invalid unless it is the whole key and nothing else."""
        if len(key) != len(self.names):
            raise Invalid(_NO_MATCH)
        for name, kind in self.typed:
            value = key.get(name)
            if value is None or kind not in value or len(value) != 1:
                raise Invalid(_NO_MATCH)
        return self._checked(key)

    def of_item(self, item: Mapping[str, Value]) -> KeyBytes:
        """The place of an item of a table. Invalid when a key attribute is missing or of another type."""
        for name, kind in self.typed:
            value = item.get(name)
            if value is None:
                raise invalid_value(f"Missing the key {name} in the item")
            if kind not in value:
                raise invalid_value(f"Type mismatch for key {name} expected: {kind} actual: {next(iter(value))}")
        return self._checked(item)

    def of_indexed(self, item: Mapping[str, Value], index: str, *, updated: bool = False) -> KeyBytes | None:
        """The place of an item in a secondary index; None when it is not in it. `updated`: by an UpdateItem.

        Invalid when a key attribute is there with a value that cannot be a key.
        """
        inside = True
        for name, kind in self.typed:
            value = item.get(name)
            if value is None:
                inside = False
            elif kind not in value:
                raise _wrong_index_type(name, kind, value, index, updated=updated)
            elif kind != "N" and not value[kind]:
                raise _empty_index_key(name, kind, index, updated=updated)
        return self._checked(item) if inside else None

    def find(self, item: Mapping[str, Value]) -> KeyBytes | None:
        """The place of an item that is kept; None when it lacks a right key and so is not in the index."""
        for name, kind in self.typed:
            value = item.get(name)
            if value is None or not value.get(kind):
                return None
        return self.position(item)

    def position(self, item: Mapping[str, Value]) -> KeyBytes:
        """The place of an item that is known to have a right key."""
        pk = partition(item[self.hash], self.hash_type)
        return KeyBytes(pk, to_bytes(item[self.range], self.range_type) if self.range is not None else b"")

    def pick(self, item: Mapping[str, Value]) -> Item:
        """The key attributes of an item."""
        return {name: item[name] for name in self.names}

    @property
    def typed(self) -> tuple[tuple[str, str], ...]:
        """Names with their types."""
        if self.range is None:
            return ((self.hash, self.hash_type),)
        return ((self.hash, self.hash_type), (self.range, self.range_type))

    def _checked(self, item: Mapping[str, Value]) -> KeyBytes:
        for name, kind in self.typed:
            if kind != "N" and not item[name][kind]:
                raise _empty_key(name, kind)
        key = self.position(item)
        if len(key.pk) - 4 > LARGEST_HASH:
            raise invalid_value(f"Size of hashkey has exceeded the maximum size limit of{LARGEST_HASH} bytes")
        if len(key.sk) > LARGEST_RANGE:
            raise invalid_value(
                f"Aggregated size of all range keys has exceeded the size limit of {LARGEST_RANGE} bytes"
            )
        return key


def partition(value: Value, kind: str) -> bytes:
    """The bytes of a partition key, led by four of its hash: so partitions lie spread evenly, as segments want them."""
    plain = to_bytes(value, kind)
    return crc32(plain).to_bytes(4, "big") + plain


def to_bytes(value: Value, kind: str) -> bytes:
    """The bytes of a key value; they sort as DynamoDB sorts the values."""
    content = value[kind]
    if kind == "S":
        encoded: bytes = content.encode()
        return encoded
    return numbers.to_bytes(numbers.normalize(content)) if kind == "N" else bytes(content)


def segment(number: int, total: int) -> tuple[bytes, bytes | None]:
    """Where a segment of a parallel scan begins, and where the next one does (None for the last)."""
    begin = (number << 32) // total
    end = ((number + 1) << 32) // total
    return begin.to_bytes(4, "big"), end.to_bytes(4, "big") if end < 1 << 32 else None


def _empty_key(name: str, kind: str) -> Invalid:
    word = "string" if kind == "S" else "binary"
    return Invalid(
        "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty "
        f"{word} value. Key: {name}"
    )


def _wrong_index_type(name: str, kind: str, value: Value, index: str, *, updated: bool) -> Invalid:
    if updated:
        return Invalid("The update expression attempted to update the secondary index key to unsupported type")
    actual = next(iter(value))
    return invalid_value(f"Type mismatch for Index Key {name} Expected: {kind} Actual: {actual} IndexName: {index}")


def _empty_index_key(name: str, kind: str, index: str, *, updated: bool) -> Invalid:
    empty = (
        f"The AttributeValue for a key attribute cannot contain an empty {'string' if kind == 'S' else 'binary'} value."
    )
    if updated:
        return Invalid(
            "One or more parameter values are not valid. The update expression attempted to update a secondary index "
            f"key to a value that is not supported. {empty}"
        )
    return Invalid(
        "One or more parameter values are not valid. A value specified for a secondary index key is not supported. "
        f"{empty} IndexName: {index}, IndexKey: {name}"
    )
