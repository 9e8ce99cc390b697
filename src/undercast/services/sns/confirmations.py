"""Asking an endpoint whether it agrees to a subscription, or to its end."""

from __future__ import annotations

from dataclasses import replace

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.sns import delivery, envelope, signing, storage
from undercast.services.sns.model import Subscription, Topic

PROTOCOLS = ("http", "https", "email", "email-json")  # those whose endpoints are always asked

_VALID_MS = 2 * 24 * 3600 * 1000  # a token's life, by ConfirmSubscription's documentation


def new_token(call: Call, id: str) -> str:
    """A token that confirms a subscription; it begins with the subscription's id, by which it is found."""
    return id.replace("-", "") + call.ids.hex(192)


async def find(call: Call, topic: Topic, token: str) -> Subscription | None:
    """The subscription that a token confirms."""
    id = "-".join((token[:8], token[8:12], token[12:16], token[16:20], token[20:32]))
    found = await storage.load_subscription(call.into(account=topic.account, region=topic.region), topic.name, id)
    return found if found and found.token == token else None


async def ask(call: Call, topic: Topic, subscription: Subscription) -> None:
    """Send the token, and forget the subscription when nobody uses it."""
    there = call.into(account=topic.account)
    await _send(there, topic, subscription, "SubscriptionConfirmation")
    await there.later(there.now + _VALID_MS, "forget", [topic.name, subscription.id, subscription.token])


async def ask_again(call: Call, topic: Topic, subscription: Subscription) -> None:
    """End a subscription and send a token that brings it back."""
    ended = replace(subscription, state="deleted", token=new_token(call, subscription.id))
    await storage.save_subscription(call, ended)
    await _send(call, topic, ended, "UnsubscribeConfirmation")
    await call.later(call.now + _VALID_MS, "forget", [topic.name, ended.id, ended.token])


async def forget(call: Call, payload: list[str]) -> None:
    """The job: delete a subscription whose token was not used."""
    topic, id, token = payload
    found = await storage.load_subscription(call, topic, id)
    if found and found.state != "confirmed" and found.token == token:
        await storage.delete_subscription(call, topic, id)


async def _send(call: Call, topic: Topic, subscription: Subscription, kind: str) -> None:
    signer, base, id = await signing.signer(call), call.platform.endpoint_url, call.ids.uuid()
    text = envelope.confirmation(
        kind, subscription, id=id, now=call.now, version=topic.signature_version, sign=signer, base_url=base,
        certificate=signer.certificate_url(base),
    )  # fmt: skip
    if subscription.protocol in ("http", "https"):
        message = {"topic": topic.name, "id": subscription.id, "kind": kind, "message_id": id, "body": text}
        await call.later(call.now, "http", {**message, "failures": 0})
    elif subscription.protocol == "sqs":
        try:
            await delivery.Queues(call).send(subscription.endpoint, text, {})
        except ServiceError:  # a queue that is not there cannot agree
            return
    else:
        url = f"{base}/?Action=ConfirmSubscription&TopicArn={topic.arn}&Token={subscription.token}"
        await storage.capture(call, subscription.protocol, subscription.endpoint, {
            "type": kind, "messageId": id, "topicArn": topic.arn, "subscriptionArn": subscription.arn,
            "subject": "AWS Notification - Subscription Confirmation", "message": text, "token": subscription.token,
            "subscribeUrl": url,
        })  # fmt: skip
