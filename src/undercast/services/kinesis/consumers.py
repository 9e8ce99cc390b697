"""Operations on consumers with enhanced fan-out, but for SubscribeToShard."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call

from . import consumer_storage, errors, storage
from .consumer_storage import Consumer
from .finding import find_consumer
from .tokens import make_token, read_token

_MOST_CONSUMERS = 20
_PAGE = 100


async def register_stream_consumer(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Add a consumer; it can subscribe at once."""
    stream, name = await storage.find(call, request), request["ConsumerName"]
    consumers = await consumer_storage.list_consumers(call, stream, "", _MOST_CONSUMERS + 1)
    if any(one.name == name for one in consumers):
        raise errors.ResourceInUseException(f"Consumer {name} already exists for stream {stream.arn}.")
    if len(consumers) >= _MOST_CONSUMERS:
        raise errors.LimitExceededException(
            f"Stream {stream.name} under account {stream.account} has {_MOST_CONSUMERS} consumers, which is the limit."
        )
    consumer = Consumer(stream, name, call.now, {}, request.get("Tags") or {})
    await consumer_storage.save(call, consumer)
    return {"Consumer": consumer.describe("CREATING")}


async def deregister_stream_consumer(call: Call, request: dict[str, Any]) -> None:
    """Take a consumer away; its subscriptions end."""
    consumer = await find_consumer(call, request)
    await consumer_storage.delete(call, consumer)
    call.notify(consumer.stream.channel)


async def describe_stream_consumer(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A consumer."""
    consumer = await find_consumer(call, request)
    return {"ConsumerDescription": {**consumer.describe(), "StreamARN": consumer.stream.arn}}


async def list_stream_consumers(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The consumers of a stream, by name."""
    stream = await storage.find(call, request)
    created = request.get("StreamCreationTimestamp")
    if created is not None and created // 1000 != stream.created_at // 1000:
        raise errors.no_stream(stream.name, stream.account)
    limit = min(request.get("MaxResults") or _PAGE, _PAGE)
    after = str(read_token(call, request["NextToken"])[0]) if request.get("NextToken") else ""
    found = await consumer_storage.list_consumers(call, stream, after, limit + 1)
    return {
        "Consumers": [consumer.describe() for consumer in found[:limit]],
        "NextToken": make_token(call, [found[limit - 1].name]) if len(found) > limit else None,
    }
