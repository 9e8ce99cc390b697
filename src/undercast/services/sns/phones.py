"""What would leave for a phone or an app: it is captured, for the user to look at."""

from __future__ import annotations

import re
from typing import Any

from undercast.kit.call import Call
from undercast.services.sns import phone_storage, storage
from undercast.services.sns.model import Attributes, Notification, shown_attributes
from undercast.services.sns.phone_storage import Endpoint

_NUMBER = re.compile(r"\+?[0-9]{6,15}")


def is_number(text: str) -> bool:
    """Whether it is a phone number in E.164 (the + may be missing)."""
    return bool(_NUMBER.fullmatch(text))


async def send(call: Call, number: str, text: str, attributes: Attributes, origin: dict[str, Any]) -> None:
    """Capture a text message. Who opted out gets none, which the record says as SNS's delivery log would."""
    settings = await phone_storage.sms_settings(call)
    refused = await phone_storage.is_opted_out(call, number)
    await storage.capture(call, "sms", number, {
        **origin,
        "message": text,
        "senderId": _setting(attributes, "AWS.SNS.SMS.SenderID") or settings.get("DefaultSenderID"),
        "smsType": _setting(attributes, "AWS.SNS.SMS.SMSType") or settings.get("DefaultSMSType", "Promotional"),
        "attributes": shown_attributes(attributes),
        "status": "FAILURE" if refused else "SUCCESS",
        "providerResponse": "Phone number is opted out" if refused else "Message has been accepted by phone",
    })  # fmt: skip


async def push(call: Call, endpoint: Endpoint, notification: Notification, origin: dict[str, Any]) -> None:
    """Capture a push notification."""
    there = call.into(account=endpoint.account, region=endpoint.region)
    await storage.capture(there, "application", endpoint.arn, {
        **origin,
        "platform": endpoint.platform,
        "token": endpoint.token,
        "subject": notification.subject,
        "message": notification.text_for(endpoint.platform),
        "attributes": shown_attributes(notification.attributes),
    })  # fmt: skip


def _setting(attributes: Attributes, name: str) -> str | None:
    return attributes[name].get("StringValue") if name in attributes else None
