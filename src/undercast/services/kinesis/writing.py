"""Putting records."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.kit.service import relaxed

from . import errors, limits, storage
from .model import NotASequenceNumber, Shard, Stream, read_number
from .sending import add, add_one, route

_LARGEST_REQUEST = 10 << 20


@relaxed
async def put_record(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Put one record."""
    _refuse_dry_run(request)
    stream = await storage.find(call, request, hold=True)
    _check_order(stream, request.get("SequenceNumberForOrdering"))
    shard, number = await add_one(call, stream, request)
    return {"ShardId": shard.id, "SequenceNumber": number, "EncryptionType": _encryption(stream)}


@relaxed
async def put_records(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Put up to 500 records; those that find no room are told of one by one."""
    _refuse_dry_run(request)
    stream = await storage.find(call, request, hold=True)
    routing = await storage.routing(call, stream)
    drafts = [route(stream, routing, entry) for entry in request["Records"]]
    if sum(draft[1] for draft in drafts) > _LARGEST_REQUEST:
        raise errors.InvalidArgumentException("Records size exceeds 10 MB limit")
    taken = [limits.admits(call, stream, shard.number, size) for shard, size, *_ in drafts]
    numbers = iter(await add(call, stream, [one for one, fits in zip(drafts, taken, strict=True) if fits]))
    return {
        "FailedRecordCount": taken.count(False),
        "Records": [
            {"SequenceNumber": next(numbers), "ShardId": shard.id} if fits else _refusal(stream, shard)
            for (shard, *_), fits in zip(drafts, taken, strict=True)
        ],
        "EncryptionType": _encryption(stream),
    }


def _refusal(stream: Stream, shard: Shard) -> dict[str, Any]:
    error = limits.rate_exceeded(stream, shard.number)
    return {"ErrorCode": error.code, "ErrorMessage": error.message}


def _encryption(stream: Stream) -> str | None:
    return "KMS" if stream.key_id else None


def _check_order(stream: Stream, number: str | None) -> None:
    """Every record comes after those before it; a number must only be one of ours."""
    if number is None:
        return
    try:
        read_number(number)
    except NotASequenceNumber:
        raise errors.InvalidArgumentException(
            f"ExclusiveMinimumSequenceNumber {number} used in PutRecord on stream {stream.name} under account "
            f"{stream.account} is invalid because it did not come from this stream."
        ) from None


def _refuse_dry_run(request: dict[str, Any]) -> None:
    if request.get("DryRun"):
        raise errors.ValidationException("Undercast's Kinesis does not act on DryRun; leave it out.")
