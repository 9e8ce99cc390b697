"""Operations on shards."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import Any

from undercast.kit.call import Call
from undercast.kit.service import relaxed

from . import errors, storage, topology
from .model import HASHES, PROVISIONED, Shard, Stream, arrival, shard_number
from .quotas import check_limits, recent
from .tokens import make_token, read_token
from .topology import Step

_MOST_SCALINGS_A_DAY = 10
_MOST_SHARDS = 10_000
_LARGEST_PAGE = 1_000


@relaxed
async def split_shard(call: Call, request: dict[str, Any]) -> None:
    """Two shards in the place of one."""
    stream = await storage.find(call, request, hold=True)
    _check_provisioned(stream, "SplitShard")
    shard = await _open_shard(call, stream, request["ShardToSplit"])
    at = int(request["NewStartingHashKey"])
    if not shard.first_hash + 1 < at < shard.last_hash or at >= HASHES:
        raise errors.InvalidArgumentException(
            f"NewStartingHashKey {at} used in SplitShard() on shard {shard.id} in stream {stream.name} under account "
            f"{stream.account} is not both greater than one plus the shard's StartingHashKey {shard.first_hash} and "
            f"less than the shard's EndingHashKey {shard.last_hash}."
        )
    await check_limits(call, PROVISIONED, 1)
    await _take(call, stream, topology.split(shard, at))


@relaxed
async def merge_shards(call: Call, request: dict[str, Any]) -> None:
    """One shard in the place of two neighbours."""
    stream = await storage.find(call, request, hold=True)
    _check_provisioned(stream, "MergeShards")
    shard = await _open_shard(call, stream, request["ShardToMerge"])
    other = await _open_shard(call, stream, request["AdjacentShardToMerge"])
    if not topology.adjacent(shard, other):
        raise errors.InvalidArgumentException(
            f"Shards {shard.id} and {other.id} in stream {stream.name} under account {stream.account} are not an "
            "adjacent pair of shards eligible for merging"
        )
    await _take(call, stream, topology.merge(shard, other))


@relaxed
async def update_shard_count(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Split and merge until there are so many equal shards."""
    stream, target = await storage.find(call, request, hold=True), request["TargetShardCount"]
    _check_provisioned(stream, "UpdateShardCount")
    shards = await storage.open_shards(call, stream)
    current = len(shards)
    scalings = recent(call, stream, "scalings")
    await _check_scaling(call, stream, current, target, len(scalings))
    stream = replace(stream, settings={**stream.settings, "scalings": [*scalings, call.now]})
    stream = await _scale(call, stream, topology.steps(shards, target))
    await storage.save_stream(call, stream)
    return {
        "StreamName": stream.name,
        "CurrentShardCount": current,
        "TargetShardCount": target,
        "StreamARN": stream.arn,
    }


