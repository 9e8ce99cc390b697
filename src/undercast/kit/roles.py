"""Roles in which services act for their customers."""

from __future__ import annotations

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError


async def trusts(call: Call, role_arn: str, principal: str) -> bool:
    """Whether a role lets a service (`scheduler.amazonaws.com`) assume it.

    One that IAM does not have counts as a name and does: docs/decisions/0008-roles-that-are-not-there.md.
    """
    role = Arn.parse(role_arn)
    try:
        found = await call.into(account=role.account).aws.iam.get_role(RoleName=role.resource.rpartition("/")[2])
        if found["Role"]["Arn"] == role_arn:
            await call.as_service(principal).aws.sts.assume_role(RoleArn=role_arn, RoleSessionName="check")
    except ServiceError as error:
        if error.code not in ("NoSuchEntity", "AccessDenied"):
            raise
        return error.code == "NoSuchEntity"
    return True
