"""What a queue and a message are, and the rules for them."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import md5, sha256
from struct import pack
from typing import Any, NamedTuple

import orjson

from undercast.services.sqs import errors
from undercast.services.sqs.errors import invalid_value

Attributes = Mapping[str, Mapping[str, Any]]

DEDUPLICATION_MS = 5 * 60 * 1000
LONGEST_VISIBILITY_S = 43_200
LARGEST_BATCH_BYTES = 1_048_576  # recorded: TestSqsProvider::test_send_message_batch_with_oversized_contents

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TOKEN = re.compile(r"[!-~]{1,128}")
_ATTRIBUTE_NAME = re.compile(r"[A-Za-z0-9_\-.]{1,256}")
_DATA_TYPE = re.compile(r"(String|Number|Binary)(\..+)?")


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue. Times are milliseconds since the epoch; `id` is that of its messages."""

    account: str
    region: str
    name: str
    id: int
    created_at: int
    modified_at: int
    purged_at: int
    attributes: Mapping[str, str]
    tags: Mapping[str, str]

    @property
    def arn(self) -> str:
        return f"arn:aws:sqs:{self.region}:{self.account}:{self.name}"

    @property
    def channel(self) -> str:
        """What is notified when there is something new to receive."""
        return f"sqs:{self.account}:{self.region}:{self.name}"  # outlives a purge, which changes the id

    @property
    def fifo(self) -> bool:
        return self.name.endswith(".fifo")

    def seconds(self, attribute: str, default: int) -> int:
        return int(self.attributes.get(attribute, default))

    @property
    def key_id(self) -> str:
        """The KMS key under which it keeps what it is sent from now on; '' for none."""
        return self.attributes.get("KmsMasterKeyId", "")

    @property
    def largest_message(self) -> int:
        return int(self.attributes.get("MaximumMessageSize", 1_048_576))

    @property
    def retention_ms(self) -> int:
        return 1000 * self.seconds("MessageRetentionPeriod", 345_600)

    @property
    def redrive(self) -> tuple[str, int] | None:
        """The dead-letter queue's ARN and after how many receives a message goes there."""
        text = self.attributes.get("RedrivePolicy")
        return _redrive(text) if text else None

    def deduplication_token(self, draft: Draft) -> str:
        """What makes two messages the same within five minutes."""
        per_group = self.attributes.get("DeduplicationScope") == "messageGroup"
        return f"send:{draft.group_id if per_group else ''}:{draft.dedup_id}"

    def receipt_handle(self, message: Message) -> str:
        """The handle for one receive of one message of this queue."""
        content = f"{self.id}\n{message.seq}\n{message.receives}\n{message.id}"
        seal = sha256(content.encode()).hexdigest()[:24]
        return b64encode(f"{content}\n{seal}".encode()).decode()

    def receipt(self, message: Message) -> Receipt:
        return Receipt(self.id, message.seq, message.receives)

    def read_receipt_handle(self, handle: str) -> Receipt:
        """What a handle of this queue names. ReceiptHandleIsInvalid for any other text."""
        try:
            raw = b64decode(handle, validate=True)
            content, _, seal = raw.decode().rpartition("\n")
            queue_id, seq, receives, _ = content.split("\n")
            # several texts decode to the same bytes; only one of them is a handle
            if sha256(content.encode()).hexdigest()[:24] == seal and b64encode(raw).decode() == handle:
                return Receipt(int(queue_id), int(seq), int(receives))
        except (ValueError, binascii.Error):
            pass
        raise errors.ReceiptHandleIsInvalid(f'The input receipt handle "{handle}" is not a valid receipt handle.')


class Receipt(NamedTuple):
    """Which receive of which message a receipt handle is for."""

    queue_id: int
    seq: int
    receives: int


class Message(NamedTuple):
    """One message in a queue. `seq` is its place in the order of arrival; `attributes` are JSON.

    One that was sent under a KMS key has a `lock` (see cipher.py), '' once it is opened.
    """

    seq: int
    visible_at: int
    id: str
    body: str
    attributes: str
    system_attributes: str
    sender_id: str
    sent_at: int
    first_received_at: int
    receives: int
    group_id: str | None
    dedup_id: str | None
    source_arn: str | None
    lock: str = ""

    @property
    def sequence_number(self) -> str:
        return f"1{self.seq:019d}"


