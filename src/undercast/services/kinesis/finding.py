"""Which stream or consumer a request or an ARN names."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call

from . import consumer_storage, errors, storage
from .consumer_storage import Consumer
from .model import Stream


async def find_consumer(call: Call, request: dict[str, Any]) -> Consumer:
    """The consumer that ConsumerARN, or StreamARN and ConsumerName, name."""
    arn = request.get("ConsumerARN")
    if arn:
        return await find_consumer_by_arn(call, arn)
    if not request.get("StreamARN") or not request.get("ConsumerName"):
        raise errors.InvalidArgumentException(
            "Either ConsumerARN, or both of StreamARN and ConsumerName, must be provided."
        )
    stream = await storage.find(call, {"StreamARN": request["StreamARN"]})
    return await consumer_storage.find(call, stream, request["ConsumerName"])


async def find_consumer_by_arn(call: Call, arn: str) -> Consumer:
    """ResourceNotFoundException."""
    stream_arn, _, rest = arn.partition("/consumer/")
    stream = await storage.find(call, {"StreamARN": stream_arn})
    consumer = await consumer_storage.find(call, stream, rest.rpartition(":")[0])
    if consumer.arn != arn:
        raise errors.ResourceNotFoundException(f"Consumer {arn} not found.")
    return consumer


async def find_resource(call: Call, arn: str) -> Stream | Consumer:
    """ResourceNotFoundException."""
    if "/consumer/" in arn:
        return await find_consumer_by_arn(call, arn)
    return await storage.find(call, {"StreamARN": arn})


async def save_resource(call: Call, resource: Stream | Consumer) -> None:
    """A stream or consumer with other tags or settings."""
    if isinstance(resource, Consumer):
        await consumer_storage.save(call, resource)
    else:
        await storage.save_stream(call, resource)
