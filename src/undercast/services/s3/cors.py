"""Which web pages may use a bucket: its CORS configuration at work.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from undercast.kit.call import Call
from undercast.kit.http import Request, Response
from undercast.services.s3 import errors, storage

_LOCAL = re.compile(r"https?://(localhost|127\.0\.0\.1)(:\d+)?")
_VARY = ("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method")
_REFUSAL = (
    "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / "
    "Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec."
)


async def answer_page(call: Call, request: Request) -> Response | list[tuple[str, str]] | None:
    """The answer to a preflight, or the headers for another request; None where no bucket has a say.

    A page on this machine may use a bucket without a configuration. BadRequest, AccessForbidden for a preflight.
    """
    name, _, key = unquote(request.path[1:]).partition("/")
    origin = request.headers.get("origin", "")
    preflight = request.method == "OPTIONS"
    if not name:
        return None
    if not origin:
        raise errors.BadRequest("Insufficient information. Origin request header needed.")
    bucket = await call.transact(storage.bucket_named, name)
    rules = bucket.settings.get("cors") if bucket else None
    if rules is None:
        if not preflight or _LOCAL.fullmatch(origin):
            return None
        why = "CORS is not enabled for this bucket." if bucket else "Bucket not found"
        raise _forbidden(request, f"CORSResponse: {why}", "BUCKET")
    headers = _allowed(rules, request, origin)
    if not preflight:
        return headers
    if not headers:
        raise _forbidden(request, _REFUSAL, "OBJECT" if key else "BUCKET")
    return Response(200, headers)


def _allowed(rules: Sequence[Mapping[str, Any]], request: Request, origin: str) -> list[tuple[str, str]]:
    """The headers that the first rule gives which allows the request; none when none does."""
    method = request.headers.get("access-control-request-method") or request.method
    asked = [name.strip().lower() for name in request.headers.get("access-control-request-headers", "").split(",")]
    asked = [name for name in asked if name]
    for rule in rules:
        if (
            method in rule["AllowedMethods"]
            and _matches(rule["AllowedOrigins"], origin)
            and all(_matches(rule.get("AllowedHeaders") or (), name) for name in asked)
        ):
            return _headers(rule, request, origin, asked)
    return []


def _headers(rule: Mapping[str, Any], request: Request, origin: str, asked: list[str]) -> list[tuple[str, str]]:
    anyone = "*" in rule["AllowedOrigins"]
    headers = [
        ("Access-Control-Allow-Origin", "*" if anyone else origin),
        ("Access-Control-Allow-Methods", ", ".join(rule["AllowedMethods"])),
    ]
    if asked and request.method == "OPTIONS":
        headers.append(("Access-Control-Allow-Headers", ", ".join(asked)))
    if rule.get("ExposeHeaders"):
        headers.append(("Access-Control-Expose-Headers", ", ".join(rule["ExposeHeaders"])))
    if rule.get("MaxAgeSeconds") is not None:
        headers.append(("Access-Control-Max-Age", str(rule["MaxAgeSeconds"])))
    if not anyone:
        headers.append(("Access-Control-Allow-Credentials", "true"))
    return [*headers, _VARY]


def _matches(patterns: Sequence[str], text: str) -> bool:
    return any(_pattern(pattern).fullmatch(text) for pattern in patterns)


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    """An origin or header of a rule, with at most one `*`."""
    return re.compile(".*".join(re.escape(part) for part in text.split("*")), re.IGNORECASE)


def _forbidden(request: Request, message: str, kind: str) -> errors.AccessForbidden:
    method = request.headers.get("access-control-request-method") or "OPTIONS"
    return errors.AccessForbidden(message, Method=method, ResourceType=kind)
