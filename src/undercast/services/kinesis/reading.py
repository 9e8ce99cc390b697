"""Iterators and reading."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from undercast.kit import paging
from undercast.kit.call import Call
from undercast.kit.service import waits

from . import errors, limits, storage
from .model import ITERATOR_MS, Iterator, Shard, Stream
from .records import Found, find_shard, look, place, read_records

_MOST_RECORDS = 10_000


async def get_shard_iterator(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A place in a shard to read from."""
    stream = await storage.find(call, request)
    shard = await find_shard(call, stream, request["ShardId"])
    where = {
        "Type": request["ShardIteratorType"],
        "SequenceNumber": request.get("StartingSequenceNumber"),
        "Timestamp": request.get("Timestamp"),
    }
    after = await place(call, stream, shard, where)
    errors.check_dry_run(request)
    return {"ShardIterator": _iterator(call, stream, shard.number, after)}


@waits
async def get_records(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The next records of a shard: up to 10,000, or 10 MB."""
    try:
        iterator = Iterator.decode(request["ShardIterator"])
    except paging.InvalidToken:
        raise errors.InvalidArgumentException("Invalid ShardIterator.") from None
    if request.get("StreamARN") not in (None, iterator.stream_arn):
        raise errors.InvalidArgumentException("Invalid ShardIterator. It is not one of the stream of the StreamARN.")
    if call.now - iterator.made_at > ITERATOR_MS:
        raise errors.ExpiredIteratorException(
            f"Iterator expired. The iterator was created at time {_date(iterator.made_at)} while right now it is "
            f"{_date(call.now)} which is further in the future than the tolerated delay of {ITERATOR_MS} milliseconds."
        )
    stream, shard, found = await call.transact(_look, iterator, request.get("Limit") or _MOST_RECORDS)
    errors.check_dry_run(request)
    records = await read_records(call, stream, shard, found)
    limits.charge_read(call, stream, shard.number, found.bytes)
    following = None if found.ended else _iterator(call, stream, shard.number, found.last)
    children = [child.describe_child() for child in found.children]
    return {
        "Records": records,
        "NextShardIterator": following,
        "MillisBehindLatest": found.behind_ms,
        "ChildShards": children or None,
    }


async def _look(call: Call, iterator: Iterator, limit: int) -> tuple[Stream, Shard, Found]:
    stream = await storage.find_by_name(call, iterator.stream, iterator.account, iterator.region)
    if stream is None or stream.id != iterator.stream_id:
        raise errors.no_stream(iterator.stream, iterator.account)
    limits.check_read(call, stream, iterator.shard)
    shard = await storage.find_shard(call, stream, iterator.shard)
    return stream, shard, await look(call, stream, shard, iterator.after, limit)


def _iterator(call: Call, stream: Stream, shard: int, after: int) -> str:
    return Iterator(stream.account, stream.region, stream.name, stream.id, shard, after, call.clock.now()).encode()


def _date(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%a %b %d %H:%M:%S UTC %Y")
