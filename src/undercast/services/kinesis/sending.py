"""Which shard takes a record, and adding records: for PutRecord, PutRecords and events of other services."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

import orjson

from undercast.kit.call import Call

from . import errors, limits, storage
from .cipher import envelopes
from .model import HASHES, Routing, Shard, Stream, hash_of


class Draft(NamedTuple):
    """A record that is to be put."""

    shard: Shard
    hash: int
    size: int  # bytes of data and partition key
    key: str
    data: bytes


async def receive_event(call: Call, arn: str, payload: bytes) -> None:
    """Take an event that another service delivers to a stream's ARN. Its partition key is its id, or by chance."""
    stream = await storage.find(call, {"StreamARN": arn})
    entry = {"Data": payload, "PartitionKey": _event_id(payload) or call.ids.uuid()}
    await add_one(call, stream, route(stream, await storage.routing(call, stream), entry))


async def add_one(call: Call, stream: Stream, draft: Draft) -> tuple[Shard, str]:
    """Save one record: its shard and sequence number. ProvisionedThroughputExceededException."""
    if not limits.admits(call, stream, draft.shard.number, draft.size):
        raise limits.rate_exceeded(stream, draft.shard.number)
    [saved] = await add(call, stream, [draft])
    return saved


def route(stream: Stream, routing: Routing, entry: dict[str, Any], path: str = "data") -> Draft:
    """Which shard takes a record. InvalidArgumentException, ValidationException about the data at `path`."""
    key, explicit = entry.get("PartitionKey"), entry.get("ExplicitHashKey")
    if key is None:
        raise errors.InvalidArgumentException("PartitionKey must be provided.")
    hash = hash_of(key) if explicit is None else int(explicit)
    if hash >= HASHES:
        raise errors.InvalidArgumentException(
            f"Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was {explicit}"
        )
    size, largest = len(entry["Data"]) + len(key.encode()), stream.max_record_kib << 10
    if len(entry["Data"]) > largest:
        raise errors.ValidationException(
            f"1 validation error detected: Value at '{path}' failed to satisfy constraint: Member must have length less "
            f"than or equal to {largest}"
        )
    if size > largest:
        raise errors.InvalidArgumentException(
            f"Record size with its partition key exceeds the limit of {stream.max_record_kib} KiB of stream "
            f"{stream.name} under account {stream.account}."
        )
    return Draft(routing.shard_for(hash), hash, size, key, entry["Data"])


async def add(call: Call, stream: Stream, drafts: list[Draft]) -> list[tuple[Shard, str]]:
    """Save records: their shards and sequence numbers."""
    if not drafts:
        return []
    drafts, following = await _reserve(call, stream, drafts)
    seal, rows, saved = await envelopes(call, stream).sealer(), [], []
    for shard, _, size, key, data in drafts:
        seq = following[shard.number]
        following[shard.number] = seq + 1
        rows.append((shard.number, seq, size, key, *seal(data)))
        saved.append((shard, shard.number_of(seq)))
    await storage.add_records(call, stream, rows)
    call.notify(stream.channel)
    return saved


async def _reserve(call: Call, stream: Stream, drafts: list[Draft]) -> tuple[list[Draft], dict[int, int]]:
    """A first sequence for every shard. What another node closed in this moment is routed anew."""
    while True:
        counts = Counter(draft.shard.number for draft in drafts)
        firsts = await storage.reserve(call, stream, counts)
        if len(firsts) == len(counts):
            return drafts, firsts
        routing = await storage.routing(call, await storage.find(call, {"StreamARN": stream.arn}))
        drafts = [draft._replace(shard=routing.shard_for(draft.hash)) for draft in drafts]


def _event_id(payload: bytes) -> str:
    """EventBridge's default partition key; '' for what is no event."""
    try:
        event = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return ""
    id = event.get("id") if isinstance(event, dict) else None
    return id if isinstance(id, str) else ""
