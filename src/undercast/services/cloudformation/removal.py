"""Deletes resources: all of a stack's, or those that an update has left over."""

from __future__ import annotations

from undercast.services.cloudformation import actions, storage
from undercast.services.cloudformation.model import RETAINED, Resource
from undercast.services.cloudformation.run import Run


async def remove_all(run: Run) -> bool:
    """Delete a stack's resources, each after those that depend on it; whether the stack's status changed."""
    stack, operation = run.stack, run.stack.operation
    waiting = [row for row in run.everything if not row.gone and row.operation != operation]
    present = [row for row in run.everything if not row.gone]
    needed = _needed(present)
    while ready := [one for one in waiting if not one.acting and one.logical_id not in needed]:  # acting: it ends first
        for row in ready:
            if run.budget <= 0:
                return False
            run.budget -= 1
            row.operation = operation
            await _remove(run, row, skip=row.logical_id in stack.retained or _is_retained(run, row))
        waiting = [row for row in waiting if row.operation != operation]
        present = [row for row in present if not row.gone]
        needed = _needed(present)
    if any(row.in_progress for row in present):
        return False
    if present:
        names = ", ".join(row.logical_id for row in present if row.status == "DELETE_FAILED")
        rollback = stack.status == "ROLLBACK_IN_PROGRESS"
        status = "ROLLBACK_FAILED" if rollback else "DELETE_FAILED"
        run.enter(status, f"The following resource(s) failed to delete: [{names}]. ")
        return True
    await _end(run)
    return True


async def clean_up(run: Run) -> bool:
    """Delete what an update replaced or took out; what cannot be deleted is left and forgotten."""
    stack = run.stack
    assert stack.current is not None
    kept = stack.current.bind(stack.pseudo).resources
    leftover = [row for row in run.everything if row.superseded or row.logical_id not in kept]
    waiting = [row for row in leftover if not row.gone and not row.in_progress and row.status != "DELETE_FAILED"]
    needed = _needed(leftover)
    while ready := [row for row in waiting if row.superseded or row.logical_id not in needed]:
        for row in ready:
            if run.budget <= 0:
                return False
            run.budget -= 1
            waiting.remove(row)
            await _remove(run, row, skip=_is_kept(run, row))
            if not row.in_progress:
                leftover.remove(row)
        needed = _needed(leftover)
    if any(row.in_progress for row in run.everything if row.superseded or row.logical_id not in kept):
        return False
    for row in [row for row in run.everything if row.superseded or row.logical_id not in kept]:
        run.drop(row)
    stack.update_policy = ""
    run.enter(stack.status.removesuffix("_CLEANUP_IN_PROGRESS"))
    return True


def _needed(present: list[Resource]) -> set[str]:
    """What resources that are still there depend on."""
    return {name for row in present for name in row.depends}


def _is_retained(run: Run, row: Resource) -> bool:
    if run.stack.status == "ROLLBACK_IN_PROGRESS":
        return row.deletion_policy == "Retain" and run.stack.retain_new and bool(row.physical_id)
    return row.deletion_policy in RETAINED


def _is_kept(run: Run, row: Resource) -> bool:
    """Whether a leftover of an update stays in the account."""
    if run.stack.status.startswith("UPDATE_ROLLBACK"):
        return row.deletion_policy == "Retain" and run.stack.retain_new
    return (row.replace_policy if row.superseded else row.deletion_policy) in RETAINED


async def _remove(run: Run, row: Resource, *, skip: bool) -> None:
    if skip:
        run.record(row, "DELETE_SKIPPED")
        return
    if row.superseded and not row.physical_id:  # a successor that never was made
        row.status = "DELETE_COMPLETE"
        return
    run.record(row, "DELETE_IN_PROGRESS")
    if row.physical_id:
        await actions.begin(run, row, "delete")
    else:  # it never was made
        run.record(row, "DELETE_COMPLETE")


async def _end(run: Run) -> None:
    stack = run.stack
    await storage.set_exports(run.call, stack.id, {})
    await storage.set_imports(run.call, stack.id, ())
    if stack.status == "ROLLBACK_IN_PROGRESS":
        stack.updated_at = stack.updated_at or run.call.now
        stack.rolled_back_at = run.call.now
        run.enter("ROLLBACK_COMPLETE")
        return
    stack.deleted_at = run.call.now
    run.enter("DELETE_COMPLETE")
