"""The attributes of a queue: which there are, what they may be, what they are by default."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.services.sqs import errors, storage
from undercast.services.sqs.errors import InvalidAttributeValue, invalid_value
from undercast.services.sqs.model import Queue

_RANGES = {
    "DelaySeconds": (0, 900),
    "MaximumMessageSize": (1_024, 1_048_576),
    "MessageRetentionPeriod": (60, 1_209_600),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
    "VisibilityTimeout": (0, 43_200),
    "KmsDataKeyReusePeriodSeconds": (60, 86_400),
}
_CHOICES = {
    "SqsManagedSseEnabled": ("true", "false"),
    "FifoQueue": ("true",),
    "ContentBasedDeduplication": ("true", "false"),
    "DeduplicationScope": ("messageGroup", "queue"),
    "FifoThroughputLimit": ("perQueue", "perMessageGroupId"),
}
_FIFO_ONLY = {"FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"}
_DOCUMENTS = {"Policy", "RedrivePolicy", "RedriveAllowPolicy"}
_SETTABLE = {*_RANGES, *_CHOICES, *_DOCUMENTS, "KmsMasterKeyId"}

_DEFAULTS = {
    "VisibilityTimeout": "30",
    "DelaySeconds": "0",
    "ReceiveMessageWaitTimeSeconds": "0",
    "MaximumMessageSize": "1048576",
    "MessageRetentionPeriod": "345600",
}
_FIFO_DEFAULTS = {
    "ContentBasedDeduplication": "false",
    "DeduplicationScope": "queue",
    "FifoThroughputLimit": "perQueue",
}

COUNTS = {"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"}
READABLE = {*_SETTABLE, *COUNTS, "CreatedTimestamp", "LastModifiedTimestamp", "QueueArn"}

_KEY_REUSE = re.compile(r"\d+")


async def check(call: Call, name: str, wanted: Mapping[str, str]) -> dict[str, str]:
    """The attributes as they are kept, once all of them are right. InvalidAttributeName, InvalidAttributeValue, …"""
    fifo = name.endswith(".fifo")
    for key, value in wanted.items():
        if key not in _SETTABLE or (key in _FIFO_ONLY and not fifo):
            raise errors.InvalidAttributeName(f"Unknown Attribute {key}.")
        _check_value(key, value)
    if wanted.get("RedrivePolicy"):
        await _check_redrive(call, name, wanted["RedrivePolicy"])
    if wanted.get("RedriveAllowPolicy"):
        _check_redrive_allow(wanted["RedriveAllowPolicy"])
    return dict(wanted)


def merge(queue: Queue, changes: Mapping[str, str]) -> dict[str, str]:
    """The queue's attributes after a change; an empty value takes an attribute back."""
    merged = {**queue.attributes, **changes}
    if changes.get("KmsMasterKeyId"):
        merged["SqsManagedSseEnabled"] = "false"
    if changes.get("SqsManagedSseEnabled") == "true":
        merged.pop("KmsMasterKeyId", None)
    return {key: value for key, value in merged.items() if value != ""}


def describe(queue: Queue, counts: Mapping[str, str]) -> dict[str, str]:
    """All attributes as GetQueueAttributes shows them."""
    shown = {
        **counts,
        "CreatedTimestamp": str(queue.created_at // 1000),
        "LastModifiedTimestamp": str(queue.modified_at // 1000),
        "QueueArn": queue.arn,
        **_DEFAULTS,
    }
    if queue.fifo:
        shown |= {"FifoQueue": "true", **_FIFO_DEFAULTS}
    shown["SqsManagedSseEnabled"] = "false" if "KmsMasterKeyId" in queue.attributes else "true"
    if "KmsMasterKeyId" in queue.attributes:
        shown["KmsDataKeyReusePeriodSeconds"] = "300"
    return shown | dict(queue.attributes)


def _check_value(key: str, value: str) -> None:
    if value == "" and key != "FifoQueue":
        return
    if key in _RANGES:
        low, high = _RANGES[key]
        if not _KEY_REUSE.fullmatch(value) or not low <= int(value) <= high:
            raise InvalidAttributeValue(f"Invalid value for the parameter {key}.")
    elif (key in _CHOICES and value not in _CHOICES[key]) or (key in _DOCUMENTS and not isinstance(_json(value), dict)):
        raise InvalidAttributeValue(f"Invalid value for the parameter {key}.")


async def _check_redrive(call: Call, name: str, text: str) -> None:
    policy = _json(text)
    for member in ("maxReceiveCount", "deadLetterTargetArn"):
        if member not in policy:
            raise invalid_value(
                text, "RedrivePolicy", f"Redrive policy does not contain mandatory attribute: {member}."
            )
    count = str(policy["maxReceiveCount"])
    if not count.isdigit() or not 1 <= int(count) <= 1000:
        raise invalid_value(
            text, "RedrivePolicy",
            f"Invalid value for maxReceiveCount: {count}, valid values are from 1 to 1000 both inclusive.",
        )  # fmt: skip
    target = await _dead_letter_queue(call, text, policy["deadLetterTargetArn"])
    if target.fifo != name.endswith(".fifo"):
        raise invalid_value(text, "RedrivePolicy", "Dead-letter queue must be same type of queue as the source.")
    if not _allows(target, f"arn:aws:sqs:{call.region}:{call.account}:{name}"):
        raise invalid_value(
            text, "RedrivePolicy", "Queue does not have permission to use the dead-letter queue of the redrive policy."
        )


async def _dead_letter_queue(call: Call, text: str, arn: object) -> Queue:
    try:
        parsed = Arn.parse(str(arn))
    except ValueError:
        raise invalid_value(text, "RedrivePolicy", "Invalid value for deadLetterTargetArn.") from None
    if (parsed.account, parsed.region) == (call.account, call.region):
        target = await storage.find_queue_by_name(call, parsed.resource)
        if target:
            return target
    raise invalid_value(text, "RedrivePolicy", "Dead letter target does not exist.")


def _check_redrive_allow(text: str) -> None:
    policy = _json(text)
    permission, sources = policy.get("redrivePermission"), policy.get("sourceQueueArns")
    if permission not in ("allowAll", "denyAll", "byQueue"):
        raise invalid_value(
            text, "RedriveAllowPolicy", "Amazon SQS can't create the redrive allow policy. The value for "
            "redrivePermission must be allowAll, denyAll, or byQueue.",
        )  # fmt: skip
    if (permission == "byQueue") != isinstance(sources, list) or len(sources or []) > 10:
        raise invalid_value(
            text, "RedriveAllowPolicy", "Amazon SQS can't create the redrive allow policy. sourceQueueArns must name 1 "
            "to 10 queues when redrivePermission is byQueue, and none otherwise.",
        )  # fmt: skip


def _allows(target: Queue, source_arn: str) -> bool:
    text = target.attributes.get("RedriveAllowPolicy")
    if not text:
        return True
    policy = _json(text)
    if policy.get("redrivePermission") == "byQueue":
        return source_arn in policy.get("sourceQueueArns", [])
    return bool(policy.get("redrivePermission") == "allowAll")


def _json(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
