"""Operations for the caller itself: who it is, and temporary credentials of its own."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.kit.credentials import Identity, account_of
from undercast.services.sts import credentials, errors
from undercast.services.sts.model import Session, check_packed, check_policy, session_tags

_HOUR_S, _HALF_DAY_S = 3600, 43_200


async def get_caller_identity(call: Call, _request: dict[str, Any]) -> dict[str, Any]:
    """Who calls."""
    identity = await credentials.caller(call)
    return {"UserId": identity.user_id, "Account": identity.account, "Arn": identity.arn}


async def get_access_key_info(_call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The account of an access key; the key itself says it."""
    return {"Account": account_of(request["AccessKeyId"])}


async def get_session_token(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Temporary credentials with which a user is still that user."""
    _refuse_sessions(call, "GetSessionToken")
    credentials.refuse_mfa(request)
    identity = await credentials.caller(call)
    return {"Credentials": await credentials.issue(call, identity, Session(), _duration_s(request, identity))}


async def get_federation_token(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Temporary credentials for someone whom the caller vouches for."""
    _refuse_sessions(call, "GetFederationToken")
    caller = await credentials.caller(call)
    arns = tuple(policy["arn"] for policy in request.get("PolicyArns") or ())
    session = Session("", session_tags(request.get("Tags")), (), None, request.get("Policy"), arns)
    check_policy(session.policy)
    check_packed(session)
    arn = f"arn:aws:sts::{caller.account}:federated-user/{request['Name']}"
    identity = Identity(caller.account, arn, f"{caller.account}:{request['Name']}")
    return {
        "Credentials": await credentials.issue(call, identity, session, _duration_s(request, caller)),
        "FederatedUser": {"FederatedUserId": identity.user_id, "Arn": arn},
        "PackedPolicySize": session.packed_percent,
    }


def _refuse_sessions(call: Call, operation: str) -> None:
    if call.identity.session is not None:
        raise errors.AccessDenied(f"Cannot call {operation} with session credentials")


def _duration_s(request: dict[str, Any], identity: Identity) -> int:
    """The account itself gets an hour at most, and that without an error."""
    wanted = request.get("DurationSeconds") or _HALF_DAY_S
    return min(wanted, _HOUR_S) if identity.arn.endswith(":root") else wanted
