"""Making credentials of a session, and telling who holds the ones that a call came with."""

from __future__ import annotations

import hmac
from base64 import b64encode
from dataclasses import replace
from typing import Any

from undercast.kit.call import Call
from undercast.kit.credentials import Identity, issue_access_key, issue_session_token
from undercast.kit.errors import NotImplementedYet, ServiceError
from undercast.services.sts import storage
from undercast.services.sts.model import Session


async def issue(call: Call, identity: Identity, session: Session, duration_s: int) -> dict[str, Any]:
    """Temporary credentials for an identity, as answers show them."""
    key = issue_access_key(identity.account, "ASIA", call.ids.bytes(3))
    expires_at = (call.now // 1000 + duration_s) * 1000
    holder = replace(identity, access_key=key, session=session.to_json(call.now))
    return {
        "AccessKeyId": key,
        "SecretAccessKey": _secret(await _seal(call.into(account=identity.account)), key),
        "SessionToken": issue_session_token(holder, expires_at),
        "Expiration": expires_at,
    }


async def secret(call: Call, access_key: str) -> str | None:
    """The secret of a temporary key of this account; None where none was ever issued."""
    seal = await storage.find_seal(call)
    return _secret(seal, access_key) if seal else None


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


async def _seal(call: Call) -> str:
    return await storage.find_seal(call) or await storage.make_seal(call)


def _secret(seal: str, access_key: str) -> str:
    """40 characters that follow from the key's id for whoever has the seal."""
    return b64encode(hmac.digest(bytes.fromhex(seal), access_key.encode(), "sha256")[:30]).decode()


def refuse_mfa(request: dict[str, Any]) -> None:
    """A code that nobody checks would be a lie."""
    if request.get("TokenCode"):
        raise NotImplementedYet("Undercast does not check MFA codes (TokenCode) in STS yet.")
