"""Publishing to a topic: what Publish, its batch and events of other services have in common."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.sns import arns, cipher, delivery, storage
from undercast.services.sns.model import DEDUPLICATION_MS, Draft, Topic


async def receive_event(call: Call, arn: str, payload: bytes) -> None:
    """Take an event that another service delivers to a topic's ARN."""
    topic = await storage.find_topic(call, arns.topic(arn))
    await send(call, topic, Draft.parse({"Message": payload.decode()}, topic))


async def send(call: Call, topic: Topic, draft: Draft) -> dict[str, Any]:
    """Give a message to everyone who wants it, unless a FIFO topic has had it lately; Publish's answer.

    KMSNotFound and its like when the topic's key cannot be used.
    """
    # KMS is asked before anything is kept: an entry of a batch that it refuses leaves nothing behind
    seal = await cipher.sealer(call, topic) if topic.key_id else None
    id, number = call.ids.uuid(), f"1{call.ids.sequence():019d}" if topic.fifo else ""
    if topic.fifo:
        token = topic.deduplication_token(draft.group_id or "", draft.dedup_id or "")
        earlier = await storage.claim(call, topic, token, call.now + DEDUPLICATION_MS, id, number)
        if earlier:
            return {"MessageId": earlier[0], "SequenceNumber": earlier[1]}
    notification = draft.notification(
        id=id, topic_arn=topic.arn, sequence_number=number, now=call.now, trace=call.trace or ""
    )
    await delivery.fan_out(call, topic, notification, seal)
    return {"MessageId": id, "SequenceNumber": number or None}
