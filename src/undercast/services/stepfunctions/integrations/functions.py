"""Functions as tasks: a function's own ARN, whose input and answer pass as they are, and `lambda:invoke`.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
"""

from __future__ import annotations

from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.stepfunctions.integrations import metadata, operations
from undercast.services.stepfunctions.integrations.model import Done, Failed, Outcome, Task


async def start_direct(call: Call, task: Task) -> Outcome:
    """`arn:aws:lambda:…:function:name`: the arguments are the event."""
    operation = operations.operation_of(call.platform, task.resource)
    params = {"FunctionName": task.resource.arn, "Payload": orjson.dumps(task.arguments)}
    try:
        answer = await operations.perform(call, task, operation, params)
    except ServiceError as error:
        return operations.failed_v1(call, task, operation, error)
    if answer.get("FunctionError"):
        return _failed(answer["Payload"], answer["Payload"].decode("utf-8", "replace"))
    return Done(_json(answer["Payload"]))


async def start(call: Call, task: Task) -> Outcome:
    """`lambda:invoke`: the arguments are Invoke's, with any JSON as Payload."""
    operation = operations.operation_of(call.platform, task.resource)
    params = dict(task.arguments)
    payload = params.pop("Payload", None)
    if payload is not None:  # recorded: a function gets {} for null
        params["Payload"] = orjson.dumps(payload)
    try:
        answer = await operations.perform(call, task, operation, params)
    except ServiceError as error:
        return operations.failed_v1(call, task, operation, error)
    if answer.get("FunctionError"):
        return _failed(answer["Payload"], _compact(answer["Payload"]))
    about = metadata.of(call, operation, answer)
    shown = operation.answer_v1({name: value for name, value in answer.items() if name != "Payload"})
    content = {"Payload": _json(answer["Payload"])} if answer["Payload"] else {}
    return operations.succeeded(task, {**shown, **content, **about})


def _failed(payload: bytes, cause: str) -> Failed:
    """The error that a function raised is the task's. One without a name is Lambda.Unknown."""
    content = _json(payload)
    error = content.get("errorType") if isinstance(content, dict) else None
    if error:
        return Failed(str(error), cause)
    return Failed(
        "Lambda.Unknown",
        f"The cause could not be determined because Lambda did not return an error type. Returned payload: {cause}",
    )


def _json(payload: bytes) -> Any:
    """The payload's JSON, or as a text what is none (a custom runtime may answer anything)."""
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        return payload.decode("utf-8", "replace")


def _compact(payload: bytes) -> str:
    """Recorded: `lambda:invoke` writes the error anew without spaces, a function's own ARN leaves it as it came."""
    return operations.as_text(_json(payload))
