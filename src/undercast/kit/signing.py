"""Signs requests that a service sends outside in the name of a role."""

from __future__ import annotations

from dataclasses import replace

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.kit.outgoing import Outgoing


async def signed(call: Call, request: Outgoing, role_arn: str, principal: str, service: str) -> Outgoing:
    """The request with the signature of a role that `principal` (`states.amazonaws.com`) assumes. ServiceError."""
    from botocore.auth import SigV4Auth  # noqa: PLC0415  takes 0.1 s, which services that sign nothing should not
    from botocore.awsrequest import AWSRequest  # noqa: PLC0415  as above
    from botocore.credentials import Credentials  # noqa: PLC0415  as above

    session = principal.partition(".")[0]
    try:
        made = await call.as_service(principal).aws.sts.assume_role(RoleArn=role_arn, RoleSessionName=session)
        keys = made["Credentials"]
        credentials = Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    except ServiceError as error:
        if error.code not in ("NoSuchEntity", "AccessDenied"):
            raise
        credentials = Credentials(call.account, "-")  # a role that is not there: docs/decisions/0008
    whole = AWSRequest(request.method, request.url, request.headers, request.body)
    SigV4Auth(credentials, service, call.region).add_auth(whole)
    return replace(request, headers=dict(whole.headers.items()))
