"""SubscribeToShard: records as they come, over one connection of up to five minutes.

https://docs.aws.amazon.com/kinesis/latest/APIReference/API_SubscribeToShard.html
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from undercast.kit.call import Call
from undercast.kit.service import waits

from . import errors, storage
from .consumer_storage import Consumer
from .finding import find_consumer_by_arn
from .model import Shard
from .records import Found, find_shard, look, place, read_records

_LASTS_MS = 300_000
_PAUSE_MS = 5_000  # between calls for the same consumer and shard; until then they are refused
_PULSE_S = 2.0  # an empty event says how far behind the reader is
_MOST_RECORDS = 1_000  # in one event


@waits
async def subscribe_to_shard(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Begin to send the records of a shard to a consumer. A second subscription ends the first."""
    consumer, shard, after = await call.transact(_begin, request)
    errors.check_dry_run(request)
    return {"EventStream": _events(call, consumer, shard, after, _turn(call, consumer, shard))}


async def _begin(call: Call, request: dict[str, Any]) -> tuple[Consumer, Shard, int]:
    consumer = await find_consumer_by_arn(call, request["ConsumerARN"])
    shard = await find_shard(call, consumer.stream, request["ShardId"])
    return consumer, shard, await place(call, consumer.stream, shard, request["StartingPosition"])


def _turn(call: Call, consumer: Consumer, shard: Shard) -> dict[str, int]:
    """Who subscribed last, and when. ResourceInUseException when that was just now."""
    turns: dict[tuple[str, int], dict[str, int]] = call.platform.things.setdefault("kinesis.subscriptions", {})
    now = call.clock.now()
    for key in [key for key, turn in turns.items() if now - turn["at"] > _LASTS_MS]:
        del turns[key]
    turn = turns.setdefault((consumer.arn, shard.number), {"at": -_PAUSE_MS, "count": 0})
    if now - turn["at"] < _PAUSE_MS:
        raise errors.ResourceInUseException(
            f"Another active subscription exists for this consumer: {consumer.stream.account}:{consumer.stream.name}:"
            f"{shard.id}:{consumer.name}"
        )
    turn["at"], turn["count"] = now, turn["count"] + 1
    return turn


async def _events(
    call: Call, consumer: Consumer, shard: Shard, after: int, turn: dict[str, int]
) -> AsyncIterator[dict[str, Any]]:
    mine, until = turn["count"], call.clock.now() + _LASTS_MS
    with call.listen(consumer.stream.channel) as signal:
        quiet = False
        while call.clock.now() < until:
            if turn["count"] != mine:
                raise errors.ResourceInUseException("The subscription was taken over by another one.")
            found = await call.transact(_next, consumer, shard, after)
            after = found.last
            if found.bytes or found.ended or not quiet:
                yield {"SubscribeToShardEvent": await _event(call, consumer, shard, found)}
            if found.ended:
                return
            quiet = not found.bytes and await signal.wait(_PULSE_S)  # woken: what is there is sent, if anything is


async def _next(call: Call, consumer: Consumer, shard: Shard, after: int) -> Found:
    there = await find_consumer_by_arn(call, consumer.arn)
    shard = await storage.find_shard(call, there.stream, shard.number)
    return await look(call, there.stream, shard, after, _MOST_RECORDS)


async def _event(call: Call, consumer: Consumer, shard: Shard, found: Found) -> dict[str, Any]:
    return {
        "Records": await read_records(call, consumer.stream, shard, found),
        "ContinuationSequenceNumber": shard.number_of(max(found.last, shard.opened)),
        "MillisBehindLatest": found.behind_ms,
        "ChildShards": [child.describe_child() for child in found.children] or None,
    }
