"""Reading a shard: iterators and records."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.dynamodbstreams import storage
from undercast.services.dynamodbstreams.errors import (
    ExpiredIteratorException,
    TrimmedDataAccessException,
    ValidationException,
)
from undercast.services.dynamodbstreams.finding import check_limit, find_shard, find_stream
from undercast.services.dynamodbstreams.model import (
    ITERATOR_MS,
    RETENTION_MS,
    Iterator,
    Record,
    Shard,
    Stream,
    parse_sequence_number,
)

_LARGEST_PAGE = 1_000
_LARGEST_ANSWER = 1024 * 1024
_FIRST_STEP = 50  # records that are read at once, before their size is known
_ANY = 2**62


async def get_shard_iterator(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A position in a shard."""
    stream = await find_stream(call, request["StreamArn"])
    shard = await find_shard(call, stream, request["ShardId"])
    number = await _start(call, stream, shard, request)
    oldest = request["ShardIteratorType"] == "TRIM_HORIZON"
    return {"ShardIterator": Iterator(stream.arn, shard.id, number, oldest, call.now).token()}


async def get_records(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Up to 1,000 records or 1 MB from a position on, and the position after them unless the shard has ended."""
    limit = check_limit(request, _LARGEST_PAGE)
    iterator = Iterator.parse(request["ShardIterator"])
    if call.now > iterator.made_at + ITERATOR_MS:
        raise ExpiredIteratorException
    stream = await find_stream(call, iterator.arn)
    shard = await find_shard(call, stream, iterator.shard_id)
    if not iterator.oldest:
        await _check_untrimmed(call, stream, shard, iterator.number)
    found = await _read(call, stream, shard, iterator.number, limit)
    after = found[-1].number + 1 if found else iterator.number
    ended = shard.last_number and (after > shard.last_number or not found)
    following = Iterator(stream.arn, shard.id, after, iterator.oldest and not found, call.now)
    return {
        "Records": [record.describe(stream) for record in found],
        "NextShardIterator": None if ended else following.token(),
    }


async def _start(call: Call, stream: Stream, shard: Shard, request: dict[str, Any]) -> int:
    kind: str = request["ShardIteratorType"]
    after_last = (shard.last_number or stream.next_number - 1) + 1
    if kind == "TRIM_HORIZON":
        return shard.first_number
    if kind == "LATEST":
        return after_last
    if kind == "AT_TIMESTAMP":
        return await _start_at_time(call, stream, shard, request.get("Timestamp"), after_last)
    if "SequenceNumber" not in request:
        raise ValidationException(f"The SequenceNumber parameter must be specified when using ShardIteratorType {kind}")
    number = parse_sequence_number(request["SequenceNumber"])
    if not shard.first_number <= number < max(after_last, shard.first_number + 1):
        raise ValidationException(
            f"Invalid SequenceNumber: {request['SequenceNumber']} is not within the range of shard {shard.id}"
        )
    await _check_untrimmed(call, stream, shard, number)
    return number + (kind == "AFTER_SEQUENCE_NUMBER")


async def _start_at_time(call: Call, stream: Stream, shard: Shard, at: int | None, after_last: int) -> int:
    if at is None:
        raise ValidationException("The Timestamp parameter must be specified when using ShardIteratorType AT_TIMESTAMP")
    since = max(at, call.now - RETENTION_MS + 1)
    found = await storage.first_at(call, stream, shard, since)
    return after_last if found is None else found


async def _check_untrimmed(call: Call, stream: Stream, shard: Shard, number: int) -> None:
    """TrimmedDataAccessException when the record of this number is older than the stream keeps it."""
    if number <= stream.trimmed:
        raise TrimmedDataAccessException
    if shard.last_number and number > shard.last_number:
        return
    written_at = await storage.time_of_next(call, stream, number)
    if written_at is not None and written_at <= call.now - RETENTION_MS:
        raise TrimmedDataAccessException


async def _read(call: Call, stream: Stream, shard: Shard, first: int, limit: int) -> list[Record]:
    """Records of a shard from a number on: up to `limit`, and no more than a megabyte but one at least."""
    last, since = shard.last_number or _ANY, call.now - RETENTION_MS
    found: list[Record] = []
    size, step = 0, min(limit, _FIRST_STEP)
    while len(found) < limit:
        some = await storage.records(call, stream, first, last, since, step)
        for record in some:
            size += len(record.body)
            if found and size > _LARGEST_ANSWER:
                return found
            found.append(record)
        if len(some) < step:
            break
        first = some[-1].number + 1
        likely = (_LARGEST_ANSWER - size) * len(found) // max(size, 1) + 1  # as many as fit, should they be like these
        step = max(1, min(limit - len(found), likely))
    return found
