"""AddPermission and RemovePermission: statements in a topic's policy by label."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.services.sns import arns, storage, topic_attributes
from undercast.services.sns.errors import invalid

_ACTIONS = {
    "GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic", "Subscribe",
    "ListSubscriptionsByTopic", "Publish", "Receive",
}  # fmt: skip


async def add_permission(call: Call, request: dict[str, Any]) -> None:
    """Allow other accounts some actions. Shapes as recorded in test_topic_add_permission."""
    topic = await storage.find_topic(call, arns.topic(request["TopicArn"], call.region))
    if any(action not in _ACTIONS for action in request["ActionName"]):
        raise invalid("Policy statement action out of service scope!")
    policy = topic_attributes.policy(topic)
    if any(statement.get("Sid") == request["Label"] for statement in policy["Statement"]):
        raise invalid("Statement already exists")
    statement = {
        "Sid": request["Label"],
        "Effect": "Allow",
        "Principal": {"AWS": _one_or_all([f"arn:aws:iam::{account}:root" for account in request["AWSAccountId"]])},
        "Action": _one_or_all([f"SNS:{action}" for action in request["ActionName"]]),
        "Resource": topic.arn,
    }
    policy["Statement"].append(statement)
    attributes = {**topic.attributes, "Policy": orjson.dumps(policy).decode()}
    await storage.save_topic(call, replace(topic, attributes=attributes))


async def remove_permission(call: Call, request: dict[str, Any]) -> None:
    """Take back what AddPermission allowed under a label; an unknown label is no error."""
    topic = await storage.find_topic(call, arns.topic(request["TopicArn"], call.region))
    policy = topic_attributes.policy(topic)
    kept = [statement for statement in policy["Statement"] if statement.get("Sid") != request["Label"]]
    if len(kept) < len(policy["Statement"]):
        policy["Statement"] = kept
        attributes = {**topic.attributes, "Policy": orjson.dumps(policy).decode()}
        await storage.save_topic(call, replace(topic, attributes=attributes))


def _one_or_all(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values
