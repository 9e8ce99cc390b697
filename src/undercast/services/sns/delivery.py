"""From a topic to everyone who wants the message: in the transaction of the publish, or by jobs it writes."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Awaitable, Callable
from typing import Any

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.sns import phone_storage, phones, signing, storage
from undercast.services.sns.cipher import Seal
from undercast.services.sns.envelope import Envelopes
from undercast.services.sns.model import Attributes, Notification, Subscription, Topic

PRINCIPAL = "sns.amazonaws.com"

_ORDER = ("MessageGroupId", "MessageDeduplicationId")


async def fan_out(call: Call, topic: Topic, notification: Notification, seal: Seal | None) -> None:
    """Give a notification to every subscription that wants it; `seal` is for what waits for its delivery."""
    wanting = [one for one in await storage.confirmed_subscriptions(call, topic) if one.wants(notification)]
    if not wanting:
        return
    signer, base = await signing.signer(call), call.platform.endpoint_url
    envelopes = Envelopes(notification, topic.signature_version, signer, base, signer.certificate_url(base))
    there, queues = call.into(account=topic.account), Queues(call)
    for subscription in wanting:
        try:
            if subscription.protocol == "sqs":
                body = _body(subscription, notification, envelopes)
                await queues.send(subscription.endpoint, body, message_parameters(subscription, notification))
            elif subscription.protocol in ("http", "https"):
                await _to_http(there, subscription, notification, envelopes, seal)
            else:
                await _DELIVER[subscription.protocol](there, subscription, notification, envelopes)
        except ServiceError:
            body = _body(subscription, notification, envelopes)
            await dead_letter(there, subscription, body, message_parameters(subscription, notification))


async def dead_letter(call: Call, subscription: Subscription, body: str, parameters: dict[str, Any]) -> None:
    """Put what cannot be delivered into the subscription's dead-letter queue; without one it is dropped."""
    if not subscription.dead_letter_arn:
        return
    try:
        await Queues(call).send(subscription.dead_letter_arn, body, parameters)
    except ServiceError:  # AWS drops it too
        return


class Queues:
    """Sends messages to queues in SNS's name, in the transaction of a call."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._clients: dict[str, Any] = {}  # by region and account: a topic has many queues in few of them

    async def send(self, arn: str, body: str, parameters: dict[str, Any]) -> None:
        """Send a message; what only FIFO queues take stays away from others. ServiceError."""
        place, _, name = arn.rpartition(":")
        client = self._clients.get(place)
        if client is None:
            client = self._clients[place] = self._call.at(arn).as_service(PRINCIPAL).aws.sqs
        if "MessageDeduplicationId" in parameters and not name.endswith(".fifo"):
            # recorded in test_fifo_topic_to_regular_sqs: what a FIFO topic says of order stays behind
            parameters = {key: value for key, value in parameters.items() if key not in _ORDER}
        url = f"{self._call.platform.endpoint_url}/{place.rpartition(':')[2]}/{name}"
        await client.send_message(QueueUrl=url, MessageBody=body, **parameters)


def message_parameters(subscription: Subscription, notification: Notification) -> dict[str, Any]:
    """What goes along with the body into a queue."""
    parameters: dict[str, Any] = {}
    if subscription.raw and notification.attributes:
        parameters["MessageAttributes"] = notification.attributes
    if notification.group_id:
        parameters["MessageGroupId"] = notification.group_id
    if notification.dedup_id:
        parameters["MessageDeduplicationId"] = notification.dedup_id
    if notification.trace:
        parameters["MessageSystemAttributes"] = {
            "AWSTraceHeader": {"DataType": "String", "StringValue": notification.trace}
        }
    return parameters


def _body(subscription: Subscription, notification: Notification, envelopes: Envelopes) -> str:
    return notification.text_for(subscription.protocol) if subscription.raw else envelopes.notification(subscription)


async def _to_function(
    call: Call, subscription: Subscription, _notification: Notification, envelopes: Envelopes
) -> None:
    async with call.db.savepoint():
        there = call.at(subscription.endpoint).as_service(PRINCIPAL)
        await there.deliver(subscription.endpoint, envelopes.lambda_event(subscription))


async def _to_firehose(
    call: Call, subscription: Subscription, notification: Notification, envelopes: Envelopes
) -> None:
    if subscription.raw:
        record = notification.text_for(subscription.protocol)
    else:
        record = envelopes.archived(subscription)
    async with call.db.savepoint():
        there = call.at(subscription.endpoint).as_service(PRINCIPAL)
        await there.deliver(subscription.endpoint, f"{record}\n".encode())


async def _to_http(
    call: Call, subscription: Subscription, notification: Notification, envelopes: Envelopes, seal: Seal | None
) -> None:
    content = {
        "body": _body(subscription, notification, envelopes),
        "attributes": pack(notification.attributes) if subscription.raw else {},
    }
    await call.later(call.now, "http", {
        "topic": subscription.topic,
        "id": subscription.id,
        "kind": "Notification",
        "message_id": notification.id,
        "failures": 0,
        **(seal(content) if seal else content),
    })  # fmt: skip


async def _to_mailbox(call: Call, subscription: Subscription, notification: Notification, envelopes: Envelopes) -> None:
    text = notification.text_for(subscription.protocol)
    message = envelopes.notification(subscription) if subscription.protocol == "email-json" else text
    subject = notification.subject or "AWS Notification Message"
    await storage.capture(call, subscription.protocol, subscription.endpoint, {
        **_origin(subscription, notification), "subject": subject, "message": message,
    })  # fmt: skip


async def _to_phone(call: Call, subscription: Subscription, notification: Notification, _envelopes: Envelopes) -> None:
    text = notification.text_for("sms")
    await phones.send(call, subscription.endpoint, text, notification.attributes, _origin(subscription, notification))


async def _to_app(call: Call, subscription: Subscription, notification: Notification, _envelopes: Envelopes) -> None:
    await phones.push(
        call, await phone_storage.endpoint_in_use(call, subscription.endpoint), notification,
        _origin(subscription, notification),
    )  # fmt: skip


def _origin(subscription: Subscription, notification: Notification) -> dict[str, Any]:
    return {
        "type": "Notification",
        "messageId": notification.id,
        "topicArn": notification.topic_arn,
        "subscriptionArn": subscription.arn,
    }


_Deliver = Callable[[Call, Subscription, Notification, Envelopes], Awaitable[None]]
_DELIVER: dict[str, _Deliver] = {
    "lambda": _to_function,
    "firehose": _to_firehose,
    "email": _to_mailbox,
    "email-json": _to_mailbox,
    "sms": _to_phone,
    "application": _to_app,
}


def pack(attributes: Attributes) -> dict[str, Any]:
    """Message attributes as JSON for a job."""
    return {
        name: {key: b64encode(text).decode() if key == "BinaryValue" else text for key, text in value.items()}
        for name, value in attributes.items()
    }
