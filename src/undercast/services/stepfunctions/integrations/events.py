"""`events:putEvents`: the detail may be any JSON, and every event names the execution that sent it.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-eventbridge.html
"""

from __future__ import annotations

from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.stepfunctions.integrations import operations
from undercast.services.stepfunctions.integrations.model import Failed, Outcome, Task


async def start(call: Call, task: Task) -> Outcome:
    """Put the events. One that is not taken fails the task, whatever became of the others."""
    operation = operations.operation_of(call.platform, task.resource)
    entries = task.arguments["Entries"]
    if isinstance(entries, list):
        entries = [_entry(task, entry) if isinstance(entry, dict) else entry for entry in entries]
    try:
        answer = await operations.perform(call, task, operation, {**task.arguments, "Entries": entries})
    except ServiceError as error:
        return operations.failed_v1(call, task, operation, error)
    output = operation.answer_v1(answer)
    if output.get("FailedEntryCount"):
        return Failed("EventBridge.FailedEntry", orjson.dumps(output).decode(), submitting=bool(task.resource.pattern))
    return operations.succeeded(task, output)


def _entry(task: Task, entry: dict[str, Any]) -> dict[str, Any]:
    resources = [*(entry.get("Resources") or ()), task.machine_arn, task.execution_arn]
    detail = {"Detail": operations.as_text(entry["Detail"])} if entry.get("Detail") is not None else {}
    return {**entry, **detail, "Resources": resources}
