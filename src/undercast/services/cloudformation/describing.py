"""Operations that tell of stacks, their resources, events, exports and imports."""

from __future__ import annotations

from typing import Any

import orjson

from undercast.kit import paging
from undercast.kit.call import Call
from undercast.kit.tags import as_list
from undercast.services.cloudformation import errors, pages, storage
from undercast.services.cloudformation.model import Resource, Stack

_LATEST = 1 << 62
_DRIFT = {"StackDriftStatus": "NOT_CHECKED"}
_RESOURCE_DRIFT = {"StackResourceDriftStatus": "NOT_CHECKED"}


async def describe_stacks(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A stack, or all that there are, newest first."""
    if name := request.get("StackName"):
        return {"Stacks": [_shown(await storage.find_stack(call, name))]}
    stacks, token = await _page(call, request, deleted=False)
    return {"Stacks": [_shown(stack) for stack in stacks], "NextToken": token}


async def list_stacks(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Stacks in short, deleted ones too, newest first."""
    wanted = request.get("StackStatusFilter")
    stacks, token = await _page(call, request, deleted=True)
    shown = [_summary(stack) for stack in stacks if not wanted or stack.status in wanted]
    return {"StackSummaries": shown, "NextToken": token}


async def describe_stack_events(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """What happened to a stack, newest first."""
    if not request.get("StackName"):
        raise errors.ValidationError("1 validation error detected: Value null at 'stackName' failed to satisfy constraint: Member must not be null")  # fmt: skip
    stack = await storage.find_stack(call, request["StackName"], "Stack [{}] does not exist")
    before = pages.position(request)
    events = await storage.list_events(call, stack.id, before if isinstance(before, int) else _LATEST, pages.SIZE + 1)
    more = len(events) > pages.SIZE
    return {
        "StackEvents": [event for _, event in events[: pages.SIZE]],
        "NextToken": paging.encode_token(events[pages.SIZE - 1][0]) if more else None,
    }


async def describe_stack_resource(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """One resource. Recorded: resources::test_describe_non_existent_resource and its siblings."""
    stack = await storage.find_stack(call, request["StackName"], "Stack '{}' does not exist")
    name = request["LogicalResourceId"]
    for resource in await _resources(call, stack):
        if resource.logical_id == name and not resource.gone:
            metadata = orjson.dumps(resource.metadata or {}).decode()
            detail = {**_detail(stack, resource), "LastUpdatedTimestamp": resource.updated_at, "Metadata": metadata}
            return {"StackResourceDetail": detail}
    raise errors.ValidationError(f"Resource {name} does not exist for stack {request['StackName']}")


async def describe_stack_resources(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The resources of a stack, or of the stack that has a physical one."""
    name, physical_id = request.get("StackName"), request.get("PhysicalResourceId")
    if not name and not physical_id:
        raise errors.ValidationError("Either StackName or PhysicalResourceId must be specified")
    if name and physical_id:
        raise errors.ValidationError("Only one of StackName or PhysicalResourceId can be specified")
    if not name:
        name = await storage.stack_of_physical(call, physical_id or "")
        if not name:
            raise errors.ValidationError(f"Stack for {physical_id} does not exist")
    stack = await storage.find_stack(call, name)
    wanted = request.get("LogicalResourceId")
    shown = [
        {**_detail(stack, one), "Timestamp": one.updated_at}
        for one in await _resources(call, stack)
        if not wanted or one.logical_id == wanted
    ]
    if wanted and not shown:
        raise errors.ValidationError(f"Resource {wanted} does not exist for stack {name}")
    return {"StackResources": shown}


async def list_stack_resources(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The resources of a stack in short."""
    stack = await storage.find_stack(call, request["StackName"])
    found, token = pages.cut(request, await _resources(call, stack), lambda one: one.logical_id)
    return {"StackResourceSummaries": [_brief(one) for one in found], "NextToken": token}


async def list_exports(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """What stacks of this region export."""
    found = await storage.list_exports(call, str(pages.position(request) or ""), pages.SIZE + 1)
    return {
        "Exports": [{"ExportingStackId": id, "Name": name, "Value": value} for name, id, value in found[: pages.SIZE]],
        "NextToken": paging.encode_token(found[pages.SIZE - 1][0]) if len(found) > pages.SIZE else None,
    }


async def list_imports(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The stacks that import an export."""
    name = request["ExportName"]
    users = await storage.importers(call, name)
    if not users:
        raise errors.ValidationError(f"Export '{name}' is not imported by any stack.")
    shown, token = pages.cut(request, users, str)
    return {"Imports": shown, "NextToken": token}


async def _page(call: Call, request: dict[str, Any], *, deleted: bool) -> tuple[list[Stack], str | None]:
    position = pages.position(request)
    after = (position[0], position[1]) if isinstance(position, list) else (_LATEST, "")
    stacks = await storage.list_stacks(call, after, pages.SIZE + 1, deleted=deleted)
    if len(stacks) <= pages.SIZE:
        return stacks, None
    last = stacks[pages.SIZE - 1]
    return stacks[: pages.SIZE], paging.encode_token([last.created_at, last.id])


async def _resources(call: Call, stack: Stack) -> list[Resource]:
    return [one for one in await storage.resources_of(call, stack.id) if not one.superseded]


def _shown(stack: Stack) -> dict[str, Any]:
    design = stack.current or stack.target
    gone = bool(stack.deleted_at)
    return {
        "StackId": stack.id,
        "StackName": stack.name,
        "ChangeSetId": None if gone or stack.rolled_back_at else stack.change_set_id or None,
        "Description": stack.description or None,
        "Parameters": stack.parameters or None,
        "CreationTime": stack.created_at,
        "DeletionTime": stack.deleted_at or stack.rolled_back_at or None,
        "LastUpdatedTime": stack.updated_at or None,
        "RollbackConfiguration": stack.rollback_configuration,
        "StackStatus": stack.status,
        "StackStatusReason": stack.reason or None,
        "DisableRollback": stack.disable_rollback,
        "NotificationARNs": stack.notification_arns,
        "TimeoutInMinutes": stack.timeout_minutes or None,
        "Capabilities": stack.capabilities or None,
        "Outputs": stack.outputs or None,
        "RoleARN": stack.role_arn or None,
        "Tags": as_list(design.tags if design else {}),
        "EnableTerminationProtection": None if gone else stack.protected,
        "ParentId": stack.parent_id or None,
        "RootId": stack.root_id or None,
        "DriftInformation": _DRIFT,
    }


def _summary(stack: Stack) -> dict[str, Any]:
    names = (
        "StackId", "StackName", "CreationTime", "LastUpdatedTime", "DeletionTime", "StackStatus", "StackStatusReason",
        "ParentId", "RootId", "DriftInformation",
    )  # fmt: skip
    shown = _shown(stack)
    return {**{name: shown[name] for name in names}, "TemplateDescription": stack.description or None}


def _brief(resource: Resource) -> dict[str, Any]:
    return {
        "LogicalResourceId": resource.logical_id,
        "PhysicalResourceId": resource.physical_id or None,
        "ResourceType": resource.type,
        "LastUpdatedTimestamp": resource.updated_at,
        "ResourceStatus": resource.status,
        "ResourceStatusReason": resource.reason or None,
        "DriftInformation": _RESOURCE_DRIFT,
    }


def _detail(stack: Stack, resource: Resource) -> dict[str, Any]:
    brief = _brief(resource)
    del brief["LastUpdatedTimestamp"]
    return {"StackName": stack.name, "StackId": stack.id, **brief}
