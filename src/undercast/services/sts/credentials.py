"""Making credentials of a session, and telling who holds the ones that a call came with."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from typing import Any

from undercast.kit.call import Call
from undercast.kit.credentials import Identity, issue_access_key, issue_session_token
from undercast.kit.errors import NotImplementedYet, ServiceError
from undercast.services.sts.model import Session


def issue(call: Call, identity: Identity, session: Session, duration_s: int) -> dict[str, Any]:
    """Temporary credentials for an identity, as answers show them."""
    key = issue_access_key(identity.account, "ASIA", call.ids.bytes(3))
    expires_at = (call.now // 1000 + duration_s) * 1000
    holder = replace(identity, access_key=key, session=session.to_json(call.now))
    return {
        "AccessKeyId": key,
        "SecretAccessKey": b64encode(call.ids.bytes(30)).decode(),
        "SessionToken": issue_session_token(holder, expires_at),
        "Expiration": expires_at,
    }


async def caller(call: Call) -> Identity:
    """Who calls: the session, or the user whose access key signed the call, or the account itself."""
    identity = call.identity
    if identity.session is not None or identity.service or not identity.access_key.startswith("AKIA"):
        return identity
    try:
        used = await call.aws.iam.get_access_key_last_used(AccessKeyId=identity.access_key)
        user = (await call.aws.iam.get_user(UserName=used["UserName"]))["User"]
    except ServiceError as error:
        if error.code != "NoSuchEntity":
            raise
        return identity  # a key that nobody issued: it says its account all the same
    return replace(identity, arn=user["Arn"], user_id=user["UserId"])


def refuse_mfa(request: dict[str, Any]) -> None:
    """A code that nobody checks would be a lie."""
    if request.get("TokenCode"):
        raise NotImplementedYet("Undercast does not check MFA codes (TokenCode) in STS yet.")
