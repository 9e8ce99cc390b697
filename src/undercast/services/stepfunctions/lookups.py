"""What an ARN of a request names."""

from __future__ import annotations

from undercast.kit.call import Call
from undercast.services.stepfunctions import arns, errors, execution_storage, storage
from undercast.services.stepfunctions.model import Execution, Machine


async def find_machine(call: Call, arn: str) -> Machine:
    """The machine that an ARN names, itself or by a version or alias. InvalidArn, StateMachineDoesNotExist."""
    name = arns.parse(arn, "stateMachine").parts[0]
    machine = await storage.find_machine(call, name) if arns.is_here(call, arn) else None
    if machine is None:
        raise errors.StateMachineDoesNotExist(arn)
    return machine


async def find_execution(call: Call, arn: str, *, hold: bool = False) -> Execution:
    """The execution that an ARN names; `hold` as in execution_storage.py. InvalidArn, ExecutionDoesNotExist."""
    parts = arns.parse(arn, "execution").parts
    found = None
    if len(parts) == 2 and arns.is_here(call, arn):
        found = await execution_storage.find_execution(call, *parts, hold=hold)
    if found is None:
        raise errors.ExecutionDoesNotExist(arn)
    return found
