"""The role in which CloudFormation makes, changes and deletes what is in a stack, instead of in its caller's name."""

from __future__ import annotations

from typing import Any

from undercast.kit import roles
from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.services.cloudformation import errors
from undercast.services.cloudformation.model import Stack

_SERVICE = "cloudformation.amazonaws.com"


async def wanted(call: Call, request: dict[str, Any]) -> str:
    """The role that a request names, "" for none. ValidationError for one that CloudFormation cannot assume."""
    arn: str = request.get("RoleARN") or ""
    if arn and not (_is_ours(call, arn) and await roles.trusts(call, arn, _SERVICE)):
        raise errors.ValidationError(f"Role {arn} is invalid or cannot be assumed")
    return arn


def acting(call: Call, stack: Stack) -> Call:
    """The call in the name of the stack's role, if it has one."""
    return call.as_role(stack.role_arn, "AWSCloudFormation") if stack.role_arn else call


def _is_ours(call: Call, arn: str) -> bool:
    try:
        role = Arn.parse(arn)
    except ValueError:
        return False
    return (role.service, role.account) == ("iam", call.account) and role.resource.startswith("role/")
