"""The job that brings a stack forward: from one status to the next until nothing is under way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from undercast.kit.call import Call
from undercast.services.cloudformation import deployment, removal, storage
from undercast.services.cloudformation.run import Run

# What is done in each status. The answer is whether the status has changed, so that there may be more to do at once.
_PHASES: dict[str, Callable[[Run], Awaitable[bool]]] = {
    "CREATE_IN_PROGRESS": deployment.deploy,
    "UPDATE_IN_PROGRESS": deployment.deploy,
    "UPDATE_ROLLBACK_IN_PROGRESS": deployment.deploy,
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": removal.clean_up,
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": removal.clean_up,
    "ROLLBACK_IN_PROGRESS": removal.remove_all,
    "DELETE_IN_PROGRESS": removal.remove_all,
}


async def advance(call: Call, payload: list[Any]) -> None:
    """Do all that can be done now for a stack; a large one takes several turns."""
    stack = await storage.seek_stack(call, payload[0])
    if stack is None or stack.status not in _PHASES:
        return
    run = await Run.of(call, stack)
    while run.budget > 0 and (phase := _PHASES.get(stack.status)):
        if not await phase(run):
            break
    await run.save()
    if run.budget <= 0 and stack.status in _PHASES:
        await start(call, stack.id)
    elif not stack.busy and stack.parent_id:
        await call.later(call.now, "nested", [stack.id], key=stack.parent_id)


async def start(call: Call, stack_id: str) -> None:
    """Have a stack brought forward as soon as this transaction commits."""
    await call.later(call.now, "advance", [stack_id], key=stack_id)


async def time_out(call: Call, payload: list[Any]) -> None:
    """A creation took longer than its TimeoutInMinutes."""
    stack_id, operation = payload
    stack = await storage.seek_stack(call, stack_id)
    if stack and stack.status == "CREATE_IN_PROGRESS" and stack.operation == operation:
        stack.failure = "Stack creation time exceeded the specified timeout."
        await storage.save_stack(call, stack)
        await start(call, stack_id)
