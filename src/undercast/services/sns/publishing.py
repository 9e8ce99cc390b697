"""Publish and PublishBatch."""

from __future__ import annotations

from typing import Any

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.kit.service import relaxed
from undercast.services.sns import arns, errors, phone_storage, phones, storage
from undercast.services.sns.errors import invalid
from undercast.services.sns.model import LARGEST_BATCH, Draft, check_batch, message_size
from undercast.services.sns.sending import send


@relaxed
async def publish(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Send a message to a topic, a phone or an app."""
    targets = [name for name in ("TopicArn", "TargetArn", "PhoneNumber") if request.get(name)]
    if len(targets) != 1:
        raise invalid("TopicArn or TargetArn", "no value for required parameter")
    if targets == ["PhoneNumber"]:
        return await _publish_to_phone(call, request)
    arn = arns.parse(request[targets[0]], targets[0])
    if arn.resource.startswith("endpoint/"):
        return await _publish_to_app(call, request, arn)
    topic = await storage.find_topic(call, arns.topic(request[targets[0]], call.region, targets[0]))
    return await send(call, topic, Draft.parse(request, topic))


@relaxed
async def publish_batch(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Send up to ten messages to a topic; each succeeds or fails by itself."""
    topic = await storage.find_topic(call, arns.topic(request["TopicArn"], call.region))
    entries = request["PublishBatchRequestEntries"]
    check_batch(entries)
    size = sum(message_size(entry["Message"], entry.get("MessageAttributes") or {}) for entry in entries)
    if size > max(LARGEST_BATCH, topic.largest_message):
        raise errors.BatchRequestTooLong()
    if topic.fifo and not all(entry.get("MessageGroupId") for entry in entries):
        raise invalid("The MessageGroupId parameter is required for FIFO topics")
    successful: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    for entry in entries:
        try:
            successful.append({"Id": entry["Id"], **await send(call, topic, Draft.parse(entry, topic))})
        except ServiceError as error:
            failed.append({"Id": entry["Id"], "Code": error.code, "Message": error.message, "SenderFault": True})
    return {"Successful": successful, "Failed": failed}


async def _publish_to_phone(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    number = request["PhoneNumber"]
    if not phones.is_number(number):
        raise invalid("PhoneNumber", f"{number} is not valid to publish to")
    draft, id = Draft.parse(request, None), call.ids.uuid()
    text = draft.texts.get("sms", draft.text)
    await phones.send(call, number, text, draft.attributes, {"type": "Notification", "messageId": id})
    return {"MessageId": id}


async def _publish_to_app(call: Call, request: dict[str, Any], arn: Arn) -> dict[str, Any]:
    draft, id = Draft.parse(request, None), call.ids.uuid()
    if await phone_storage.find_endpoint(call, arn) is None:
        raise invalid("TargetArn", "No endpoint found for the target arn specified")
    endpoint = await phone_storage.endpoint_in_use(call, str(arn))
    note = draft.notification(id=id, topic_arn=str(arn), sequence_number="", now=call.now, trace="")
    await phones.push(call, endpoint, note, {"type": "Notification", "messageId": id})
    return {"MessageId": id}
