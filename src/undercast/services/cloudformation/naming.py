"""Finds the change set that a request names."""

from __future__ import annotations

from typing import Any

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.cloudformation import errors, storage
from undercast.services.cloudformation.model import ChangeSet, Stack


async def find(call: Call, request: dict[str, Any]) -> tuple[ChangeSet, Stack]:
    """A change set and its stack. ChangeSetNotFoundException, ValidationError."""
    name = request["ChangeSetName"]
    if name.startswith("arn:"):
        _check_arn(name)
        one = await storage.seek_change_set(call, "", name)
        stack = await storage.seek_stack(call, one.stack_id) if one else None
    elif not request.get("StackName"):
        # recorded: templates::test_get_template_missing_resources_change_set
        raise errors.ValidationError("StackName must be specified if ChangeSetName is not specified as an ARN.")
    else:
        stack = await storage.seek_stack(call, request["StackName"])
        if stack is None:
            raise errors.ValidationError(f"Stack [{request['StackName']}] does not exist")
        one = await storage.seek_change_set(call, stack.id, name)
    if one is None or stack is None:
        raise errors.ChangeSetNotFoundException(f"ChangeSet [{name}] does not exist")
    return one, stack


def _check_arn(text: str) -> None:
    try:
        fits = Arn.parse(text).resource.startswith("changeSet/")
    except ValueError:
        fits = False
    if not fits:
        raise errors.ValidationError(f"ChangeSet [{text}] is not a valid ARN")


async def seek(call: Call, request: dict[str, Any]) -> ChangeSet:
    """The change set that another operation names."""
    try:
        return (await find(call, request))[0]
    except ServiceError:
        if not request["ChangeSetName"].startswith("arn:") and not request.get("StackName"):
            raise errors.ValidationError("StackName is a required parameter.") from None
        raise