class Draft(NamedTuple):
    """What a client wants to send, checked against the rules of the queue."""

    body: str
    attributes: Attributes
    system_attributes: Attributes
    group_id: str | None
    dedup_id: str | None
    delay_s: int

    @classmethod
    def parse(cls, entry: Mapping[str, Any], queue: Queue) -> Draft:
        """Read SendMessage's parameters or a batch entry. InvalidParameterValue, MissingParameter, …"""
        body = entry["MessageBody"]
        if not body:
            raise errors.MissingParameter("The request must contain the parameter MessageBody.")
        if _FORBIDDEN.search(body):
            raise errors.InvalidMessageContents(_forbidden_text(body))
        attributes = entry.get("MessageAttributes") or {}
        if attributes:
            _check_attributes(attributes)
        system = entry.get("MessageSystemAttributes") or {}
        if system:
            _check_system_attributes(system)
        group_id, dedup_id = entry.get("MessageGroupId"), entry.get("MessageDeduplicationId")
        if queue.fifo or group_id is not None or dedup_id is not None:
            dedup_id = _check_fifo(entry, queue, body, group_id, dedup_id)
        return cls(body, attributes, system, group_id, dedup_id, _delay(entry, queue))

    @property
    def size(self) -> int:
        """Bytes that count: body and attributes."""
        size = len(self.body) if self.body.isascii() else len(self.body.encode())
        for name, value in self.attributes.items():
            size += len(name.encode()) + len(value["DataType"]) + len(_attribute_bytes(value))
        return size


def body_md5(body: str) -> str:
    """The hex MD5 of a body."""
    return md5(body.encode(), usedforsecurity=False).hexdigest()


def attributes_md5(attributes: Attributes) -> str:
    """The hex MD5 over message attributes, as SDKs compute it to compare.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
    """
    digest = md5(usedforsecurity=False)
    for name in sorted(attributes):
        value = attributes[name]
        kind, content = value["DataType"].encode(), _attribute_bytes(value)
        marker = b"\x02" if value["DataType"].startswith("Binary") else b"\x01"
        for part in (name.encode(), kind):
            digest.update(pack(">I", len(part)) + part)
        digest.update(marker + pack(">I", len(content)) + content)
    return digest.hexdigest()


def pack_attributes(attributes: Attributes) -> str:
    """Message attributes as JSON for the table; '' for none."""
    if not attributes:
        return ""
    return orjson.dumps(attributes, default=lambda value: {"b64": b64encode(value).decode()}).decode()


@lru_cache(maxsize=256)
def unpack_attributes(text: str) -> Attributes:
    """The inverse of `pack_attributes`. The answer is shared: do not change it."""
    if not text:
        return {}
    attributes: dict[str, dict[str, Any]] = orjson.loads(text)
    for value in attributes.values():
        if "BinaryValue" in value:
            value["BinaryValue"] = b64decode(value["BinaryValue"]["b64"])
    return attributes


def queue_name(url: str) -> tuple[str, str]:
    """Account ("" when it has none) and name in a queue's URL; clients of any era, and a bare name."""
    parts = url.rstrip("/").split("/")
    account = parts[-2] if len(parts) > 1 and len(parts[-2]) == 12 and parts[-2].isdigit() else ""
    return account, parts[-1]


@lru_cache(maxsize=1024)
def _redrive(text: str) -> tuple[str, int]:
    policy = orjson.loads(text)
    return policy["deadLetterTargetArn"], int(policy["maxReceiveCount"])


def _attribute_bytes(value: Mapping[str, Any]) -> bytes:
    if "BinaryValue" in value:
        return bytes(value["BinaryValue"])
    text: str = value.get("StringValue") or ""
    return text.encode()


def _check_attributes(attributes: Attributes) -> None:
    if len(attributes) > 10:
        raise errors.InvalidParameterValue(
            f"Number of message attributes [{len(attributes)}] exceeds the allowed maximum [10]."
        )
    for name, value in attributes.items():
        _check_attribute(name, value)


