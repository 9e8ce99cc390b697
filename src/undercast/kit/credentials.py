"""Access keys and session tokens that tell whose they are, so that reading them needs no database.

An access key id of 12 digits is the account itself. Keys that Undercast issues carry the account and a check sum in
their 16 characters; every other key belongs to the default account. A session token names the session's identity.
"""

from __future__ import annotations

import binascii
from base64 import b32decode, b32encode, urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256

import orjson

DEFAULT_ACCOUNT = "000000000000"
_TOKEN_MARK = "UndercastSession."


@dataclass(frozen=True, slots=True)
class Identity:
    """Who calls. `arn` is a user's, a session's, the account root's or a service's; `user_id` as AWS shows it."""

    account: str
    arn: str
    user_id: str
    access_key: str = ""
    service: str = ""  # the calling service's name when a service acts, e.g. "sns"
    session: dict[str, object] | None = None  # what the session was made with: tags, source identity…


def root_identity(account: str, access_key: str = "") -> Identity:
    """The account itself."""
    return Identity(account, f"arn:aws:iam::{account}:root", account, access_key)


def issue_access_key(account: str, prefix: str, chance: bytes) -> str:
    """A new access key id ("AKIA…" for users, "ASIA…" for sessions) from at least three random bytes."""
    payload = int(account).to_bytes(5, "big") + chance[:3]
    return prefix + b32encode(payload + sha256(payload).digest()[:2]).decode()


def account_of(access_key: str) -> str:
    """The account an access key id belongs to."""
    if len(access_key) == 12 and access_key.isdigit():
        return access_key
    if len(access_key) == 20:
        try:
            raw = b32decode(access_key[4:])
        except ValueError:  # not base32
            return DEFAULT_ACCOUNT
        account = int.from_bytes(raw[:5], "big")
        if sha256(raw[:8]).digest()[:2] == raw[8:] and account < 10**12:
            return f"{account:012d}"
    return DEFAULT_ACCOUNT


def issue_session_token(identity: Identity, expires_at: int) -> str:
    """A session token that carries the identity; `expires_at` in milliseconds."""
    content = [identity.account, identity.arn, identity.user_id, identity.access_key, expires_at, identity.session]
    return _TOKEN_MARK + urlsafe_b64encode(orjson.dumps(content)).decode()


def read_session_token(token: str) -> tuple[Identity, int] | None:
    """The identity in a session token of ours and when it expires; None for any other text."""
    if not token.startswith(_TOKEN_MARK):
        return None
    try:
        account, arn, user_id, key, expires_at, session = orjson.loads(urlsafe_b64decode(token[len(_TOKEN_MARK) :]))
        expires_at = int(expires_at)
    except (ValueError, TypeError, binascii.Error):  # a client may send anything
        return None
    return Identity(account, arn, user_id, key, session=session), expires_at
