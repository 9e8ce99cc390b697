"""Functions as enrichments and targets."""

from __future__ import annotations

from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.services.pipes.items import Failed
from undercast.services.pipes.model import Pipe


async def invoke(call: Call, pipe: Pipe, arn: str, events: list[Any], *, wait: bool = True) -> bytes:
    """Invoke a function with a batch; what it returned, nothing when nobody waits for it. ServiceError, Failed."""
    answer = (
        await call.as_role(pipe.role, "pipe")
        .at(arn)
        .aws.lambda_.invoke(
            FunctionName=arn, InvocationType="RequestResponse" if wait else "Event", Payload=orjson.dumps(events)
        )
    )
    returned: bytes = answer["Payload"]
    if answer.get("FunctionError"):
        raise Failed(f"The function {arn} failed: {returned[:500].decode('utf-8', 'replace')}")
    return returned
