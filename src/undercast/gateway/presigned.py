"""Presigned URLs: their time is limited. (Whether the signature is right is not asked on loopback.)

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from undercast.kit.clock import Clock
from undercast.kit.errors import ServiceError
from undercast.kit.http import Request

_OF_SIGNATURE = {
    "X-Amz-Algorithm", "X-Amz-Content-Sha256", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-Signature",
    "X-Amz-SignedHeaders",
}  # fmt: skip
_LONGEST_S = 604_800
_SECOND_MS = 1000


class AccessDenied(ServiceError):
    """Request has expired"""

    status = 403
    modelled = False


class AuthorizationQueryParametersError(ServiceError):
    """Query-string authentication needs X-Amz-Date and X-Amz-Expires."""

    status = 400
    modelled = False


def check(request: Request, clock: Clock) -> None:
    """AccessDenied when a presigned request comes too late; else gives it the headers that stand in its URL.

    A URL tells the second in which it was signed; when the clock was moved within that second, it counts as later.
    """
    if "Expires=" not in request.query_string:
        return
    query = dict(request.query)
    if "X-Amz-Expires" in query and "X-Amz-Date" in query:
        signed_at, valid_s = _read(query["X-Amz-Date"], query["X-Amz-Expires"])
        expires_at = clock.when(signed_at + _SECOND_MS - 1) - _SECOND_MS + 1 + valid_s * _SECOND_MS
        extra: dict[str, Any] = {"X-Amz-Expires": valid_s}
    elif "AWSAccessKeyId" in query and query.get("Expires", "").isdigit():  # version 2 tells only the end
        expires_at, extra = clock.when(int(query["Expires"]) * _SECOND_MS), {}
    else:
        return
    if clock.now() > expires_at:
        raise AccessDenied(Expires=_iso(expires_at), ServerTime=_iso(clock.now()), **extra)
    for name, value in query.items():  # headers that were signed as part of the URL: metadata, checksums, tags
        if name.lower().startswith("x-amz-") and name not in _OF_SIGNATURE:
            request.headers.setdefault(name.lower(), value)


def _read(date: str, expires: str) -> tuple[int, int]:
    """When it was signed (milliseconds) and for how long it is valid (seconds)."""
    try:
        signed_at = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise AuthorizationQueryParametersError(
            "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\""
        ) from None
    if not expires.isdigit():
        raise AuthorizationQueryParametersError("X-Amz-Expires should be a number")
    if int(expires) > _LONGEST_S:
        raise AuthorizationQueryParametersError(
            f"X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than "
            f"{_LONGEST_S} seconds"
        )
    return int(signed_at.timestamp()) * _SECOND_MS, int(expires)


def _iso(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms // _SECOND_MS, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
