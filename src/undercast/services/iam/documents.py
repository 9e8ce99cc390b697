"""The one place where IAM reads policy documents, and how it writes them."""

from __future__ import annotations

from urllib.parse import quote

from undercast.engines import policies
from undercast.services.iam import errors
from undercast.services.iam.model import size_of

_TRUST_SIZE = 2048


def check_identity(text: str, *, old: bool = False) -> None:
    """MalformedPolicyDocument unless `text` is a policy that an identity can have.

    Only inline policies may be `old`: without Version, as those that SAM's policy templates make.
    """
    parse(text, "identity", old=old)


def check_trust(text: str) -> None:
    """MalformedPolicyDocument unless `text` can say who may assume a role; LimitExceeded when it is too large."""
    parse(text, "trust")
    if size_of(text) > _TRUST_SIZE:
        raise errors.LimitExceeded(f"Cannot exceed quota for ACLSizePerRole: {_TRUST_SIZE}")


def encode(text: str) -> str:
    """A document as IAM puts it into answers: percent-encoded as RFC 3986 says."""
    return quote(text, safe="-._~")


def parse(text: str, kind: policies.Kind, *, old: bool = False) -> policies.Policy:
    """MalformedPolicyDocument."""
    try:
        return policies.parse(text, kind=kind, old=old)
    except policies.MalformedPolicy as error:
        raise errors.MalformedPolicyDocument(str(error)) from None
