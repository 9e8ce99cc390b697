"""The texts that SNS sends: notifications and confirmations as JSON, what is signed of them, a function's event."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import orjson

from undercast.services.sns.model import Notification, Subscription, shown_attributes

Sign = Callable[[str, str], str]  # (signature version, text) -> base64


class Envelopes:
    """Writes one notification for many subscriptions; what they share is made once.

    Keys, their order and the white space are AWS's:
    https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
    """

    def __init__(self, notification: Notification, version: str, sign: Sign, base_url: str, certificate: str) -> None:
        self._notification = notification
        self._version = version
        self._sign = sign
        self._base = base_url
        self._certificate = certificate
        self._attributes = shown_attributes(notification.attributes)
        self.timestamp = timestamp(notification.published_at)
        self._signatures: dict[str, str] = {}
        self._heads: dict[str, str] = {}

    def notification(self, subscription: Subscription) -> str:
        """The JSON text for one subscription."""
        text = self._notification.text_for(subscription.protocol)
        head = self._heads.get(text)
        if head is None:
            head = self._heads[text] = self._head(text)
        tail = f',\n  "UnsubscribeURL" : {_text(self._unsubscribe_url(subscription))}'
        if self._attributes:
            inner = ",\n".join(
                f"    {_text(name)} : {orjson.dumps(value).decode()}" for name, value in self._attributes.items()
            )
            tail += ',\n  "MessageAttributes" : {\n' + inner + "\n  }"
        return head + tail + "\n}"

    def lambda_event(self, subscription: Subscription) -> bytes:
        """The event a function gets; keys as recorded in test_sns_topic_as_lambda_dead_letter_queue."""
        note = self._notification
        text = note.text_for(subscription.protocol)
        record = {
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": subscription.arn,
            "Sns": {
                "Type": "Notification",
                "MessageId": note.id,
                "TopicArn": note.topic_arn,
                "Subject": note.subject,
                "Message": text,
                "Timestamp": self.timestamp,
                "SignatureVersion": self._version,
                "Signature": self._signature(text),
                "SigningCertUrl": self._certificate,
                "UnsubscribeUrl": self._unsubscribe_url(subscription),
                "MessageAttributes": self._attributes,
            },
        }
        return orjson.dumps({"Records": [record]})

    def archived(self, subscription: Subscription) -> str:
        """The JSON text for a delivery stream: on one line, not signed.

        https://docs.aws.amazon.com/sns/latest/dg/firehose-archived-message-format-S3.html
        """
        note = self._notification
        members: dict[str, Any] = {"Type": "Notification", "MessageId": note.id, "TopicArn": note.topic_arn}
        if note.subject is not None:
            members["Subject"] = note.subject
        members["Message"] = note.text_for(subscription.protocol)
        members |= {"Timestamp": self.timestamp, "UnsubscribeURL": self._unsubscribe_url(subscription)}
        if self._attributes:
            members["MessageAttributes"] = self._attributes
        return orjson.dumps(members).decode()

    def _head(self, text: str) -> str:
        note = self._notification
        members = [("Type", "Notification"), ("MessageId", note.id)]
        if note.sequence_number:
            members.append(("SequenceNumber", note.sequence_number))
        members.append(("TopicArn", note.topic_arn))
        if note.subject is not None:
            members.append(("Subject", note.subject))
        members += [("Message", text), ("Timestamp", self.timestamp)]
        if not note.sequence_number:  # recorded: messages of FIFO topics are not signed
            members += [
                ("SignatureVersion", self._version),
                ("Signature", self._signature(text)),
                ("SigningCertURL", self._certificate),
            ]
        return "{\n" + _lines(members)

    def _signature(self, text: str) -> str:
        if text not in self._signatures:
            note = self._notification
            subject = [("Subject", note.subject)] if note.subject is not None else []
            signed = _signed([
                ("Message", text), ("MessageId", note.id), *subject, ("Timestamp", self.timestamp),
                ("TopicArn", note.topic_arn), ("Type", "Notification"),
            ])  # fmt: skip
            self._signatures[text] = self._sign(self._version, signed)
        return self._signatures[text]

    def _unsubscribe_url(self, subscription: Subscription) -> str:
        return f"{self._base}/?Action=Unsubscribe&SubscriptionArn={subscription.arn}"


def confirmation(
    kind: str, subscription: Subscription, *, id: str, now: int, version: str, sign: Sign, base_url: str,
    certificate: str,
) -> str:  # fmt: skip
    """A SubscriptionConfirmation or an UnsubscribeConfirmation as JSON text."""
    topic = subscription.topic_arn
    if kind == "SubscriptionConfirmation":
        message = f"You have chosen to subscribe to the topic {topic}.\nTo confirm the subscription, visit the "
        message += "SubscribeURL included in this message."
    else:
        message = f"You have chosen to deactivate subscription {subscription.arn}.\nTo cancel this operation and "
        message += "restore the subscription, visit the SubscribeURL included in this message."
    url = f"{base_url}/?Action=ConfirmSubscription&TopicArn={topic}&Token={subscription.token}"
    time = timestamp(now)
    signed = _signed([
        ("Message", message), ("MessageId", id), ("SubscribeURL", url), ("Timestamp", time),
        ("Token", subscription.token), ("TopicArn", topic), ("Type", kind),
    ])  # fmt: skip
    return "{\n" + _lines([
        ("Type", kind), ("MessageId", id), ("Token", subscription.token), ("TopicArn", topic), ("Message", message),
        ("SubscribeURL", url), ("Timestamp", time), ("SignatureVersion", version), ("Signature", sign(version, signed)),
        ("SigningCertURL", certificate),
    ]) + "\n}"  # fmt: skip


def timestamp(milliseconds: int) -> str:
    """`2012-04-25T21:49:25.719Z`."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:03d}Z"


def _signed(members: Iterable[tuple[str, Any]]) -> str:
    """https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html"""
    return "".join(f"{name}\n{value}\n" for name, value in members)


def _lines(members: Iterable[tuple[str, str]]) -> str:
    return ",\n".join(f'  "{name}" : {_text(value)}' for name, value in members)


def _text(value: str) -> str:
    return orjson.dumps(value).decode()
