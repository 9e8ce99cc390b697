"""Finding streams and shards, and checking how much of them is wanted."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.dynamodbstreams import storage
from undercast.services.dynamodbstreams.errors import ResourceNotFoundException, ValidationException
from undercast.services.dynamodbstreams.model import Shard, Stream, no_stream, stream_resource


async def find_stream(call: Call, arn: str) -> Stream:
    """The stream that an ARN names. ResourceNotFoundException."""
    stream = await storage.find_stream(call, stream_resource(arn, call.account, call.region))
    if stream is None:
        raise no_stream(arn)
    return stream


async def find_shard(call: Call, stream: Stream, shard_id: str) -> Shard:
    """A shard of a stream. ResourceNotFoundException."""
    shard = await storage.find_shard(call, stream, shard_id)
    if shard is None:
        raise ResourceNotFoundException("Requested resource not found: Shard does not exist")
    return shard


def check_limit(request: dict[str, Any], largest: int) -> int:
    """How many are wanted at most. ValidationException when that is more than there may be."""
    limit: int = request.get("Limit", largest)
    if limit > largest:
        raise ValidationException(
            f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: "
            f"Member must have value less than or equal to {largest}"
        )
    return limit
