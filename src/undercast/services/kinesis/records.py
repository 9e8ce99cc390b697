"""What a reader at a place in a shard gets next."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call

from . import errors, storage
from .cipher import envelopes
from .model import (
    NotASequenceNumber,
    Shard,
    Stream,
    arrival,
    read_number,
    sequence_at,
    shard_id,
    shard_number,
)

_LARGEST_ANSWER = 10 << 20  # bytes of records
_AT_ONCE = 256 << 10  # bytes that are read on the event loop; more on a reader of its own


class Found:
    """What there is to read from a place on: sequences up to `last`, `bytes` of them."""

    def __init__(self, shard: Shard, after: int, sizes: list[tuple[int, int]], *, more: bool, now: int) -> None:
        self.after, self.last, self.bytes = after, after, 0
        for seq, size in sizes:
            if self.bytes + size > _LARGEST_ANSWER and self.bytes:
                more = True
                break
            self.last, self.bytes = seq, self.bytes + size
        self.behind_ms = max(0, now - arrival(self.last)) if more else 0
        self.ended = not more and shard.closed is not None
        self.children: list[Shard] = []


async def look(call: Call, stream: Stream, shard: Shard, after: int, limit: int) -> Found:
    """What a reader at a place gets next."""
    after = max(after, stream.horizon(call.now) - 1)
    sizes = await storage.sizes(call, stream, shard.number, after, limit + 1)
    found = Found(shard, after, sizes[:limit], more=len(sizes) > limit, now=call.now)
    if found.ended:
        found.children = await storage.children(call, stream, shard.number)
    return found


async def read_records(call: Call, stream: Stream, shard: Shard, found: Found) -> list[dict[str, Any]]:
    """The records that were found, as modelled."""
    if found.last == found.after:
        return []
    values = storage.records_between(stream, shard.number, found.after, found.last)
    if found.bytes > _AT_ONCE:
        rows = await call.platform.store.scan(storage.RECORDS, *values)
    else:
        rows = await call.transact(lambda call: call.db.fetch(storage.RECORDS, *values))
    opened = envelopes(call, stream).open
    return [
        {
            "SequenceNumber": shard.number_of(seq),
            "ApproximateArrivalTimestamp": arrival(seq),
            "Data": await opened(lock, bytes(data)),
            "PartitionKey": key,
            "EncryptionType": "KMS" if lock else None,
        }
        for seq, key, lock, data in rows
    ]


async def find_shard(call: Call, stream: Stream, id: str) -> Shard:
    """ResourceNotFoundException."""
    number = shard_number(id)
    if number < 0:
        raise errors.ResourceNotFoundException(
            f"Shard {id} in stream {stream.name} under account {stream.account} does not exist"
        )
    return await storage.find_shard(call, stream, number)


async def place(call: Call, stream: Stream, shard: Shard, where: dict[str, Any]) -> int:
    """The sequence after which a reader begins, from a StartingPosition. InvalidArgumentException."""
    kind, number, at = where["Type"], where.get("SequenceNumber"), where.get("Timestamp")
    by_number = kind in ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER")
    if by_number != (number is not None):
        raise errors.InvalidArgumentException(
            "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) "
            f"TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified {kind} and "
            f"{'no' if number is None else 'also a'} StartingSequenceNumber."
        )
    if kind == "AT_TIMESTAMP":
        return _at_time(call, at)
    if kind == "LATEST":
        return max(await storage.last_sequence(call, stream, shard.number), shard.opened)
    if kind == "TRIM_HORIZON":
        return 0
    seq = _sequence(stream, shard, number or "")
    return seq - 1 if kind == "AT_SEQUENCE_NUMBER" else seq


def _at_time(call: Call, at: int | None) -> int:
    if at is None:
        raise errors.InvalidArgumentException(
            "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current request has no "
            "timestamp parameter."
        )
    if at > call.now:
        raise errors.InvalidArgumentException(
            f"The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: "
            f"{at}, currentTimestampInMillis: {call.now}"
        )
    return sequence_at(at) - 1


def _sequence(stream: Stream, shard: Shard, number: str) -> int:
    try:
        owner, seq = read_number(number)
    except NotASequenceNumber:
        raise errors.InvalidArgumentException(
            f"StartingSequenceNumber {number} used in GetShardIterator on shard {shard.id} in stream {stream.name} "
            f"under account {stream.account} is invalid because it did not come from this stream."
        ) from None
    if owner != shard.number:
        raise errors.InvalidArgumentException(
            f"Invalid StartingSequenceNumber. It encodes {shard_id(owner)}, while it was used in a call to {shard.id}"
        )
    if shard.number_of(seq) != number:
        raise errors.InvalidArgumentException(
            f"StartingSequenceNumber {number} used in GetShardIterator on shard {shard.id} in stream {stream.name} "
            f"under account {stream.account} is invalid because it did not come from this stream."
        )
    return seq
