"""`sqs:sendMessage` and `sns:publish`: the message may be any JSON."""

from __future__ import annotations

from undercast.kit.call import Call
from undercast.services.stepfunctions.integrations import operations
from undercast.services.stepfunctions.integrations.model import Outcome, Task

_BODIES = {"sqs": "MessageBody", "sns": "Message"}


async def start(call: Call, task: Task) -> Outcome:
    """Send or publish."""
    body = _BODIES[task.resource.service]
    return await operations.start_with(call, task, {**task.arguments, body: operations.as_text(task.arguments[body])})
