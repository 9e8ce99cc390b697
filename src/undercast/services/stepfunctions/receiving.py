"""Events that others deliver to a state machine start an execution with them as its input."""

from __future__ import annotations

from undercast.kit.call import Call
from undercast.services.stepfunctions import executions


async def receive(call: Call, arn: str, payload: bytes) -> None:
    """Start an execution."""
    await call.transact(executions.start_execution, {"stateMachineArn": arn, "input": payload.decode()})
