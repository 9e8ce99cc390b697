"""Operations on streams."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit.call import Call
from undercast.kit.service import relaxed

from . import consumer_storage, errors, storage, sweeps
from .model import ON_DEMAND, PROVISIONED, Shard, Stream, shard_number, uniform
from .quotas import MOST_ON_DEMAND_STREAMS, check_limits, recent, shard_limit
from .tokens import make_token, read_token

_FIRST_ON_DEMAND_SHARDS = 4
_MODE_CHANGES_A_DAY = 2
_LEAST_RETENTION, _MOST_RETENTION = 24, 8760


async def create_stream(call: Call, request: dict[str, Any]) -> None:
    """Create a stream; it is there at once."""
    name, mode = request["StreamName"], _mode(request)
    for member in ("WarmThroughputMiBps", "RecordDistributionStrategy"):
        _refuse(request, member)
    if mode == ON_DEMAND and request.get("ShardCount") is not None:
        raise errors.InvalidArgumentException("ShardCount must not be specified for a stream in ON_DEMAND mode.")
    if await storage.find_by_name(call, name):
        raise errors.ResourceInUseException(f"Stream {name} under account {call.account} already exists.")
    count = _FIRST_ON_DEMAND_SHARDS if mode == ON_DEMAND else request.get("ShardCount") or 1
    await check_limits(call, mode, count)
    settings = {"max_record_kib": request["MaxRecordSizeInKiB"]} if request.get("MaxRecordSizeInKiB") else {}
    opened = call.ids.sequence()
    stream = Stream(
        call.account, call.region, name, opened, call.now, mode, _LEAST_RETENTION, count, settings,
        request.get("Tags") or {},
    )  # fmt: skip
    await storage.add_stream(call, stream)
    shards = [Shard(number, *ends, opened=opened) for number, ends in enumerate(uniform(count))]
    await storage.add_shards(call, stream, shards)
    await sweeps.later(call, stream)


@relaxed
async def delete_stream(call: Call, request: dict[str, Any]) -> None:
    """Delete a stream with all that is in it."""
    stream = await storage.find(call, request, hold=True)
    if not request.get("EnforceConsumerDeletion") and await consumer_storage.count(call, stream):
        raise errors.ResourceInUseException(
            f"DeleteStream can't delete {stream.account}:{stream.name} because there are consumers associated with this "
            f"data stream. To delete {stream.name} anyway, set the EnforceConsumerDeletion parameter to true to force the "
            "deletion of all the consumers that are associated with it."
        )
    await storage.delete_stream(call, stream)
    await sweeps.drain(call, stream)
    call.notify(stream.channel)


async def describe_stream(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A stream with a page of its shards."""
    stream = await storage.find(call, request)
    limit = min(request.get("Limit") or 100, 100)
    start = request.get("ExclusiveStartShardId")
    shards = await storage.list_shards(call, stream, shard_number(start) if start else -1, limit + 1)
    return {
        "StreamDescription": {
            **_describe(stream),
            "Shards": [shard.describe() for shard in shards[:limit]],
            "HasMoreShards": len(shards) > limit,
        }
    }


