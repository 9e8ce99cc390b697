"""Operations on streams: list, describe."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.dynamodbstreams import storage
from undercast.services.dynamodbstreams.errors import ValidationException
from undercast.services.dynamodbstreams.finding import check_limit, find_shard, find_stream
from undercast.services.dynamodbstreams.model import Shard, stream_resource

_LARGEST_PAGE = 100


async def list_streams(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The streams of the account, or of one table, those of deleted tables included for 24 hours."""
    limit = check_limit(request, _LARGEST_PAGE)
    start = request.get("ExclusiveStartStreamArn")
    after = stream_resource(start, call.account, call.region) if start else ""
    prefix = f"table/{request['TableName']}/" if "TableName" in request else "table/"
    found = await storage.list_streams(call, prefix, after, limit + 1)
    listed = [{"StreamArn": one.arn, "TableName": one.table, "StreamLabel": one.label} for one in found[:limit]]
    return {"Streams": listed, "LastEvaluatedStreamArn": found[limit - 1].arn if len(found) > limit else None}


async def describe_stream(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A stream and its shards, or the children of one shard."""
    limit = check_limit(request, _LARGEST_PAGE)
    stream = await find_stream(call, request["StreamArn"])
    start = request.get("ExclusiveStartShardId")
    after = (await find_shard(call, stream, start)).first_number if start else 0
    shards = await storage.shards(call, stream, after, limit + 1)
    shown = _filtered(shards[:limit], request.get("ShardFilter") or {})
    last = shards[limit - 1].id if len(shards) > limit else None
    return {
        "StreamDescription": {
            "StreamArn": stream.arn,
            "StreamLabel": stream.label,
            "StreamStatus": "DISABLED" if stream.disabled_at else "ENABLED",
            "StreamViewType": stream.view_type,
            "CreationRequestDateTime": stream.created_at // 1000 * 1000,
            "TableName": stream.table,
            "KeySchema": stream.key_schema,
            "Shards": [shard.describe() for shard in shown],
            "LastEvaluatedShardId": last,
        }
    }


def _filtered(shards: list[Shard], wanted: dict[str, str]) -> list[Shard]:
    if not wanted:
        return shards
    if "ShardId" not in wanted:
        raise ValidationException("ShardFilter of type CHILD_SHARDS needs a ShardId")
    return [shard for shard in shards if shard.parent_id == wanted["ShardId"]]
