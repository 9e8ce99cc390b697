"""The job that sends a message to an HTTP/S endpoint, and sends it again by the subscription's delivery policy."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.kit.service import waits
from undercast.services.sns import cipher, delivery, http_client, storage, subscription_attributes
from undercast.services.sns.delivery_policy import CONTENT_TYPE, delays_s
from undercast.services.sns.http_client import DeliveryFailed
from undercast.services.sns.model import Subscription

_SLOTS = "sns.slots"  # when each throttled subscription may be sent to next, in this process


@waits
async def send(call: Call, payload: dict[str, Any]) -> None:
    """One attempt."""
    found = await call.transact(_prepare, payload)
    if found is None:
        return
    subscription, policy = found
    content = None
    try:
        content = await cipher.opened(call, subscription.topic_arn, payload) if "lock" in payload else payload
        headers = _headers(subscription, policy, payload)
        await http_client.post(subscription.endpoint, headers, content["body"].encode())
    except DeliveryFailed as failure:
        await call.transact(_failed, payload, content, subscription, policy, failure.again)
    except ServiceError:  # of KMS, whose key may be usable later; without it nobody can read a dead letter either
        await call.transact(_failed, payload, None, subscription, policy, True)


async def _prepare(call: Call, payload: dict[str, Any]) -> tuple[Subscription, dict[str, Any]] | None:
    """The subscription and its delivery policy; None when it is gone or its turn comes later."""
    found = await storage.load_subscription(call, payload["topic"], payload["id"])
    if found is None or (payload["kind"] == "Notification" and found.state != "confirmed"):
        return None
    topic = await storage.find_topic_by_name(call, call.account, call.region, payload["topic"])
    policy = subscription_attributes.effective_delivery(found, topic)
    free = payload["kind"] != "Notification" or payload.get("paced")
    slot = 0 if free else _next_slot(call, found, policy)
    if slot > call.now:
        await call.finish_job()
        await call.later(slot, "http", {**payload, "paced": True})
        return None
    return found, policy


def _next_slot(call: Call, subscription: Subscription, policy: dict[str, Any]) -> int:
    """When a message may go out under maxReceivesPerSecond; 0 when there is no limit."""
    limit = (policy["throttlePolicy"] or {}).get("maxReceivesPerSecond")
    if not limit:
        return 0
    slots: dict[str, float] = call.platform.things.setdefault(_SLOTS, {})
    slot = max(float(call.now), slots.get(subscription.arn, 0.0))
    slots[subscription.arn] = slot + 1000 / limit
    return int(slot)


async def _failed(
    call: Call, payload: dict[str, Any], content: dict[str, Any] | None, subscription: Subscription,
    policy: dict[str, Any], again: bool,
) -> None:  # fmt: skip
    """Try again by the policy, or give up: a dead letter of what could be opened."""
    await call.finish_job()
    delays, failures = delays_s(policy["healthyRetryPolicy"]), payload["failures"]
    if again and failures < len(delays):
        due = call.now + int(1000 * delays[failures])
        await call.later(due, "http", {**payload, "failures": failures + 1, "paced": False})
    elif content and payload["kind"] == "Notification":
        attributes = _unpack(content["attributes"])
        parameters = {"MessageAttributes": attributes} if attributes else {}
        await delivery.dead_letter(call, subscription, content["body"], parameters)


def _headers(subscription: Subscription, policy: dict[str, Any], payload: dict[str, Any]) -> dict[str, str]:
    """As recorded in test_subscribe_external_http_endpoint_content_type."""
    headers = {
        "x-amz-sns-message-type": payload["kind"],
        "x-amz-sns-message-id": payload["message_id"],
        "x-amz-sns-topic-arn": subscription.topic_arn,
    }
    content_type = CONTENT_TYPE
    if payload["kind"] != "SubscriptionConfirmation":
        headers["x-amz-sns-subscription-arn"] = subscription.arn
    if payload["kind"] == "Notification":
        content_type = policy["requestPolicy"]["headerContentType"]
        if subscription.raw:
            headers["x-amz-sns-rawdelivery"] = "true"
    return headers | {
        "Content-Type": content_type,
        "User-Agent": "Amazon Simple Notification Service Agent",
        "Accept-Encoding": "gzip,deflate",
    }


def _unpack(attributes: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {key: b64decode(text) if key == "BinaryValue" else text for key, text in value.items()}
        for name, value in attributes.items()
    }
