"""The attributes of a subscription: which there are, what they may be, how they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from undercast.engines import sns_filters
from undercast.kit.arn import Arn
from undercast.kit.errors import NotImplementedYet
from undercast.services.sns import delivery_policy, topic_attributes
from undercast.services.sns.errors import InvalidParameter, invalid
from undercast.services.sns.model import Subscription, Topic, compiled

_SETTABLE = {
    "DeliveryPolicy",
    "FilterPolicy",
    "FilterPolicyScope",
    "RawMessageDelivery",
    "RedrivePolicy",
    "SubscriptionRoleArn",
}
_SCOPES = ("MessageAttributes", "MessageBody")
_RAW = ("sqs", "http", "https", "firehose")


class _Wrong(Exception):
    """What is wrong with a value; Subscribe and SetSubscriptionAttributes word it differently."""


def check_all(topic: Topic, protocol: str, endpoint: str, wanted: Mapping[str, str]) -> dict[str, str]:
    """Subscribe's attributes as they are kept. InvalidParameter."""
    for key in wanted:
        if not _settable(key):
            raise invalid("AttributeName")
    kept = {key: value for key, value in wanted.items() if value != ""}
    if protocol == "firehose" and "SubscriptionRoleArn" not in kept:
        raise invalid("Attributes", "SubscriptionRoleArn is required for the firehose protocol")
    return _checked(topic, protocol, endpoint, kept, set(kept), "Attributes Reason: ")


def check_change(subscription: Subscription, topic: Topic, key: str, value: str) -> dict[str, str]:
    """The subscription's attributes after a change; an empty value takes one back. InvalidParameter."""
    if not _settable(key):
        raise invalid("AttributeName")
    changed = {**subscription.attributes, key: value}
    kept = {name: text for name, text in changed.items() if text != ""}
    changed_keys = {"FilterPolicy"} if key == "FilterPolicyScope" and "FilterPolicy" in kept else set()
    return _checked(topic, subscription.protocol, subscription.endpoint, kept, {key, *changed_keys} & kept.keys(), "")


def describe(it: Subscription, topic: Topic | None) -> dict[str, str]:
    """All attributes as GetSubscriptionAttributes shows them."""
    shown = {
        "SubscriptionArn": it.arn,
        "TopicArn": it.topic_arn,
        "Protocol": it.protocol,
        "Endpoint": it.endpoint,
        "Owner": it.owner,
        "SubscriptionPrincipal": it.principal,
        "ConfirmationWasAuthenticated": "true" if it.authenticated else "false",
        "PendingConfirmation": "true" if it.state == "pending" else "false",
        "RawMessageDelivery": "false",
    }
    if "FilterPolicy" in it.attributes:
        shown["FilterPolicyScope"] = "MessageAttributes"
    if it.protocol in ("http", "https"):
        shown["EffectiveDeliveryPolicy"] = orjson.dumps(effective_delivery(it, topic)).decode()
    return shown | dict(it.attributes)


def effective_delivery(it: Subscription, topic: Topic | None) -> dict[str, Any]:
    """How its messages are sent and sent again."""
    own = it.attributes.get("DeliveryPolicy")
    return delivery_policy.effective_policy(
        topic_attributes.delivery(topic) if topic else None, orjson.loads(own) if own else None
    )


def _settable(key: str) -> bool:
    if key == "ReplayPolicy":
        raise NotImplementedYet(f"Undercast does not have the subscription attribute {key} yet.")
    return key in _SETTABLE


def _checked(
    topic: Topic, protocol: str, endpoint: str, attributes: dict[str, str], keys: set[str], prefix: str
) -> dict[str, str]:
    """The attributes after those of `keys` have been checked."""
    try:
        for key in sorted(keys):
            attributes[key] = _check(topic, protocol, endpoint, key, attributes)
    except _Wrong as wrong:
        raise InvalidParameter(f"Invalid parameter: {prefix}{key}: {wrong}") from None
    return attributes


def _check(topic: Topic, protocol: str, endpoint: str, key: str, attributes: Mapping[str, str]) -> str:
    value = attributes[key]
    if key == "RawMessageDelivery":
        if value.lower() not in ("true", "false"):
            raise _Wrong(f"Invalid value [{value}]. Must be true or false.")
        if value.lower() == "true" and protocol not in _RAW:
            raise invalid(f"Delivery protocol [{protocol}] does not support raw message delivery.")
        return value.lower()
    if key == "FilterPolicyScope" and value not in _SCOPES:
        raise _Wrong(f"Invalid value [{value}]. Please use either MessageBody or MessageAttributes")
    if key == "FilterPolicy":
        _check_filter(value, attributes.get("FilterPolicyScope", "MessageAttributes"))
    elif key == "RedrivePolicy":
        _check_redrive(topic, endpoint, value)
    elif key == "SubscriptionRoleArn":
        _check_role(protocol, value)
    elif key == "DeliveryPolicy":
        return _check_delivery(protocol, value)
    return value


def _check_filter(policy: str, scope: str) -> None:
    try:
        compiled(policy, "MessageBody" if scope == "MessageBody" else "MessageAttributes")
    except sns_filters.InvalidFilterPolicy as error:
        raise _Wrong(str(error)) from None


def _check_redrive(topic: Topic, endpoint: str, text: str) -> None:
    try:
        policy = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise _Wrong("failed to parse JSON.") from None
    if not isinstance(policy, dict):
        raise _Wrong("failed to parse JSON.")
    for key in policy:
        if key != "deadLetterTargetArn":
            raise _Wrong(f"invalid JSON. Attribute {key} is unknown.")
    try:
        target = Arn.parse(str(policy.get("deadLetterTargetArn")))
    except ValueError:
        raise _Wrong("deadLetterTargetArn is an invalid arn") from None
    if target.service != "sqs":
        raise _Wrong("deadLetterTargetArn is an invalid arn")
    if topic.fifo and endpoint.endswith(".fifo") and not target.resource.endswith(".fifo"):
        raise _Wrong("must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.")
    if not endpoint.endswith(".fifo") and target.resource.endswith(".fifo"):
        raise _Wrong("must use a standard queue as DLQ for a subscription that is not FIFO.")


def _check_role(protocol: str, text: str) -> None:
    """https://docs.aws.amazon.com/sns/latest/dg/sns-firehose-as-subscriber.html"""
    try:
        arn = Arn.parse(text)
    except ValueError:
        raise _Wrong("must be a valid ARN") from None
    if protocol != "firehose" or arn.service != "iam" or not arn.resource.startswith("role/"):
        raise _Wrong("must be the ARN of a role, for subscriptions of the firehose protocol")


def _check_delivery(protocol: str, text: str) -> str:
    if protocol not in ("http", "https"):
        raise _Wrong(f"Delivery protocol [{protocol}] does not support a delivery policy.")
    try:
        return orjson.dumps(delivery_policy.read_subscription_policy(text)).decode()
    except delivery_policy.InvalidPolicy as error:
        raise _Wrong(str(error)) from None