async def list_shards(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Shards by number, those that a filter lets through."""
    limit = min(request.get("MaxResults") or _LARGEST_PAGE, _LARGEST_PAGE)
    stream, after, filter = await _where(call, request)
    found: list[Shard] = []
    while len(found) <= limit:
        shards = await storage.list_shards(call, stream, after, _LARGEST_PAGE)
        found += [shard for shard in shards if _passes(call, stream, shard, filter)]
        if len(shards) < _LARGEST_PAGE:
            break
        after = shards[-1].number
    shown = found[:limit]
    token = [stream.arn, stream.id, shown[-1].number, filter] if len(found) > limit else None
    return {
        "Shards": [shard.describe() for shard in shown],
        "NextToken": make_token(call, token) if token else None,
    }


async def _where(call: Call, request: dict[str, Any]) -> tuple[Stream, int, dict[str, Any]]:
    """The stream, the number of the shard after which to begin, and the filter."""
    token, start = request.get("NextToken"), request.get("ExclusiveStartShardId")
    if token:
        if request.get("StreamName") or request.get("StreamARN"):
            raise errors.InvalidArgumentException("NextToken and StreamName cannot be provided together.")
        if start:
            raise errors.InvalidArgumentException("NextToken and ExclusiveStartShardId cannot be provided together.")
        arn, id, number, filter = read_token(call, token)
        stream = await storage.find(call, {"StreamARN": arn})
        if stream.id != id:
            raise errors.no_stream(stream.name, stream.account)
        return stream, number, filter
    stream = await storage.find(call, request)
    created = request.get("StreamCreationTimestamp")
    if created is not None and created // 1000 != stream.created_at // 1000:
        raise errors.no_stream(stream.name, stream.account)
    filter = request.get("ShardFilter") or {}
    _check_filter(filter)
    if filter.get("Type") == "AFTER_SHARD_ID":
        start = filter["ShardId"]
    return stream, shard_number(start) if start else -1, filter


def _check_filter(filter: dict[str, Any]) -> None:
    kind = filter.get("Type", "")
    if kind == "AFTER_SHARD_ID" and not filter.get("ShardId"):
        raise errors.InvalidArgumentException("ShardId must be provided for the filter type AFTER_SHARD_ID.")
    if kind.endswith("_TIMESTAMP") and filter.get("Timestamp") is None:
        raise errors.InvalidArgumentException(f"Timestamp must be provided for the filter type {kind}.")


def _passes(call: Call, stream: Stream, shard: Shard, filter: dict[str, Any]) -> bool:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ShardFilter.html"""
    kind = filter.get("Type")
    if kind in (None, "AFTER_SHARD_ID", "FROM_TRIM_HORIZON"):
        return True
    if kind == "AT_LATEST":
        return shard.closed is None
    at = arrival(stream.horizon(call.now)) if kind == "AT_TRIM_HORIZON" else filter["Timestamp"]
    at = max(at, arrival(stream.id))  # its first shards were opened with it
    if kind != "FROM_TIMESTAMP" and arrival(shard.opened) > at:
        return False
    return shard.closed is None or arrival(shard.closed) >= at


async def _scale(call: Call, stream: Stream, steps: Generator[Step, list[Shard], None]) -> Stream:
    """Take all steps; the stream as it is then."""
    step = next(steps, None)
    while step:
        stream, made = await _take(call, stream, step)
        try:
            step = steps.send(made)
        except StopIteration:
            break
    return stream


async def _take(call: Call, stream: Stream, step: Step) -> tuple[Stream, list[Shard]]:
    """Close shards and open those that take their place; the stream as it is then."""
    # By number, which is the order in which puts on other nodes hold shards.
    by_number = sorted(step.closes, key=lambda shard: shard.number)
    there = {shard.number: await storage.close_shard(call, stream, shard) for shard in by_number}
    closed = [there[shard.number] for shard in step.closes]
    opened = max(call.ids.sequence(), *(shard.closed + 1 for shard in closed if shard.closed))
    parents = (closed[0].number, closed[1].number if len(closed) > 1 else None)
    made = [
        Shard(stream.next_shard + index, first, last, opened, None, *parents)
        for index, (first, last) in enumerate(step.ranges)
    ]
    await storage.add_shards(call, stream, made)
    stream = replace(stream, next_shard=stream.next_shard + len(made))
    await storage.save_stream(call, stream)
    call.notify(stream.channel)
    return stream, made


async def _open_shard(call: Call, stream: Stream, id: str) -> Shard:
    number = shard_number(id)
    if number < 0:
        raise errors.ResourceNotFoundException(
            f"Could not find shard {id} in stream {stream.name} under account {stream.account}."
        )
    shard = await storage.find_shard(call, stream, number)
    if shard.closed is not None:
        raise errors.ResourceInUseException(
            f"Shard {id} in stream {stream.name} under account {stream.account} has already been merged or split, and "
            "thus is not eligible for merging or splitting."
        )
    return shard


def _check_provisioned(stream: Stream, operation: str) -> None:
    if stream.mode != PROVISIONED:
        raise errors.ValidationException(
            f"Request is invalid. Stream {stream.name} under account {stream.account} is in On-Demand mode, where "
            f"{operation} is not supported."
        )


async def _check_scaling(call: Call, stream: Stream, current: int, target: int, before: int) -> None:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html"""
    if before >= _MOST_SCALINGS_A_DAY:
        raise errors.LimitExceededException(
            f"The shard count of stream {stream.name} was updated {before} times in the last 24 hours, which is as "
            "often as it may."
        )
    if target > 2 * current:
        raise errors.InvalidArgumentException(
            f"UpdateShardCount cannot scale up over double your current open shard count. Current open shard count: "
            f"{current} Target shard count: {target}"
        )
    if 2 * target < current:
        raise errors.InvalidArgumentException(
            f"UpdateShardCount cannot scale down below half your current open shard count. Current open shard count: "
            f"{current} Target shard count: {target}"
        )
    if target > _MOST_SHARDS:
        raise errors.LimitExceededException(f"UpdateShardCount cannot scale a stream up to over {_MOST_SHARDS} shards.")
    await check_limits(call, PROVISIONED, target - current)
