"""Operations on subscriptions."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from undercast.kit import paging
from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.services.sns import arns, confirmations, errors, phone_storage, storage, subscription_attributes
from undercast.services.sns.errors import InvalidParameter, invalid
from undercast.services.sns.model import Subscription, Topic
from undercast.services.sns.topics import PAGE, after

_PROTOCOLS = ("http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose")
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_PHONE = re.compile(r"\+?[0-9]+([ .-][0-9]+)*")


async def subscribe(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Have a topic's messages sent to an endpoint, once that has agreed."""
    topic = await storage.find_topic(call, arns.topic(request["TopicArn"], call.region))
    protocol, endpoint = request["Protocol"], request.get("Endpoint") or ""
    await _check_endpoint(call, topic, protocol, endpoint)
    wanted = request.get("Attributes") or {}
    attributes = subscription_attributes.check_all(topic, protocol, endpoint, wanted)
    existing = await storage.find_subscription_by_endpoint(call, topic, protocol, endpoint)
    if existing and existing.state != "deleted":
        _check_same(existing, attributes)
        if existing.state == "pending":
            await confirmations.ask(call, topic, existing)
        return _answer(existing, request)
    there = call.into(account=topic.account)
    if existing:
        await storage.delete_subscription(there, topic.name, existing.id)
    made = _new(call, topic, protocol, endpoint, attributes)
    await storage.add_subscription(call, made)
    if made.state == "pending":
        await confirmations.ask(call, topic, made)
    return _answer(made, request)


