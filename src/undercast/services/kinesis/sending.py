"""Which shard takes a record, and adding records: for PutRecord, PutRecords and events of other services."""

from __future__ import annotations

from typing import Any

import orjson

from undercast.kit.call import Call

from . import errors, limits, storage
from .cipher import sealer
from .model import HASHES, Routing, Shard, Stream, hash_of

Draft = tuple[Shard, int, str, bytes]  # where it goes, its size in bytes, partition key, data


async def receive_event(call: Call, arn: str, payload: bytes) -> None:
    """Take an event that another service delivers to a stream's ARN. Its partition key is its id, or by chance."""
    stream = await storage.find(call, {"StreamARN": arn}, hold=True)
    await add_one(call, stream, {"Data": payload, "PartitionKey": _event_id(payload) or call.ids.uuid()})


async def add_one(call: Call, stream: Stream, entry: dict[str, Any]) -> tuple[Shard, str]:
    """Save one record: its shard and sequence number. ProvisionedThroughputExceededException."""
    draft = route(stream, await storage.routing(call, stream), entry)
    if not limits.admits(call, stream, draft[0].number, draft[1]):
        raise limits.rate_exceeded(stream, draft[0].number)
    [number] = await add(call, stream, [draft])
    return draft[0], number


def route(stream: Stream, routing: Routing, entry: dict[str, Any]) -> Draft:
    """Which shard takes a record. InvalidArgumentException."""
    key, explicit = entry.get("PartitionKey"), entry.get("ExplicitHashKey")
    if key is None:
        raise errors.InvalidArgumentException("PartitionKey must be provided.")
    hash = hash_of(key) if explicit is None else int(explicit)
    if hash >= HASHES:
        raise errors.InvalidArgumentException(
            f"Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was {explicit}"
        )
    size = len(entry["Data"]) + len(key.encode())
    if size > stream.max_record_kib << 10:
        raise errors.InvalidArgumentException(
            f"Record size exceeds the limit of {stream.max_record_kib} KiB of stream {stream.name} under account "
            f"{stream.account}."
        )
    return routing.shard_for(hash), size, key, entry["Data"]


async def add(call: Call, stream: Stream, drafts: list[Draft]) -> list[str]:
    """Save records; their sequence numbers."""
    if not drafts:
        return []
    counts: dict[int, int] = {}
    for shard, *_ in drafts:
        counts[shard.number] = counts.get(shard.number, 0) + 1
    following = await storage.reserve(call, stream, counts)
    seal, rows, numbers = await sealer(call, stream), [], []
    for shard, size, key, data in drafts:
        seq = following[shard.number]
        following[shard.number] = seq + 1
        rows.append((shard.number, seq, size, key, *seal(data)))
        numbers.append(shard.number_of(seq))
    await storage.add_records(call, stream, rows)
    call.notify(stream.channel)
    return numbers


def _event_id(payload: bytes) -> str:
    """EventBridge's default partition key; '' for what is no event."""
    try:
        event = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return ""
    id = event.get("id") if isinstance(event, dict) else None
    return id if isinstance(id, str) else ""
