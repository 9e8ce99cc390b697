"""Reads the JSON Web Token of an OpenID Connect provider. Its signature is not verified."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from typing import Any

import orjson

from undercast.services.sts import errors

# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp
_TAGS = "https://aws.amazon.com/tags"
_SOURCE_IDENTITY = "https://aws.amazon.com/source_identity"
_NOT_A_TOKEN = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"


@dataclass(frozen=True)
class Token:
    """The claims of a token that matter to STS."""

    issuer: str
    subject: str
    audience: str
    claims: dict[str, Any]
    tags: dict[str, str]
    transitive: tuple[str, ...]
    source_identity: str | None


def read(text: str, now: int) -> Token:
    """The claims of a token. InvalidIdentityToken, ExpiredTokenException; `now` in milliseconds."""
    claims = _claims(text)
    expires_at = claims.get("exp", 0)
    if now // 1000 >= expires_at:
        raise errors.ExpiredTokenException(
            f"Token expired: current date/time {now // 1000} must be before the expiration date/time {expires_at}"
        )
    audience = claims.get("azp") or claims["aud"]
    tags = claims.get(_TAGS) or {}
    principal = {key: str(value[0] if isinstance(value, list) else value)
                 for key, value in (tags.get("principal_tags") or {}).items()}  # fmt: skip
    return Token(
        issuer=claims["iss"],
        subject=claims["sub"],
        audience=audience[0] if isinstance(audience, list) else audience,
        claims={key: value for key, value in claims.items() if isinstance(value, str | int)},
        tags=principal,
        transitive=tuple(tags.get("transitive_tag_keys") or ()),
        source_identity=claims.get(_SOURCE_IDENTITY),
    )


def _claims(text: str) -> dict[str, Any]:
    parts = text.split(".")
    try:
        claims = orjson.loads(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (IndexError, ValueError, binascii.Error):
        raise errors.InvalidIdentityToken(_NOT_A_TOKEN) from None
    if len(parts) != 3 or not isinstance(claims, dict):
        raise errors.InvalidIdentityToken(_NOT_A_TOKEN)
    for name in ("iss", "sub", "aud", "exp"):
        if not claims.get(name):
            raise errors.InvalidIdentityToken(f"Missing a required claim: {name}")
    if not isinstance(claims["exp"], int) or not isinstance(claims["iss"], str):
        raise errors.InvalidIdentityToken(_NOT_A_TOKEN)
    return claims
