"""State machines as enrichments and targets."""

from __future__ import annotations

from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.services.pipes.items import Failed
from undercast.services.pipes.model import Pipe


async def execute(call: Call, pipe: Pipe, arn: str, events: list[Any], *, wait: bool = True) -> bytes:
    """Start an execution with a batch; what it came to, nothing when nobody waits for it. ServiceError, Failed.

    Only Express workflows can be waited for.
    """
    states = call.as_role(pipe.role, "pipe").at(arn).aws.stepfunctions
    batch = orjson.dumps(events).decode()
    if not wait:
        await states.start_execution(stateMachineArn=arn, input=batch)
        return b""
    answer = await states.start_sync_execution(stateMachineArn=arn, input=batch)
    if answer["status"] != "SUCCEEDED":
        raise Failed(f"The execution {answer['executionArn']} {answer['status']}: {answer.get('error')}")
    output: str = answer["output"]
    return output.encode()
