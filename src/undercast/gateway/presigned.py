"""Presigned URLs: their form, how long they are good for, and their signature where its secret is known here.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from undercast.kit import signatures
from undercast.kit.clock import Clock
from undercast.kit.errors import ServiceError
from undercast.kit.http import Request
from undercast.kit.signatures import Scope

SecretOf = Callable[[str], Awaitable[str | None]]

_PARAMETERS = (
    "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Expires",
)  # fmt: skip
_OF_SIGNATURE = {*_PARAMETERS, "X-Amz-Content-Sha256"}
_OLD_PARAMETERS = ("AWSAccessKeyId", "Signature", "Expires")
_NEEDS_NO_SIGNATURE = {"x-amz-content-sha256"}
_LONGEST_S = 604_800
_OTHERS_S = "900"  # how long other services take a URL that does not say
_EARLIEST_MS = 15 * 60_000  # how far in the future a URL may be signed
_SECOND_MS = 1000


class AccessDenied(ServiceError):
    """Request has expired"""

    status = 403
    modelled = False


class AuthorizationQueryParametersError(ServiceError):
    """Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, \
X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."""

    status = 400
    modelled = False


class SignatureDoesNotMatch(ServiceError):
    """The request signature we calculated does not match the signature you provided. Check your key and signing \
method."""

    status = 403
    modelled = False


async def check(request: Request, path: str, service: str, clock: Clock, secret_of: SecretOf) -> None:
    """Refuse a presigned request that is malformed, too late or signed for something else; give it the headers that
    stand in its URL. `path` is the path as it was sent. AccessDenied, SignatureDoesNotMatch, …"""
    text = request.query_string
    if "X-Amz-Signature=" in text or "X-Amz-Credential=" in text:
        query = dict(request.query)
        if service != "s3":
            query.setdefault("X-Amz-Expires", _OTHERS_S)
        _check_time(*_read(query), clock)
        await _check_signature(request, query, path, service, secret_of)
    elif "AWSAccessKeyId=" in text and service == "s3":  # version 2
        query = dict(request.query)
        _check_old_time(query, clock)
        await _check_old_signature(request, query, secret_of)
    else:
        return
    for name, value in query.items():  # headers that were signed as part of the URL: metadata, checksums, tags
        if name.lower().startswith("x-amz-") and name not in _OF_SIGNATURE:
            request.headers.setdefault(name.lower(), value)


def _check_time(signed_at: int, valid_s: int, clock: Clock) -> None:
    """A URL tells the second in which it was signed; when the clock was moved within that second, it counts as later."""
    expires_at = clock.when(signed_at + _SECOND_MS - 1) - _SECOND_MS + 1 + valid_s * _SECOND_MS
    if signed_at > clock.now() + _EARLIEST_MS:
        raise AccessDenied("Request is not yet valid")
    if clock.now() > expires_at:
        raise _expired(expires_at, clock, **{"X-Amz-Expires": valid_s})


def _check_old_time(query: Mapping[str, str], clock: Clock) -> None:
    if not all(query.get(name) for name in _OLD_PARAMETERS):
        raise AccessDenied("Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters")
    if not query["Expires"].isdigit():
        raise AccessDenied(f"Invalid date (should be seconds since epoch): {query['Expires']}")
    expires_at = clock.when(int(query["Expires"]) * _SECOND_MS)
    if clock.now() > expires_at:
        raise _expired(expires_at, clock)


def _read(query: Mapping[str, str]) -> tuple[int, int]:
    """When it was signed (milliseconds) and for how long it is valid (seconds). AuthorizationQueryParametersError."""
    if not all(query.get(name) for name in _PARAMETERS):
        raise AuthorizationQueryParametersError()
    if query["X-Amz-Algorithm"] not in ("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"):
        raise AuthorizationQueryParametersError(
            'X-Amz-Algorithm only supports "AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256"'
        )
    date, expires = query["X-Amz-Date"], query["X-Amz-Expires"]
    scope = query["X-Amz-Credential"].rsplit("/", 4)
    if len(scope) != 5:
        raise AuthorizationQueryParametersError(
            "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "
            '"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".'
        )
    try:
        signed_at = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise AuthorizationQueryParametersError(
            "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\""
        ) from None
    if scope[1] != date[:8]:
        raise AuthorizationQueryParametersError(
            f'Invalid credential date "{scope[1]}". This date is not the same as X-Amz-Date: "{date[:8]}".'
        )
    if not re.fullmatch(r"-?\d+", expires):
        raise AuthorizationQueryParametersError("X-Amz-Expires should be a number")
    if int(expires) < 0:
        raise AuthorizationQueryParametersError("X-Amz-Expires must be non-negative")
    if int(expires) > _LONGEST_S:
        raise AuthorizationQueryParametersError(
            f"X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than "
            f"{_LONGEST_S} seconds"
        )
    return int(signed_at.timestamp()) * _SECOND_MS, int(expires)


async def _check_signature(
    request: Request, query: Mapping[str, str], path: str, service: str, secret_of: SecretOf
) -> None:
    """Everything that S3 acts by must be signed; the signature itself is checked where its secret is known."""
    signed = query["X-Amz-SignedHeaders"].lower().split(";")
    if service == "s3":
        amz = {name for name in request.headers if name.startswith("x-amz-")} - _NEEDS_NO_SIGNATURE
        if missing := sorted((amz | {"host"}) - set(signed)):
            raise AccessDenied(
                "There were headers present in the request which were not signed", HeadersNotSigned=", ".join(missing)
            )
    access_key, *parts = query["X-Amz-Credential"].rsplit("/", 4)
    secret = await secret_of(access_key) if query["X-Amz-Algorithm"] == "AWS4-HMAC-SHA256" else None
    if secret is None:
        return
    payload = "UNSIGNED-PAYLOAD" if service == "s3" else sha256(request.body).hexdigest()
    if "x-amz-content-sha256" in signed:
        payload = request.headers.get("x-amz-content-sha256", payload)
    rest = [(name, value) for name, value in request.query if name != "X-Amz-Signature"]
    canonical = signatures.canonical_request(
        request.method, path, rest, request.headers, signed, query.get("X-Amz-Content-Sha256", payload),
        encode_twice=service != "s3",
    )  # fmt: skip
    scope = Scope(*parts[:3])
    text = signatures.string_to_sign(canonical, query["X-Amz-Date"], scope)
    if not signatures.same(signatures.sign(secret, scope, text), query["X-Amz-Signature"]):
        raise SignatureDoesNotMatch(
            **_facts(access_key, text, query["X-Amz-Signature"]),
            CanonicalRequest=canonical, CanonicalRequestBytes=signatures.in_hex(canonical),
        )  # fmt: skip


async def _check_old_signature(request: Request, query: Mapping[str, str], secret_of: SecretOf) -> None:
    secret = await secret_of(query["AWSAccessKeyId"])
    if secret is None:
        return
    text = signatures.old_string_to_sign(
        request.method, request.path, request.query, request.headers, query["Expires"]
    )  # fmt: skip
    if not signatures.same(signatures.old_sign(secret, text), query["Signature"]):
        raise SignatureDoesNotMatch(**_facts(query["AWSAccessKeyId"], text, query["Signature"]))


def _facts(access_key: str, text: str, signature: str) -> dict[str, str]:
    return {
        "AWSAccessKeyId": access_key,
        "StringToSign": text,
        "SignatureProvided": signature,
        "StringToSignBytes": signatures.in_hex(text),
    }


def _expired(expires_at: int, clock: Clock, **extra: Any) -> AccessDenied:
    return AccessDenied(**extra, Expires=_iso(expires_at), ServerTime=_iso(clock.now()))


def _iso(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms // _SECOND_MS, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
