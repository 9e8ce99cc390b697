"""The attributes of a topic: which there are, what they may be, what they are by default."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from undercast.kit.errors import NotImplementedYet
from undercast.services.sns import delivery_policy
from undercast.services.sns.errors import invalid
from undercast.services.sns.model import Topic

_FLAGS = ("true", "false")
_CHOICES = {
    "ContentBasedDeduplication": _FLAGS,
    "FifoThroughputScope": ("Topic", "MessageGroup"),
    "SignatureVersion": ("1", "2"),
}
_FIFO_ONLY = {"ContentBasedDeduplication", "FifoThroughputScope"}
_SETTABLE = {
    *_CHOICES, "DeliveryPolicy", "DisplayName", "KmsMasterKeyId", "MaximumMessageSize", "Policy", "TracingConfig",
}  # fmt: skip
_FEEDBACK = ("SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate", "FailureFeedbackRoleArn")
_LARGEST = (1_024, 1_048_576)

_DEFAULT_ACTIONS = (
    "GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic", "Subscribe",
    "ListSubscriptionsByTopic", "Publish",
)  # fmt: skip


def check(name: str, fifo: bool, wanted: Mapping[str, str]) -> dict[str, str]:
    """CreateTopic's attributes as they are kept. InvalidParameter."""
    kept: dict[str, str] = {}
    for key, value in wanted.items():
        if key == "FifoTopic":
            continue
        if not settable(key, fifo):
            raise invalid("Attributes", f"Unknown attribute {key}")
        kept[key] = check_value(key, value)
    return {key: value for key, value in kept.items() if value != ""}


def settable(key: str, fifo: bool) -> bool:
    """Whether a topic has such an attribute to set. NotImplemented for those that cannot act yet."""
    if key == "ArchivePolicy" and fifo:
        raise NotImplementedYet("Undercast does not archive and replay messages of FIFO topics yet.")
    if key.endswith(_FEEDBACK):
        raise NotImplementedYet(f"Undercast does not log message delivery status yet ({key}).")
    return key in _SETTABLE and (fifo or key not in _FIFO_ONLY)


def check_value(key: str, value: str) -> str:
    """A value as it is kept. InvalidParameter."""
    if value == "":
        return value
    if key == "DeliveryPolicy":
        try:
            return orjson.dumps(delivery_policy.read_topic_policy(value)).decode()
        except delivery_policy.InvalidPolicy as error:
            raise invalid(f"DeliveryPolicy: {error}") from None
    if key == "TracingConfig" and value == "Active":
        raise NotImplementedYet("Undercast does not send trace segments for topics yet; it passes trace headers on.")
    if (
        (key in _CHOICES and value not in _CHOICES[key])
        or (key == "TracingConfig" and value != "PassThrough")
        or (key == "MaximumMessageSize" and not (value.isdigit() and _LARGEST[0] <= int(value) <= _LARGEST[1]))
    ):
        raise invalid(key, f"Invalid value [{value}]")
    if key == "DisplayName" and len(value) > 100:
        raise invalid("Display Name")
    if key == "Policy" and not _is_policy(value):
        raise invalid("Policy Error: null")
    return value


def describe(topic: Topic, counts: Mapping[str, int]) -> dict[str, str]:
    """All attributes as GetTopicAttributes shows them."""
    shown = {
        "TopicArn": topic.arn,
        "Owner": topic.account,
        "DisplayName": "",
        "Policy": orjson.dumps(policy(topic)).decode(),
        "EffectiveDeliveryPolicy": orjson.dumps(delivery_policy.effective_topic_policy(delivery(topic))).decode(),
        "SubscriptionsConfirmed": str(counts.get("confirmed", 0)),
        "SubscriptionsPending": str(counts.get("pending", 0)),
        "SubscriptionsDeleted": str(counts.get("deleted", 0)),
    }
    if topic.fifo:
        shown |= {"FifoTopic": "true", "ContentBasedDeduplication": "false"}
    return shown | dict(topic.attributes)


def delivery(topic: Topic) -> dict[str, Any] | None:
    """The topic's own delivery policy."""
    text = topic.attributes.get("DeliveryPolicy")
    return orjson.loads(text) if text else None


def policy(topic: Topic) -> dict[str, Any]:
    """The topic's access policy, or the one every topic begins with."""
    text = topic.attributes.get("Policy")
    if text:
        found: dict[str, Any] = orjson.loads(text)
        if isinstance(found.get("Statement"), dict):
            found["Statement"] = [found["Statement"]]
        return found
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [f"SNS:{action}" for action in _DEFAULT_ACTIONS],
        "Resource": topic.arn,
        "Condition": {"StringEquals": {"AWS:SourceOwner": topic.account}},
    }
    return {"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]}


def _is_policy(text: str) -> bool:
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return isinstance(document, dict) and isinstance(document.get("Statement"), dict | list)
