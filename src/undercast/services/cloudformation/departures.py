"""How stacks set out: what creations, updates and deletions do before their job takes over."""

from __future__ import annotations

from undercast.engines.resource_schemas import schema
from undercast.engines.templates import Deployed, changes
from undercast.kit.call import Call
from undercast.services.cloudformation import deployment, errors, progress
from undercast.services.cloudformation.model import Design, Stack
from undercast.services.cloudformation.run import Run


async def begin_creation(call: Call, stack: Stack, design: Design) -> None:
    """Have a stack that is in the database made."""
    run = Run(call, stack, [])
    stack.target, stack.operation = design, call.ids.sequence()
    show(stack, design)
    run.enter("CREATE_IN_PROGRESS", "User Initiated")
    await run.save()
    await progress.start(call, stack.id)
    if stack.timeout_minutes:
        await call.later(call.now + stack.timeout_minutes * 60_000, "time out", [stack.id, stack.operation])


async def begin_update(run: Run, design: Design) -> None:
    """Have a stack changed. ValidationError when a resource would change its type."""
    stack, call = run.stack, run.call
    wanted = design.bind(stack.pseudo).resources
    other = [row.logical_id for row in run.rows.values() if row.physical_id and not row.gone and row.logical_id in wanted
             and wanted[row.logical_id].type != row.type]  # fmt: skip
    if other:
        raise errors.ValidationError(
            "Update of resource type is not permitted. The new template modifies resource type of the following "
            f"resources: [{', '.join(other)}]"
        )
    stack.target, stack.operation, stack.updated_at = design, call.ids.sequence(), call.now
    show(stack, design)
    run.enter("UPDATE_IN_PROGRESS", "User Initiated")
    await run.save()
    await progress.start(call, stack.id)


async def has_changes(run: Run, design: Design) -> bool:
    """Whether deploying a design would do anything, be it to the stack's outputs or tags only."""
    stack = run.stack
    if stack.current is None or stack.status in ("UPDATE_FAILED", "CREATE_FAILED"):
        return True
    if design.tags != stack.current.tags:
        return True
    bound, known = await deployment.resolve_all(run, design)
    before = stack.current.bind(stack.pseudo)
    if bound.template.document.get("Outputs") != before.template.document.get("Outputs"):
        return True
    properties = {name: row.properties for name, row in run.rows.items()}
    return bool(changes(Deployed(before, known, properties), bound, schema))


async def begin_deletion(call: Call, stack: Stack, retained: list[str], token: str, *, force: bool = False) -> None:
    """Have a stack deleted."""
    run = await Run.of(call, stack)
    stack.retained, stack.client_token = list(retained), token
    if force:
        stack.retained = [row.logical_id for row in run.everything if row.status == "DELETE_FAILED"]
    stack.operation, stack.updated_at, stack.failure = call.ids.sequence(), call.now, ""
    stack.current = stack.current or stack.target
    run.enter("DELETE_IN_PROGRESS", "User Initiated")
    await run.save()
    await progress.start(call, stack.id)


def show(stack: Stack, design: Design) -> None:
    """What answers say of a stack's design."""
    bound = design.bind(stack.pseudo)
    stack.parameters = design.shown_parameters(bound)
    stack.description = bound.template.description or ""
