"""Server-side encryption with a key of KMS: what a queue with `KmsMasterKeyId` is sent is kept sealed, until received.

A message stays as it was sent: a queue that gets or loses a key changes nothing of what it holds, and a message that
moves to a queue with another key, or without one, keeps the lock that it was sealed with.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html
"""

from __future__ import annotations

from base64 import b64decode, b64encode

import orjson

from undercast.kit.call import Call
from undercast.kit.envelopes import Envelopes
from undercast.kit.errors import ServiceError
from undercast.services.sqs import errors
from undercast.services.sqs.model import Message, Queue

_CODES = {
    "NotFoundException": errors.KmsNotFound,
    "InvalidArnException": errors.KmsNotFound,
    "DisabledException": errors.KmsDisabled,
    "KMSInvalidStateException": errors.KmsInvalidState,
    "InvalidKeyUsageException": errors.KmsInvalidKeyUsage,
    "AccessDeniedException": errors.KmsAccessDenied,
    "InvalidCiphertextException": errors.KmsAccessDenied,  # so KMS words it, too, when the key is gone
}


async def sealed(call: Call, queue: Queue, message: Message) -> Message:
    """The message as it is stored in a queue with a key. KmsNotFound, KmsDisabled, …"""
    seal = await _envelopes(call, queue, queue.arn).sealer()
    lock, content = seal(orjson.dumps([message.body, message.attributes]))
    return message._replace(body=b64encode(content).decode(), attributes="", lock=f"{queue.arn} {lock}")


async def opened(call: Call, queue: Queue, messages: list[Message]) -> list[Message]:
    """Messages of a queue as they were sent, sealed or plain. KmsDisabled, KmsAccessDenied, …"""
    return [await _opened(call, queue, message) if message.lock else message for message in messages]


async def ready(call: Call, queue: Queue) -> None:
    """Get a data key that seals from now on, to learn what KMS says of the queue's key. KmsNotFound, KmsDisabled, …"""
    await _envelopes(call, queue, queue.arn).sealer()


async def _opened(call: Call, queue: Queue, message: Message) -> Message:
    arn, _, lock = message.lock.partition(" ")
    content = await _envelopes(call, queue, arn).open(lock, b64decode(message.body))
    body, attributes = orjson.loads(content)
    return message._replace(body=body, attributes=attributes, lock="")


def _envelopes(call: Call, queue: Queue, arn: str) -> Envelopes:
    """Those of a queue, for what was sent to the queue of an ARN."""
    reused_ms = 1000 * queue.seconds("KmsDataKeyReusePeriodSeconds", 300)
    return Envelopes(call.at(arn), queue.key_id, {"aws:sqs:arn": arn}, _told, reused_ms)


def _told(error: ServiceError) -> ServiceError:
    kind = _CODES.get(error.code)
    return kind(error.message or None) if kind else error
