"""What topics, subscriptions and notifications are, and the rules for them."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

import orjson

from undercast.engines import sns_filters
from undercast.services.sns import errors
from undercast.services.sns.errors import invalid

Attributes = Mapping[str, Mapping[str, Any]]

DEDUPLICATION_MS = 5 * 60 * 1000
LARGEST_MESSAGE = 262_144
LARGEST_BATCH = 262_144

_TOKEN = re.compile(r"[!-~]{1,128}")
_ATTRIBUTE_NAME = re.compile(r"(?!\.)(?!.*\.\.)[A-Za-z0-9_\-.]{1,256}(?<!\.)")
_DATA_TYPE = re.compile(r"(String|Number|Binary)(\..+)?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_BATCH_ID = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Topic:
    """One topic. Times are milliseconds since the epoch."""

    account: str
    region: str
    name: str
    created_at: int
    attributes: Mapping[str, str]
    tags: Mapping[str, str]
    data_protection: str

    @cached_property
    def arn(self) -> str:
        return f"arn:aws:sns:{self.region}:{self.account}:{self.name}"

    @property
    def fifo(self) -> bool:
        return self.name.endswith(".fifo")

    @property
    def signature_version(self) -> str:
        return self.attributes.get("SignatureVersion", "1")

    @property
    def key_id(self) -> str:
        """KMS's key for its messages; "" for a topic that does not encrypt."""
        return self.attributes.get("KmsMasterKeyId", "")

    @property
    def largest_message(self) -> int:
        return int(self.attributes.get("MaximumMessageSize", LARGEST_MESSAGE))

    def deduplication_token(self, group_id: str, dedup_id: str) -> str:
        """What makes two messages the same within five minutes."""
        per_group = self.attributes.get("FifoThroughputScope") == "MessageGroup"
        return f"{group_id if per_group else ''}:{dedup_id}"


@dataclass(frozen=True)
class Subscription:
    """One subscription. `account`, `region` and `topic` are the topic's; `owner` is the account that subscribed."""

    account: str
    region: str
    topic: str
    id: str
    protocol: str
    endpoint: str
    owner: str
    principal: str
    state: str
    token: str
    authenticated: int
    owner_unsubscribes: int
    attributes: Mapping[str, str]

    @cached_property
    def topic_arn(self) -> str:
        return f"arn:aws:sns:{self.region}:{self.account}:{self.topic}"

    @cached_property
    def arn(self) -> str:
        return f"{self.topic_arn}:{self.id}"

    @cached_property
    def raw(self) -> bool:
        return self.attributes.get("RawMessageDelivery", "").lower() == "true"

    @cached_property
    def dead_letter_arn(self) -> str:
        """The queue for what cannot be delivered; "" for none."""
        text = self.attributes.get("RedrivePolicy")
        return str(orjson.loads(text)["deadLetterTargetArn"]) if text else ""

    def wants(self, notification: Notification) -> bool:
        """Whether the filter policy lets the message through."""
        policy = self.attributes.get("FilterPolicy")
        if not policy:
            return True
        if self.attributes.get("FilterPolicyScope") == "MessageBody":
            return compiled(policy, "MessageBody").matches(notification.text_for(self.protocol))
        return compiled(policy, "MessageAttributes").matches(notification.attributes)


class Notification(NamedTuple):
    """A message on its way to everyone who wants it. `texts` are by protocol when MessageStructure is json."""

    id: str
    topic_arn: str
    subject: str | None
    text: str
    texts: Mapping[str, str]
    attributes: Attributes
    group_id: str | None
    dedup_id: str | None
    sequence_number: str
    published_at: int
    trace: str = ""

    def text_for(self, protocol: str) -> str:
        return self.texts.get(protocol, self.text) if self.texts else self.text


class Draft(NamedTuple):
    """What a client wants to publish, checked against the rules of the topic (None for a phone or an app)."""

    subject: str | None
    text: str
    texts: Mapping[str, str]
    attributes: Attributes
    group_id: str | None
    dedup_id: str | None

    @classmethod
    def parse(cls, entry: Mapping[str, Any], topic: Topic | None) -> Draft:
        """Read Publish's parameters or a batch entry. InvalidParameter, ParameterValueInvalid."""
        message, subject, attributes = entry["Message"], entry.get("Subject"), entry.get("MessageAttributes") or {}
        if not message:
            raise invalid("Empty message")
        if subject is not None and (not subject or len(subject) > 100 or _CONTROL.search(subject)):
            raise invalid("Subject")
        if message_size(message, attributes) > (topic.largest_message if topic else LARGEST_MESSAGE):
            raise invalid("Message too long")
        for name, value in attributes.items():
            _check_attribute(name, value)
        dedup_id = _check_order(topic, entry, message) if topic else None
        texts = _texts(message, entry["MessageStructure"]) if entry.get("MessageStructure") else {}
        return cls(
            subject, texts.get("default", message), texts, attributes, entry.get("MessageGroupId") or None, dedup_id
        )

    def notification(self, *, id: str, topic_arn: str, sequence_number: str, now: int, trace: str) -> Notification:
        return Notification(
            id, topic_arn, self.subject, self.text, self.texts, self.attributes, self.group_id, self.dedup_id,
            sequence_number, now, trace,
        )  # fmt: skip


