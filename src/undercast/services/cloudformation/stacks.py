"""Operations that create, change and delete stacks."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from undercast.kit.call import Call
from undercast.kit.service import waits
from undercast.services.cloudformation import (
    departures,
    deployment,
    errors,
    policies,
    progress,
    sources,
    stack_roles,
    storage,
)
from undercast.services.cloudformation.model import Design, Stack
from undercast.services.cloudformation.run import Run

_NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,127}")
_TRIGGERS = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
_UPDATABLE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE", "UPDATE_FAILED", "CREATE_FAILED")  # fmt: skip


@waits
async def create_stack(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Begin to make a stack."""
    stack = new_stack(call, request)
    await stack_roles.wanted(call, request)
    stack.policy = await _stack_policy(call, request)
    design = await sources.read_design(call, request, stack)
    return await call.transact(_create, stack, design)


async def _create(call: Call, stack: Stack, design: Design) -> dict[str, Any]:
    existing = await storage.seek_stack(call, stack.name)
    if existing:
        if stack.client_token and existing.client_token == stack.client_token:
            return {"StackId": existing.id}
        raise errors.AlreadyExistsException(f"Stack [{stack.name}] already exists")
    await storage.add_stack(call, stack)
    await departures.begin_creation(call, stack, design)
    return {"StackId": stack.id}


