"""In whose name a function runs: the credentials of its role."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from undercast.kit import roles
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError

from . import errors

log = logging.getLogger("undercast.lambda")

PRINCIPAL = "lambda.amazonaws.com"
_REFUSED = "The role defined for the function cannot be assumed by Lambda."


async def check(call: Call, role_arn: str) -> None:
    """Refuse a role that does not trust Lambda, as AWS does. InvalidParameterValueException."""
    if not await roles.trusts(call, role_arn, PRINCIPAL):
        raise errors.InvalidParameterValueException(_REFUSED)


async def credentials(call: Call, role_arn: str, name: str) -> Mapping[str, Any] | None:
    """Credentials of the role for a function's environment; None when IAM has no such role. AccessDeniedException."""
    try:
        issued = await roles.assume(call, role_arn, PRINCIPAL, name.ljust(2, "-"))  # STS takes no name of one letter
    except ServiceError as error:
        if error.code != "AccessDenied":
            raise
        raise errors.AccessDeniedException(_REFUSED) from None
    if issued is None:
        log.warning("%s: IAM has no role %s, so it runs with the rights of its account", name, role_arn)
    return issued