def message_size(message: str, attributes: Attributes) -> int:
    """Bytes that count: the message and its attributes."""
    size = len(message) if message.isascii() else len(message.encode())
    for name, value in attributes.items():
        content = value.get("BinaryValue") or (value.get("StringValue") or "").encode()
        size += len(name.encode()) + len(value.get("DataType") or "") + len(content)
    return size


def shown_attributes(attributes: Attributes) -> dict[str, dict[str, str]]:
    """Message attributes as the envelope has them."""
    return {
        name: {
            "Type": value["DataType"],
            "Value": b64encode(value["BinaryValue"]).decode() if "BinaryValue" in value else value["StringValue"],
        }
        for name, value in attributes.items()
    }


@lru_cache(maxsize=4096)
def compiled(policy: str, scope: sns_filters.Scope) -> sns_filters.Filter:
    """A filter policy ready for use, by its text."""
    return sns_filters.compile(policy, scope)


def check_batch(entries: list[dict[str, Any]]) -> None:
    """Number and ids of a batch's entries, as recorded in test_publish_batch_invalid_entry_id."""
    if not entries:
        raise errors.EmptyBatchRequest()
    if len(entries) > 10:
        raise errors.TooManyEntriesInBatchRequest()
    for entry in entries:
        if not _BATCH_ID.fullmatch(entry["Id"]):
            raise errors.InvalidBatchEntryId(
                f"The Id of a batch entry in the batch request contains an impermissible character: {entry['Id']}"
            )
        if len(entry["Id"]) > 80:
            raise errors.InvalidBatchEntryId(f"The Id of a batch entry in the batch request is too long: {entry['Id']}")
    if len({entry["Id"] for entry in entries}) < len(entries):
        raise errors.BatchEntryIdsNotDistinct()


def _check_order(topic: Topic, entry: Mapping[str, Any], message: str) -> str | None:
    """The deduplication id: the one given, or the message's digest. Texts as recorded in test_validations_for_fifo."""
    group_id, dedup_id = entry.get("MessageGroupId"), entry.get("MessageDeduplicationId")
    if group_id and not _TOKEN.fullmatch(group_id):
        raise invalid("MessageGroupId", _token_reason("MessageGroupId"))
    if not topic.fifo:
        if dedup_id:
            raise invalid(
                "MessageDeduplicationId",
                "The request includes MessageDeduplicationId parameter that is not valid for this topic type",
            )
        return None
    if not group_id:
        raise invalid("The MessageGroupId parameter is required for FIFO topics")
    if dedup_id:
        if not _TOKEN.fullmatch(dedup_id):
            raise invalid("MessageDeduplicationId", _token_reason("MessageDeduplicationId"))
        return str(dedup_id)
    if topic.attributes.get("ContentBasedDeduplication") == "true":
        return sha256(message.encode()).hexdigest()
    raise invalid(
        "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"
    )


def _token_reason(name: str) -> str:
    return f"{name} can only include alphanumeric and punctuation characters. 1 to 128 in length"


def _texts(message: str, structure: str) -> dict[str, str]:
    if structure != "json":
        raise invalid("MessageStructure")
    try:
        parsed = orjson.loads(message)
    except orjson.JSONDecodeError:
        raise invalid("Message Structure - JSON message body failed to parse") from None
    texts = {key: value for key, value in parsed.items() if isinstance(value, str)} if isinstance(parsed, dict) else {}
    if "default" not in texts:
        raise invalid("Message Structure - No default entry in JSON message body")
    return texts


def _check_attribute(name: str, value: Mapping[str, Any]) -> None:
    kind = value.get("DataType") or ""
    if not _ATTRIBUTE_NAME.fullmatch(name) or (name.lower().startswith(("aws.", "amazon.")) and not _mobile(name)):
        raise errors.ParameterValueInvalid(
            "Invalid non-alphanumeric character was found in the message attribute name. Can only include "
            "alphanumeric characters, hyphens, underscores, or dots."
        )
    if not _DATA_TYPE.fullmatch(kind):
        raise errors.ParameterValueInvalid(
            f"The message attribute '{name}' has an invalid message attribute type, the set of supported type prefixes "
            "is Binary, Number, and String."
        )
    if not value.get("BinaryValue" if kind.startswith("Binary") else "StringValue"):
        raise errors.ParameterValueInvalid(
            f"The message attribute '{name}' must contain non-empty message attribute value for message attribute type "
            f"'{kind}'."
        )
    if kind.split(".")[0] == "Number" and not _is_number(value["StringValue"]):
        raise errors.ParameterValueInvalid(f"Could not cast message attribute '{name}' value to number.")
    if kind == "String.Array" and not isinstance(_json(value["StringValue"]), list):
        raise errors.ParameterValueInvalid(
            f"The message attribute '{name}' with type 'String.Array' must have value of type Array."
        )


def _mobile(name: str) -> bool:
    """`AWS.SNS.SMS.SenderID` and the like are for SNS itself."""
    return name.startswith(("AWS.SNS.", "AWS.MM."))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _json(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