@waits
async def update_stack(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Begin to change a stack."""
    stack = await call.transact(_updatable, request["StackName"])
    check_rollback_configuration(request)
    await stack_roles.wanted(call, request)
    changed = _with_options(stack, request)
    design = await sources.read_design(call, request, changed, stack.current)
    policy = await _stack_policy(call, request)
    if request.get("StackPolicyDuringUpdateBody"):
        policies.check(request["StackPolicyDuringUpdateBody"])
    return await call.transact(_update, request, design, policy)


async def _updatable(call: Call, name: str) -> Stack:
    """A stack that may be updated now. ValidationError."""
    stack = await storage.find_stack(call, name, "Stack [{}] does not exist")
    if stack.deleted_at or stack.status not in _UPDATABLE:
        raise errors.ValidationError(f"Stack:{stack.id} is in {stack.status} state and can not be updated.")
    return stack


async def _update(call: Call, request: dict[str, Any], design: Design, policy: str) -> dict[str, Any]:
    stack = await _updatable(call, request["StackName"])
    changed = _with_options(stack, request)
    run = await Run.of(call, changed)
    changed.policy = policy or stack.policy
    if not await departures.has_changes(run, design) and stack.policy == changed.policy:
        raise errors.ValidationError("No updates are to be performed.")
    changed.update_policy = request.get("StackPolicyDuringUpdateBody") or ""
    await departures.begin_update(run, design)
    return {"StackId": stack.id}


async def delete_stack(call: Call, request: dict[str, Any]) -> None:
    """Begin to delete a stack; one that is not there is no error."""
    stack = await storage.seek_stack(call, request["StackName"])
    if stack is None or stack.deleted_at:
        return
    if stack.protected:
        raise errors.ValidationError(f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled")
    retained = request.get("RetainResources") or []
    force = request.get("DeletionMode") == "FORCE_DELETE_STACK"
    if (retained or force) and stack.status != "DELETE_FAILED":
        raise errors.ValidationError(
            f"Invalid operation on stack [{stack.id}]. Only stacks in DELETE_FAILED can specify retainResources"
        )
    if stack.status == "DELETE_IN_PROGRESS":
        return
    if stack.busy and not stack.status.startswith(("CREATE", "ROLLBACK")):
        raise errors.ValidationError(f"Stack [{stack.name}] cannot be deleted while in status {stack.status}")
    for name in await storage.exports_of(call, stack.id):
        if users := await storage.importers(call, name):
            raise errors.ValidationError(f"Cannot delete export {name} as it is in use by {', '.join(users)}")
    stack.role_arn = await stack_roles.wanted(call, request) or stack.role_arn
    await departures.begin_deletion(call, stack, retained, request.get("ClientRequestToken") or "", force=force)


async def cancel_update_stack(call: Call, request: dict[str, Any]) -> None:
    """Stop an update and go back."""
    stack = await storage.find_stack(call, request["StackName"], "Stack [{}] does not exist")
    if stack.status != "UPDATE_IN_PROGRESS":
        raise errors.ValidationError("CancelUpdateStack cannot be called from current stack status")
    stack.failure = "User Initiated"
    await storage.save_stack(call, stack)
    await progress.start(call, stack.id)


async def continue_update_rollback(call: Call, request: dict[str, Any]) -> None:
    """Try again to go back, without some resources."""
    stack = await storage.find_stack(call, request["StackName"], "Stack [{}] does not exist")
    if stack.status != "UPDATE_ROLLBACK_FAILED":
        raise errors.ValidationError(f"Stack:{stack.id} is in {stack.status} state and can not continue rollback.")
    stack.role_arn = await stack_roles.wanted(call, request) or stack.role_arn
    run = await Run.of(call, stack)
    stack.operation = call.ids.sequence()
    for name in sorted(set(request.get("ResourcesToSkip") or ())):
        row = run.rows.get(name)
        if row is None or row.status != "UPDATE_FAILED":
            raise errors.ValidationError(f"Resources [{name}] cannot be skipped")
        row.operation = stack.operation
        run.record(row, "UPDATE_COMPLETE")
    run.enter("UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated")
    await run.save()
    await progress.start(call, stack.id)


async def rollback_stack(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Go back from a failed creation or update that was left as it was."""
    stack = await storage.find_stack(call, request["StackName"], "Stack [{}] does not exist")
    stack.role_arn = await stack_roles.wanted(call, request) or stack.role_arn
    run = await Run.of(call, stack)
    stack.retain_new = not request.get("RetainExceptOnCreate")
    stack.client_token = request.get("ClientRequestToken") or ""
    if stack.status == "CREATE_FAILED":
        stack.operation = call.ids.sequence()
        run.enter("ROLLBACK_IN_PROGRESS", "User Initiated")
    elif stack.status == "UPDATE_FAILED":
        deployment.begin_update_rollback(run, "User Initiated")
    else:
        raise errors.ValidationError(f"Stack:{stack.id} is in {stack.status} state and can not be rolled back.")
    await run.save()
    await progress.start(call, stack.id)
    return {"StackId": stack.id}


async def update_termination_protection(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Guard a stack against deletion, or no longer."""
    stack = await storage.find_stack(call, request["StackName"], "Stack [{}] does not exist")
    stack.protected = bool(request["EnableTerminationProtection"])
    await storage.save_stack(call, stack)
    return {"StackId": stack.id}


@waits
async def set_stack_policy(call: Call, request: dict[str, Any]) -> None:
    """Say what updates may touch."""
    text = await _stack_policy(call, request)
    if not text:
        raise errors.ValidationError("You must specify either stack policy body or url, not both.")
    await call.transact(_set_policy, request["StackName"], text)


async def _stack_policy(call: Call, request: dict[str, Any]) -> str:
    """The policy that a request gives or names; "" when it has none. ValidationError."""
    text: str = request.get("StackPolicyBody") or ""
    if request.get("StackPolicyURL"):
        text = (await sources.fetch(call, request["StackPolicyURL"])).decode("utf-8", "replace")
    if text:
        policies.check(text)
    return text


async def _set_policy(call: Call, name: str, text: str) -> None:
    stack = await storage.find_stack(call, name, "Stack [{}] does not exist")
    stack.policy = text
    await storage.save_stack(call, stack)


async def get_stack_policy(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """What updates may touch; while one runs, by the policy it was given."""
    stack = await storage.find_stack(call, request["StackName"], "Stack [{}] does not exist")
    return {"StackPolicyBody": stack.update_policy or stack.policy or None}


# --- a stack from a request ---


def new_stack(call: Call, request: dict[str, Any]) -> Stack:
    """A stack as a request describes it, without its template. ValidationError."""
    name = request["StackName"]
    if not _NAME.fullmatch(name):
        raise errors.ValidationError(
            f"1 validation error detected: Value '{name}' at 'stackName' failed to satisfy constraint: Member must "
            "satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
        )
    if request.get("DisableRollback") is not None and request.get("OnFailure"):
        raise errors.ValidationError("Either DisableRollback or OnFailure can be specified, not both.")
    check_rollback_configuration(request)
    disabled = bool(request.get("DisableRollback"))
    stack = Stack(call.account, call.region, call.arn(f"stack/{name}/{call.ids.uuid()}"), name, "", call.now)
    stack.disable_rollback = disabled
    stack.on_failure = request.get("OnFailure") or ("DO_NOTHING" if disabled else "ROLLBACK")
    stack.timeout_minutes = request.get("TimeoutInMinutes") or 0
    stack.protected = bool(request.get("EnableTerminationProtection"))
    return _with_options(stack, request)


def _with_options(stack: Stack, request: dict[str, Any]) -> Stack:
    """A copy of a stack with what creations and updates have in common."""
    arns = request.get("NotificationARNs")
    rollback = request.get("RollbackConfiguration")
    return replace(
        stack,
        capabilities=list(request.get("Capabilities") or ()),
        notification_arns=stack.notification_arns if arns is None else list(arns),
        rollback_configuration=stack.rollback_configuration if rollback is None else dict(rollback),
        role_arn=request.get("RoleARN") or stack.role_arn,
        client_token=request.get("ClientRequestToken") or "",
        disable_rollback=bool(request.get("DisableRollback", stack.disable_rollback)),
        retain_new=not request.get("RetainExceptOnCreate"),
    )


def check_rollback_configuration(request: dict[str, Any]) -> None:
    """Recorded: update_stack::test_update_with_invalid_rollback_configuration_errors. An alarm cannot act yet."""
    for trigger in (request.get("RollbackConfiguration") or {}).get("RollbackTriggers") or ():
        if trigger["Type"] not in _TRIGGERS:
            raise errors.ValidationError("Rollback Trigger Type not supported")
        if not re.fullmatch(r"arn:[^:]+:cloudwatch:[^:]+:\d{12}:alarm:.+", trigger["Arn"]):
            raise errors.ValidationError("RelativeId of a Rollback Trigger's ARN is incorrect")
        raise errors.ValidationError("Rollback triggers are not supported by Undercast yet")
    if (request.get("RollbackConfiguration") or {}).get("MonitoringTimeInMinutes"):
        raise errors.ValidationError("A monitoring time is not supported by Undercast yet: it has no rollback triggers")
