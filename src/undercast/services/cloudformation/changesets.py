"""Operations on change sets: see what an update would do, then do it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from undercast.engines.resource_schemas import schema
from undercast.engines.templates import Deployed, TemplateError, changes
from undercast.kit.call import Call
from undercast.kit.service import waits
from undercast.kit.tags import as_list
from undercast.services.cloudformation import (
    departures,
    deployment,
    errors,
    naming,
    pages,
    sources,
    stack_roles,
    stacks,
    storage,
)
from undercast.services.cloudformation.model import ChangeSet, Design, Stack
from undercast.services.cloudformation.run import Run

_NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,127}")
_NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."


@waits
async def create_change_set(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Work out what a design would change. A problem of a macro, and no change, make a change set that has failed."""
    if not _NAME.fullmatch(request["ChangeSetName"]):
        raise errors.ValidationError(
            f"1 validation error detected: Value '{request['ChangeSetName']}' at 'changeSetName' failed to satisfy "
            "constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
        )
    _refuse_inert(request)
    await stack_roles.wanted(call, request)
    stack, new = await call.transact(_stack_for, request)
    design, reason = await _design(call, request, stack)
    try:
        return await call.transact(_create, request, stack, new, design, reason)
    except TemplateError as error:
        raise errors.ValidationError(error.message) from None


def _refuse_inert(request: dict[str, Any]) -> None:
    if request.get("ChangeSetType") == "IMPORT" or request.get("ResourcesToImport"):
        raise errors.ValidationError("Importing resources is not supported by Undercast yet")
    if request.get("IncludeNestedStacks"):
        raise errors.ValidationError("Change sets that include nested stacks are not supported by Undercast yet")


async def _stack_for(call: Call, request: dict[str, Any]) -> tuple[Stack, bool]:
    """The stack that a change set is for, and whether it is to be made first. ValidationError."""
    name, kind = request["StackName"], request.get("ChangeSetType") or "UPDATE"
    existing = await storage.seek_stack(call, name)
    if existing and existing.deleted_at:
        raise errors.no_stack(name)
    if kind == "CREATE":
        if existing is None:
            return stacks.new_stack(call, {**request, "OnFailure": None}), True
        if existing.status != "REVIEW_IN_PROGRESS":
            # recorded: changesets::test_name_conflicts
            raise errors.ValidationError(
                f"Stack [{existing.name}] already exists and cannot be created again with the changeSet "
                f"[{request['ChangeSetName']}]."
            )
        return existing, False
    if existing is None:
        raise errors.ValidationError(f"Stack [{name}] does not exist")
    if existing.status == "REVIEW_IN_PROGRESS" or existing.busy or existing.status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"):  # fmt: skip
        raise errors.ValidationError(f"Stack:{existing.id} is in {existing.status} state and can not be updated.")
    return existing, False


async def _design(call: Call, request: dict[str, Any], stack: Stack) -> tuple[Design, str]:
    """The design, and why its macros failed if they did."""
    previous = stack.current
    try:
        design = await sources.read(call, request, stack.pseudo, previous)
        bound = design.bind(stack.pseudo)
        sources.check(bound)
        sources.check_types(request, bound)
        sources.check_capabilities(list(request.get("Capabilities") or ()), bound, ())
    except TemplateError as error:
        if not error.message.startswith("Transform ") and not error.message.startswith("No transform "):
            raise errors.ValidationError(error.message) from None
        body = await sources.body_of(call, request, previous)
        return Design(body), error.message
    return design, ""


async def _create(
    call: Call, request: dict[str, Any], stack: Stack, new: bool, design: Design, reason: str
) -> dict[str, Any]:
    name = request["ChangeSetName"]
    if new:
        if await storage.seek_stack(call, stack.name):  # made while the template was read
            raise errors.AlreadyExistsException(f"Stack [{stack.name}] already exists")
        run = Run(call, stack, [])
        run.enter("REVIEW_IN_PROGRESS", "User Initiated")
        await storage.add_stack(call, stack)
        await run.save()
    elif existing := await storage.seek_change_set(call, stack.id, name):
        if request.get("ClientToken") and existing.client_token == request["ClientToken"]:
            return {"Id": existing.id, "StackId": stack.id}
        if existing.execution_status != "EXECUTE_COMPLETE":  # tools use one name again and again
            raise errors.AlreadyExistsException(f"ChangeSet {name} cannot be created due to a mismatch with existing attribute Template")  # fmt: skip
    made = ChangeSet(
        call.arn(f"changeSet/{name}/{call.ids.uuid()}"), stack.id, stack.name, name, call.now,
        request.get("ChangeSetType") or "UPDATE", design,
        description=request.get("Description") or "",
        capabilities=list(request.get("Capabilities") or ()),
        notification_arns=list(request.get("NotificationARNs") or stack.notification_arns),
        rollback_configuration=dict(request.get("RollbackConfiguration") or {}),
        role_arn=request.get("RoleARN") or "",
        on_failure=request.get("OnStackFailure") or "",
        client_token=request.get("ClientToken") or "",
    )  # fmt: skip
    if reason:
        made.status, made.reason, made.execution_status = "FAILED", reason, "UNAVAILABLE"
    else:
        await _compare(call, stack, made)
    await storage.save_change_set(call, made)
    return {"Id": made.id, "StackId": stack.id}


