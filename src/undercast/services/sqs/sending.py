"""Putting a message into a queue: what SendMessage, its batch and events of other services have in common."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.sqs import cipher, storage
from undercast.services.sqs.model import (
    DEDUPLICATION_MS,
    Draft,
    Message,
    Queue,
    attributes_md5,
    body_md5,
    pack_attributes,
)


async def receive_event(call: Call, arn: str, payload: bytes) -> None:
    """Take an event that another service delivers to a queue's ARN."""
    queue = await storage.find_queue(call, arn.rpartition(":")[2])
    await send(call, queue, Draft.parse({"MessageBody": payload.decode()}, queue))


async def send(call: Call, queue: Queue, draft: Draft) -> dict[str, Any]:
    """Add a message, unless a FIFO queue has had the same in the last five minutes; SendMessage's answer.

    KmsNotFound, KmsDisabled, … of a queue with a key.
    """
    message = Message(
        seq=call.ids.sequence(),
        visible_at=call.now + 1000 * draft.delay_s,
        id=call.ids.uuid(),
        body=draft.body,
        attributes=pack_attributes(draft.attributes),
        system_attributes=pack_attributes(draft.system_attributes),
        sender_id=call.identity.user_id,
        sent_at=call.now,
        first_received_at=0,
        receives=0,
        group_id=draft.group_id,
        dedup_id=draft.dedup_id,
        source_arn=None,
    )
    if queue.key_id:  # before it is remembered: what cannot be sealed was not sent
        message = await cipher.sealed(call, queue, message)
    number = message.sequence_number if queue.fifo else None
    if queue.fifo:
        token, until = queue.deduplication_token(draft), call.now + DEDUPLICATION_MS
        earlier = await storage.remember_once(call, queue, token, until, [message.id, number])
        if earlier:
            return _sent(draft, earlier[0], earlier[1])
    await storage.add_message(call, queue, message)
    call.notify(queue.channel)
    return _sent(draft, message.id, number)


def _sent(draft: Draft, message_id: str, sequence_number: str | None) -> dict[str, Any]:
    answer = {"MD5OfMessageBody": body_md5(draft.body), "MessageId": message_id}
    if draft.attributes:
        answer["MD5OfMessageAttributes"] = attributes_md5(draft.attributes)
    if draft.system_attributes:
        answer["MD5OfMessageSystemAttributes"] = attributes_md5(draft.system_attributes)
    if sequence_number:
        answer["SequenceNumber"] = sequence_number
    return answer