async def confirm_subscription(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Agree to a subscription with the token that was sent to its endpoint."""
    arn = arns.topic(request["TopicArn"])
    topic = await storage.find_topic(call, arn)
    found = await confirmations.find(call, topic, request["Token"])
    if found is None:
        raise invalid("Token")
    if found.state != "confirmed":
        signed = int(_is_signed(call))
        owner_unsubscribes = (request.get("AuthenticateOnUnsubscribe") or "").lower() == "true"
        if owner_unsubscribes and not signed:
            raise errors.AuthorizationError("AuthenticateOnUnsubscribe needs an authenticated request.")
        confirmed = replace(found, state="confirmed", authenticated=signed, owner_unsubscribes=int(owner_unsubscribes))
        await storage.save_subscription(call, confirmed)
    return {"SubscriptionArn": found.arn}


async def unsubscribe(call: Call, request: dict[str, Any]) -> None:
    """End a subscription; one that is not there is no error."""
    arn, id = arns.subscription(request["SubscriptionArn"])
    there = call.into(account=arn.account, region=arn.region)
    try:
        found = await storage.find_subscription(there, arn, id)
    except errors.NotFound:
        return
    if found.owner_unsubscribes and not _is_signed(call):
        raise errors.AuthorizationError("This subscription can only be ended by its owner or the topic's.")
    topic = await storage.find_topic(there, arn)
    if found.state == "confirmed" and found.protocol in confirmations.PROTOCOLS:
        await confirmations.ask_again(there, topic, found)
    else:
        await storage.delete_subscription(there, found.topic, found.id)


async def get_subscription_attributes(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Attributes that were set, defaults, and the subscription's state."""
    found, topic = await _find(call, request)
    return {"Attributes": subscription_attributes.describe(found, topic)}


async def set_subscription_attributes(call: Call, request: dict[str, Any]) -> None:
    """Change an attribute; an empty value takes it back."""
    found, topic = await _find(call, request)
    value = request.get("AttributeValue") or ""
    attributes = subscription_attributes.check_change(found, topic, request["AttributeName"], value)
    await storage.save_subscription(call, replace(found, attributes=attributes))


async def list_subscriptions(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The account's subscriptions, 100 at a time."""
    return await _list(call, request, "")


async def list_subscriptions_by_topic(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A topic's subscriptions, 100 at a time."""
    topic = await storage.find_topic(call, arns.topic(request["TopicArn"], call.region))
    return await _list(call.into(account=topic.account), request, topic.name)


async def _list(call: Call, request: dict[str, Any], topic: str) -> dict[str, Any]:
    match after(request):
        case None:
            start = ("", "")
        case [str(name), str(id)]:
            start = (name, id)
        case _:
            raise invalid("NextToken")
    found = await storage.list_subscriptions(call, start, PAGE + 1, topic)
    last = found[PAGE - 1] if len(found) > PAGE else None
    return {
        "Subscriptions": [_show(one) for one in found[:PAGE]],
        "NextToken": paging.encode_token([last.topic, last.id]) if last else None,
    }


async def _find(call: Call, request: dict[str, Any]) -> tuple[Subscription, Topic]:
    arn, id = arns.subscription(request["SubscriptionArn"])
    found = await storage.find_subscription(call, arn, id)
    return found, await storage.find_topic(call, arn)


def _new(call: Call, topic: Topic, protocol: str, endpoint: str, attributes: dict[str, str]) -> Subscription:
    """A subscription that is confirmed when who subscribes answers for the endpoint too."""
    id = call.ids.uuid()
    asks = protocol in confirmations.PROTOCOLS or (protocol == "sqs" and Arn.parse(endpoint).account != call.account)
    return Subscription(
        topic.account, topic.region, topic.name, id, protocol, endpoint, call.account, call.identity.arn,
        "pending" if asks else "confirmed", confirmations.new_token(call, id) if asks else "", int(not asks), 0,
        attributes,
    )  # fmt: skip


def _answer(it: Subscription, request: dict[str, Any]) -> dict[str, Any]:
    told = it.state == "confirmed" or request.get("ReturnSubscriptionArn")
    return {"SubscriptionArn": it.arn if told else "pending confirmation"}


def _show(it: Subscription) -> dict[str, Any]:
    return {
        "SubscriptionArn": "PendingConfirmation" if it.state == "pending" else it.arn,
        "Owner": it.owner,
        "Protocol": it.protocol,
        "Endpoint": it.endpoint,
        "TopicArn": it.topic_arn,
    }


def _check_same(existing: Subscription, attributes: dict[str, str]) -> None:
    """What is given again has to be what is there; recorded in test_subscribe_idempotency."""
    shown = subscription_attributes.describe(existing, None)
    if any(shown.get(key) != value for key, value in attributes.items()):
        raise invalid("Attributes", "Subscription already exists with different attributes")


def _is_signed(call: Call) -> bool:
    """Whether we know who asks: whoever follows a link in a message comes unsigned."""
    request = call.request
    return request is None or "authorization" in request.headers or "X-Amz-Signature=" in request.query_string


# --- endpoints ---


async def _check_endpoint(call: Call, topic: Topic, protocol: str, endpoint: str) -> None:
    if protocol not in _PROTOCOLS:
        raise invalid(f"Amazon SNS does not support this protocol string: {protocol}")
    if topic.fifo and protocol != "sqs":
        raise invalid(f"Invalid protocol type: {protocol}")
    if not endpoint:
        raise invalid("Endpoint")
    if protocol in ("http", "https"):
        parts = urlsplit(endpoint)
        if parts.scheme != protocol or not parts.hostname:
            raise invalid("Endpoint must match the specified protocol")
    elif protocol in ("email", "email-json"):
        if not _EMAIL.fullmatch(endpoint):
            raise invalid("Email address")
    elif protocol == "sms":
        if not _PHONE.fullmatch(endpoint):  # recorded: test_subscribe_invalid_sms
            raise InvalidParameter(f"Invalid SMS endpoint: {endpoint}")
    else:
        await _check_arn(call, topic, protocol, endpoint)


async def _check_arn(call: Call, topic: Topic, protocol: str, endpoint: str) -> None:
    try:
        arn = Arn.parse(endpoint)
    except ValueError:
        arn = Arn("", "", "", "")
    if protocol == "sqs":
        if arn.service != "sqs":
            raise invalid("SQS endpoint ARN")
        if arn.resource.endswith(".fifo") and not topic.fifo:  # recorded: test_validations_for_fifo, "twice" as well
            raise invalid("Invalid parameter: Endpoint", "FIFO SQS Queues can not be subscribed to standard SNS topics")
    elif protocol == "lambda":
        if arn.service != "lambda" or not arn.resource.startswith("function:"):
            raise invalid("Lambda endpoint ARN")
    elif protocol == "firehose":
        if arn.service != "firehose" or not arn.resource.startswith("deliverystream/"):
            raise invalid("Firehose endpoint ARN")
    elif arn.service != "sns" or await phone_storage.find_endpoint(call, arn) is None:
        raise invalid("Endpoint", f"Endpoint does not exist for endpoint {endpoint}")