async def _compare(call: Call, stack: Stack, made: ChangeSet) -> None:
    """Write down what would change."""
    run = await Run.of(call, stack)
    bound, known = await deployment.resolve_all(run, made.design)
    made.parameters = made.design.shown_parameters(bound)
    missing = [name for name in sorted(bound.needs(known).exports) if name not in known.exports]
    if missing:
        # recorded: change_set_exports_imports::TestChangeSetImportExport::*
        users = [name for name in bound.resources if any(need.kind == "Export" for need in bound.properties(name, known).missing)]  # fmt: skip
        made.warning = (
            "[WARN] --include-property-values option can return incomplete ChangeSet data because: ChangeSet creation "
            f"failed for resource [{users[0] if users else ''}] because: No export named {missing[0]} found."
        )
    if stack.current is None:
        made.changes, made.changes_with_values = _additions(bound, known)
    else:
        before = stack.current.bind(stack.pseudo)
        deployed = Deployed(before, known, {name: row.properties for name, row in run.rows.items()})
        made.changes = [_shown(one.shown()) for one in changes(deployed, bound, schema)]
        with_values = changes(deployed, bound, schema, with_values=True)
        made.changes_with_values = [_shown(one.shown(True)) for one in with_values]
    if not made.changes and not await departures.has_changes(run, made.design):
        made.status, made.reason, made.execution_status = "FAILED", _NO_CHANGES, "UNAVAILABLE"


def _shown(change: dict[str, Any]) -> dict[str, Any]:
    return {"Type": "Resource", "ResourceChange": change}


def _additions(bound: Any, known: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The changes of a new stack: everything is added."""
    empty = type(bound.template)({"Resources": {"None": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}})
    before = empty.bind({}, bound.pseudo)
    before.resources = {}
    deployed = Deployed(before, known, {})
    return (
        [_shown(one.shown()) for one in changes(deployed, bound, schema)],
        [_shown(one.shown(True)) for one in changes(deployed, bound, schema, with_values=True)],
    )


async def describe_change_set(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A change set with its changes."""
    one, _stack = await naming.find(call, request)
    with_values = bool(request.get("IncludePropertyValues"))
    found = list(enumerate(one.changes_with_values if with_values else one.changes))
    shown, token = pages.cut(request, found, lambda change: f"{change[0]:06}")
    return {
        "ChangeSetName": one.name,
        "ChangeSetId": one.id,
        "StackId": one.stack_id,
        "StackName": one.stack_name,
        "Description": one.description or None,
        "Parameters": one.parameters or None,
        "CreationTime": one.created_at,
        "ExecutionStatus": one.execution_status,
        "Status": one.status,
        "StatusReason": one.reason or (one.warning if with_values else "") or None,
        "NotificationARNs": one.notification_arns,
        "RollbackConfiguration": one.rollback_configuration,
        "Capabilities": one.capabilities,
        "Tags": as_list(one.design.tags) or None,
        "Changes": [change for _, change in shown],
        "NextToken": token,
        "IncludeNestedStacks": False,
        "OnStackFailure": one.on_failure or None,
    }


async def list_change_sets(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A stack's change sets that have not been executed."""
    stack = await storage.find_stack(call, request["StackName"], "Stack [{}] does not exist")
    found = await storage.list_change_sets(call, stack.id)
    left = [one for one in found if one.execution_status != "EXECUTE_COMPLETE"]
    shown, token = pages.cut(request, left, lambda one: f"{one.created_at:015}{one.id}")
    return {"Summaries": [_summary(one) for one in shown], "NextToken": token}


def _summary(one: ChangeSet) -> dict[str, Any]:
    return {
        "StackId": one.stack_id,
        "StackName": one.stack_name,
        "ChangeSetId": one.id,
        "ChangeSetName": one.name,
        "ExecutionStatus": one.execution_status,
        "Status": one.status,
        "StatusReason": one.reason or None,
        "CreationTime": one.created_at,
        "Description": one.description or None,
        "IncludeNestedStacks": False,
    }


async def execute_change_set(call: Call, request: dict[str, Any]) -> None:
    """Do what a change set says; the stack's other change sets are forgotten."""
    one, stack = await naming.find(call, request)
    if one.status != "CREATE_COMPLETE" or one.execution_status != "AVAILABLE":
        # recorded: changesets::test_empty_changeset
        status = one.status if one.status != "CREATE_COMPLETE" else one.execution_status
        raise errors.InvalidChangeSetStatusException(
            f"ChangeSet [{one.id}] cannot be executed in its current status of [{status}]"
        )
    if stack.busy:
        raise errors.ValidationError(f"Stack:{stack.id} is in {stack.status} state and can not be updated.")
    for other in await storage.list_change_sets(call, stack.id):
        if other.id != one.id and other.execution_status != "EXECUTE_COMPLETE":
            await storage.delete_change_set(call, other.id)
    one.execution_status = "EXECUTE_COMPLETE"
    await storage.save_change_set(call, one)
    stack = _prepared(stack, one, request)
    if one.type == "CREATE":
        stack.updated_at = call.now
        await departures.begin_creation(call, stack, one.design)
    else:
        await departures.begin_update(await Run.of(call, stack), one.design)


def _prepared(stack: Stack, one: ChangeSet, request: dict[str, Any]) -> Stack:
    disabled = bool(request.get("DisableRollback")) or one.on_failure == "DO_NOTHING"
    return replace(
        stack,
        change_set_id=one.id,
        capabilities=one.capabilities,
        notification_arns=one.notification_arns,
        rollback_configuration=one.rollback_configuration,
        role_arn=one.role_arn or stack.role_arn,
        client_token=request.get("ClientRequestToken") or "",
        disable_rollback=disabled,
        retain_new=not request.get("RetainExceptOnCreate"),
        on_failure=one.on_failure or ("DO_NOTHING" if disabled else "ROLLBACK"),
    )


async def delete_change_set(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Forget a change set; one that is not there is no error."""
    try:
        one, _stack = await naming.find(call, request)
    except errors.ChangeSetNotFoundException:
        if not request.get("StackName"):
            raise
        return {}
    await storage.delete_change_set(call, one.id)
    return {}
