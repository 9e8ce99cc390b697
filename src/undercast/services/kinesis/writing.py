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
    stream = await storage.find(call, request)
    _check_order(stream, request.get("SequenceNumberForOrdering"))
    routing = await storage.routing(call, stream)
    draft = route(stream, routing, request)
    errors.check_dry_run(request)
    shard, number = await add_one(call, stream, draft)
    return {"ShardId": shard.id, "SequenceNumber": number, "EncryptionType": _encryption(stream)}


@relaxed
async def put_records(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Put up to 500 records; those that find no room are told of one by one."""
    stream = await storage.find(call, request)
    routing = await storage.routing(call, stream)
    drafts = [
        route(stream, routing, entry, f"records.{number}.member.data")
        for number, entry in enumerate(request["Records"], 1)
    ]
    if sum(draft.size for draft in drafts) > _LARGEST_REQUEST:
        raise errors.InvalidArgumentException("Records size exceeds 10 MB limit")
    errors.check_dry_run(request)
    taken = [limits.admits(call, stream, draft.shard.number, draft.size) for draft in drafts]
    saved = iter(await add(call, stream, [draft for draft, fits in zip(drafts, taken, strict=True) if fits]))
    return {
        "FailedRecordCount": taken.count(False),
        "Records": [
            _show(*next(saved)) if fits else _refusal(stream, draft.shard)
            for draft, fits in zip(drafts, taken, strict=True)
        ],
        "EncryptionType": _encryption(stream),
    }


def _show(shard: Shard, number: str) -> dict[str, Any]:
    return {"SequenceNumber": number, "ShardId": shard.id}


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