async def describe_stream_summary(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A stream without its shards."""
    stream = await storage.find(call, request)
    return {
        "StreamDescriptionSummary": {
            **_describe(stream),
            "OpenShardCount": await storage.count_open_shards(call, stream),
            "ConsumerCount": await consumer_storage.count(call, stream),
            "MaxRecordSizeInKiB": stream.max_record_kib,
        }
    }


async def list_streams(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Streams by name."""
    limit = request.get("Limit") or 100
    after = request.get("ExclusiveStartStreamName") or ""
    if request.get("NextToken"):
        after = str(read_token(call, request["NextToken"])[0])
    streams = await storage.list_streams(call, after, limit + 1)
    shown = streams[:limit]
    return {
        "StreamNames": [stream.name for stream in shown],
        "HasMoreStreams": len(streams) > limit,
        "NextToken": make_token(call, [shown[-1].name]) if len(streams) > limit else None,
        "StreamSummaries": [
            {
                "StreamName": stream.name,
                "StreamARN": stream.arn,
                "StreamStatus": "ACTIVE",
                "StreamModeDetails": {"StreamMode": stream.mode},
                "StreamCreationTimestamp": stream.created_at,
            }
            for stream in shown
        ],
    }


async def increase_stream_retention_period(call: Call, request: dict[str, Any]) -> None:
    """Keep records for longer."""
    stream, hours = await storage.find(call, request), request["RetentionPeriodHours"]
    if hours > _MOST_RETENTION:
        raise errors.InvalidArgumentException(
            f"Maximum allowed retention period is {_MOST_RETENTION} hours. Requested retention period ({hours} hours) "
            "is too long."
        )
    _check_retention(hours)
    if hours < stream.retention_hours:
        raise errors.InvalidArgumentException(
            f"Requested retention period ({hours} hours) for stream {stream.name} can not be shorter than existing "
            f"retention period ({stream.retention_hours} hours). Use DecreaseRetentionPeriod API."
        )
    await storage.save_stream(call, replace(stream, retention_hours=hours))


async def decrease_stream_retention_period(call: Call, request: dict[str, Any]) -> None:
    """Keep records for a shorter time; what is older is gone."""
    stream, hours = await storage.find(call, request), request["RetentionPeriodHours"]
    _check_retention(hours)
    if hours > stream.retention_hours:
        raise errors.InvalidArgumentException(
            f"Requested retention period ({hours} hours) for stream {stream.name} can not be longer than existing "
            f"retention period ({stream.retention_hours} hours). Use IncreaseRetentionPeriod API."
        )
    await storage.save_stream(call, replace(stream, retention_hours=hours))


async def update_stream_mode(call: Call, request: dict[str, Any]) -> None:
    """From provisioned to on demand, or back; twice a day. The shards stay."""
    stream, mode = await storage.find(call, request), _mode(request)
    _refuse(request, "WarmThroughputMiBps")
    if mode == stream.mode:
        return
    changes = recent(call, stream, "mode_changes")
    if len(changes) >= _MODE_CHANGES_A_DAY:
        raise errors.LimitExceededException(
            f"The stream mode of {stream.name} under account {stream.account} was changed {len(changes)} times in the "
            "last 24 hours, which is as often as it may."
        )
    await check_limits(call, mode, await storage.count_open_shards(call, stream))
    settings = {**stream.settings, "mode_changes": [*changes, call.now]}
    await storage.save_stream(call, replace(stream, mode=mode, settings=settings))


async def update_max_record_size(call: Call, request: dict[str, Any]) -> None:
    """Let records be larger, or not so large."""
    stream = await storage.find(call, request)
    settings = {**stream.settings, "max_record_kib": request["MaxRecordSizeInKiB"]}
    await storage.save_stream(call, replace(stream, settings=settings))


async def describe_limits(call: Call, _request: dict[str, Any]) -> dict[str, Any]:
    """How many shards there may be, and are."""
    return {
        "ShardLimit": shard_limit(call),
        "OpenShardCount": await storage.count_open_shards(call, mode=PROVISIONED),
        "OnDemandStreamCount": await storage.count_streams(call, ON_DEMAND),
        "OnDemandStreamCountLimit": MOST_ON_DEMAND_STREAMS,
    }


def _describe(stream: Stream) -> dict[str, Any]:
    return {
        "StreamName": stream.name,
        "StreamARN": stream.arn,
        "StreamStatus": "ACTIVE",
        "StreamModeDetails": {"StreamMode": stream.mode},
        "RetentionPeriodHours": stream.retention_hours,
        "StreamCreationTimestamp": stream.created_at,
        "EnhancedMonitoring": [{"ShardLevelMetrics": []}],
        "EncryptionType": "KMS" if stream.key_id else "NONE",
        "KeyId": stream.key_id or None,
    }


def _mode(request: dict[str, Any]) -> str:
    return str((request.get("StreamModeDetails") or {}).get("StreamMode") or PROVISIONED)


def _check_retention(hours: int) -> None:
    if hours < _LEAST_RETENTION:
        raise errors.InvalidArgumentException(
            f"Minimum allowed retention period is {_LEAST_RETENTION} hours. Requested retention period ({hours} hours) "
            "is too short."
        )


def _refuse(request: dict[str, Any], member: str) -> None:
    if request.get(member) not in (None, 0, "USER_PARTITION_KEY"):
        raise errors.ValidationException(f"Undercast's Kinesis does not act on {member}; leave it out.")
