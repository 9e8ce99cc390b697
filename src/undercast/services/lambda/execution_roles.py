"""In whose name a function runs: the credentials of its role."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError

from . import errors

log = logging.getLogger("undercast.lambda")

PRINCIPAL = "lambda.amazonaws.com"
_REFUSED = "The role defined for the function cannot be assumed by Lambda."


async def check(call: Call, role_arn: str) -> None:
    """Refuse a role that does not trust Lambda, as AWS does. InvalidParameterValueException.

    A role that is not there passes: see docs/decisions/0008-roles-that-are-not-there.md.
    """
    if await _exists(call, role_arn):
        try:
            await _assume(call, role_arn, "check")
        except errors.AccessDeniedException:
            raise errors.InvalidParameterValueException(_REFUSED) from None


async def credentials(call: Call, role_arn: str, name: str) -> Mapping[str, Any] | None:
    """Credentials of the role for a function's environment; None when IAM has no such role. AccessDeniedException."""
    if await _exists(call, role_arn):
        return await _assume(call, role_arn, name.ljust(2, "-"))  # STS takes no session name of one letter
    log.warning("%s: IAM has no role %s, so it runs with the rights of its account", name, role_arn)
    return None


async def _assume(call: Call, role_arn: str, session: str) -> Mapping[str, Any]:
    try:
        answer = await call.as_service(PRINCIPAL).aws.sts.assume_role(RoleArn=role_arn, RoleSessionName=session)
    except ServiceError as error:
        if error.code != "AccessDenied":
            raise
        raise errors.AccessDeniedException(_REFUSED) from None
    issued: Mapping[str, Any] = answer["Credentials"]
    return issued


async def _exists(call: Call, role_arn: str) -> bool:
    role = Arn.parse(role_arn)
    try:
        found = await call.into(account=role.account).aws.iam.get_role(RoleName=role.resource.rpartition("/")[2])
    except ServiceError as error:
        if error.code != "NoSuchEntity":
            raise
        return False
    return bool(found["Role"]["Arn"] == role_arn)
