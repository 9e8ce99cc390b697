"""AddPermission and RemovePermission: statements in a queue's policy by label."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.services.sqs import storage
from undercast.services.sqs.errors import invalid_value
from undercast.services.sqs.model import Queue


async def add_permission(call: Call, request: dict[str, Any]) -> None:
    """Allow other accounts some actions. Shapes as recorded in test_sqs_permission_lifecycle."""
    queue = await storage.find_queue(call, request["QueueUrl"])
    policy = _policy(queue) or {"Version": "2008-10-17", "Id": f"{queue.arn}/SQSDefaultPolicy", "Statement": []}
    label = request["Label"]
    if any(statement.get("Sid") == label for statement in policy["Statement"]):
        raise invalid_value(label, "Label", "Already exists.")
    statement = {
        "Sid": label,
        "Effect": "Allow",
        "Principal": {"AWS": _one_or_all([f"arn:aws:iam::{account}:root" for account in request["AWSAccountIds"]])},
        "Action": _one_or_all([f"SQS:{action}" for action in request["Actions"]]),
        "Resource": queue.arn,
    }
    policy["Statement"].append(statement)
    await _save(call, queue, policy)


async def remove_permission(call: Call, request: dict[str, Any]) -> None:
    """Take back what AddPermission allowed under a label."""
    queue = await storage.find_queue(call, request["QueueUrl"])
    policy = _policy(queue) or {"Statement": []}
    kept = [statement for statement in policy["Statement"] if statement.get("Sid") != request["Label"]]
    if len(kept) == len(policy["Statement"]):
        raise invalid_value(request["Label"], "Label", "can't find label.")
    policy["Statement"] = kept
    await _save(call, queue, policy)


async def _save(call: Call, queue: Queue, policy: dict[str, Any]) -> None:
    attributes = dict(queue.attributes)
    attributes.pop("Policy", None)
    if policy["Statement"]:
        attributes["Policy"] = orjson.dumps(policy).decode()
    await storage.save_queue(call, replace(queue, attributes=attributes, modified_at=call.now))


def _policy(queue: Queue) -> dict[str, Any] | None:
    text = queue.attributes.get("Policy")
    if not text:
        return None
    policy: dict[str, Any] = orjson.loads(text)
    if isinstance(policy.get("Statement"), dict):
        policy["Statement"] = [policy["Statement"]]
    return policy


def _one_or_all(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values
