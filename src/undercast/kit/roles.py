"""Roles in which services act for their customers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError


async def trusts(call: Call, role_arn: str, principal: str) -> bool:
    """Whether a role lets a service (`scheduler.amazonaws.com`) assume it. One that IAM does not have does."""
    try:
        await assume(call, role_arn, principal, "check")
    except ServiceError as error:
        if error.code != "AccessDenied":
            raise
        return False
    return True


async def assume(call: Call, role_arn: str, principal: str, session: str) -> Mapping[str, Any] | None:
    """Credentials of a role for a service. ServiceError AccessDenied when the role does not trust it.

    A role that IAM does not have is a name without credentials: docs/decisions/0008-roles-that-are-not-there.md.
    """
    role, service = Arn.parse(role_arn), call.as_service(principal)
    try:
        found = await service.into(account=role.account).aws.iam.get_role(RoleName=role.resource.rpartition("/")[2])
    except ServiceError as error:
        if error.code != "NoSuchEntity":
            raise
        return None
    if found["Role"]["Arn"] != role_arn:
        return None
    issued: Mapping[str, Any] = (
        await service.aws.sts.assume_role(RoleArn=role_arn, RoleSessionName=session)
    )["Credentials"]  # fmt: skip
    return issued
