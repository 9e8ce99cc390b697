"""Who calls, where: read from the signature's scope. Signatures themselves are not verified on loopback."""

from __future__ import annotations

from functools import lru_cache

from undercast.kit.credentials import DEFAULT_ACCOUNT, Identity, account_of, read_session_token, root_identity
from undercast.kit.errors import ServiceError
from undercast.kit.http import Request

DEFAULT_REGION = "us-east-1"
_ALGORITHMS = ("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256")


class IncompleteSignature(ServiceError):
    """The request signature does not conform to AWS standards."""

    code = "IncompleteSignatureException"
    status = 400
    modelled = False


class ExpiredToken(ServiceError):
    """The security token included in the request is expired"""

    code = "ExpiredTokenException"
    status = 400
    modelled = False


class Scope:
    """What a credential scope names: `key/date/region/service/aws4_request`."""

    __slots__ = ("access_key", "region", "service")

    def __init__(self, access_key: str = "", region: str = DEFAULT_REGION, service: str = "") -> None:
        self.access_key = access_key
        self.region = region
        self.service = service


_ANONYMOUS = Scope()


def scope_of(request: Request) -> Scope:
    """The credential scope of a header or presigned signature; empty for an unsigned request.

    IncompleteSignature when there is a signature but it does not have the shape AWS demands.
    """
    header = request.headers.get("authorization", "")
    if header.startswith(_ALGORITHMS):
        start = header.find("Credential=")
        if start < 0 or "Signature=" not in header or "SignedHeaders=" not in header:
            raise IncompleteSignature(_missing_parts(header, request))
        start += len("Credential=")
        return _parse_scope(header[start:].partition(",")[0].partition(" ")[0])
    if "X-Amz-Credential=" in request.query_string:
        return _parse_scope(dict(request.query).get("X-Amz-Credential", ""))
    if header.startswith("AWS ") and ":" in header:  # signature version 2
        return Scope(header[4:].partition(":")[0], DEFAULT_REGION, "s3")
    if "AWSAccessKeyId=" in request.query_string:
        return Scope(dict(request.query).get("AWSAccessKeyId", ""), DEFAULT_REGION, "s3")
    return _ANONYMOUS


def identity_of(request: Request, scope: Scope, now: int) -> Identity:
    """The identity behind the access key and session token. ExpiredToken when a session of ours has ended."""
    token = request.headers.get("x-amz-security-token") or _presigned_token(request)
    if token and (session := read_session_token(token)):
        identity, expires_at = session
        if expires_at < now:
            raise ExpiredToken()
        return identity
    return _root(scope.access_key)


@lru_cache(maxsize=4096)
def _root(access_key: str) -> Identity:
    return root_identity(account_of(access_key) if access_key else DEFAULT_ACCOUNT, access_key)


@lru_cache(maxsize=4096)
def _parse_scope(credential: str) -> Scope:
    parts = credential.rsplit("/", 4)
    if len(parts) != 5 or not all(parts):
        raise IncompleteSignature(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, "
            f"got '{credential}'"
        )
    return Scope(access_key=parts[0], region=parts[2], service=parts[3])


def _presigned_token(request: Request) -> str:
    return (
        dict(request.query).get("X-Amz-Security-Token", "") if "X-Amz-Security-Token=" in request.query_string else ""
    )


def _missing_parts(header: str, request: Request) -> str:
    sentences = [
        f"Authorization header requires '{part}' parameter."
        for part in ("Credential", "Signature", "SignedHeaders")
        if f"{part}=" not in header
    ]
    if "x-amz-date" not in request.headers and "date" not in request.headers:
        sentences.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    return f"{' '.join(sentences)} Authorization={header}"