def _check_attribute(name: str, value: Mapping[str, Any]) -> None:
    lower = name.lower()
    if (
        not _ATTRIBUTE_NAME.fullmatch(name)
        or lower.startswith(("aws.", "amazon."))
        or name[0] == "."
        or name[-1] == "."
    ):
        raise errors.InvalidParameterValue(f"The message attribute name '{name}' is invalid.")
    kind = value.get("DataType") or ""
    if not kind:
        raise errors.InvalidParameterValue(
            f"The message attribute '{name}' must contain a non-empty message attribute type."
        )
    if not _DATA_TYPE.fullmatch(kind):
        raise errors.InvalidParameterValue(
            f"The message attribute '{name}' has an invalid message attribute type, the set of supported type prefixes is "
            "Binary, Number, and String."
        )
    binary = kind.startswith("Binary")
    if not value.get("BinaryValue" if binary else "StringValue"):
        raise errors.InvalidParameterValue(
            f"Message (user) attribute '{name}' must contain a non-empty value of type '{'Binary' if binary else 'String'}'."
        )
    if not binary and _FORBIDDEN.search(value["StringValue"]):
        raise errors.InvalidMessageContents(_forbidden_text(value["StringValue"]))
    if kind.startswith("Number") and not _is_number(value["StringValue"]):
        raise errors.InvalidParameterValue(f"Can't cast the value of message (user) attribute '{name}' to a number.")


def _check_system_attributes(attributes: Attributes) -> None:
    for name, value in attributes.items():
        if name != "AWSTraceHeader":
            raise errors.InvalidParameterValue(
                f"Message (system) attribute '{name}' is invalid. Reason: Only AWSTraceHeader is supported."
            )
        if value.get("DataType") != "String" or not value.get("StringValue"):
            raise errors.InvalidParameterValue(
                f"Message (system) attribute '{name}' must contain a non-empty value of type 'String'."
            )


def _check_fifo(
    entry: Mapping[str, Any], queue: Queue, body: str, group_id: str | None, dedup_id: str | None
) -> str | None:
    if group_id is not None and not _TOKEN.fullmatch(group_id):
        raise invalid_value(group_id, "MessageGroupId", _token_reason("MessageGroupId"))
    if not queue.fifo:
        if dedup_id is not None:
            raise invalid_value(
                dedup_id, "MessageDeduplicationId",
                "The request includes a parameter that is not valid for this queue type.",
            )  # fmt: skip
        return None
    if group_id is None:
        raise errors.MissingParameter("The request must contain the parameter MessageGroupId.")
    if dedup_id is not None:
        if not _TOKEN.fullmatch(dedup_id):
            raise invalid_value(dedup_id, "MessageDeduplicationId", _token_reason("MessageDeduplicationId"))
        return dedup_id
    if queue.attributes.get("ContentBasedDeduplication") == "true":
        return sha256(body.encode()).hexdigest()
    raise errors.InvalidParameterValue(
        "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"
    )


def _delay(entry: Mapping[str, Any], queue: Queue) -> int:
    delay = entry.get("DelaySeconds")
    if delay is None:
        return queue.seconds("DelaySeconds", 0)
    if queue.fifo and delay != queue.seconds("DelaySeconds", 0):
        raise invalid_value(
            delay, "DelaySeconds", "The request include parameter that is not valid for this queue type."
        )
    if not 0 <= delay <= 900:
        raise invalid_value(delay, "DelaySeconds", "DelaySeconds must be >= 0 and <= 900.")
    return int(delay)


def _token_reason(name: str) -> str:
    return f"{name} can only include alphanumeric and punctuation characters. 1 to 128 in length."


def _forbidden_text(text: str) -> str:
    found = _FORBIDDEN.search(text)
    assert found
    return (
        f"Invalid binary character '#x{ord(found.group()):X}' was found in the message body, the set of allowed "
        "characters is #x9 | #xA | #xD | [#x20 to #xD7FF] | [#xE000 to #xFFFD] | [#x10000 to #x10FFFF]"
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
