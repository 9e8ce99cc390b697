"""Which web pages may call the platform from a browser: those that this machine serves, and those the user names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from undercast.kit.http import Request, Response

_LOCAL = re.compile(r"^https?://(localhost|127\.0\.0\.1|\[::1\]|([a-z0-9-]+\.)*localhost\.localstack\.cloud)(:\d+)?$")


def is_preflight(request: Request) -> bool:
    """A browser asks whether it may ask."""
    return request.method == "OPTIONS" and "access-control-request-method" in request.headers


def preflight(request: Request, origins: Sequence[str]) -> Response:
    """The answer to a browser's preflight."""
    if not _allowed(request.headers.get("origin", ""), origins):
        return Response(
            403, [("Content-Type", "text/plain")], b"This origin is not allowed; see `undercast up --cors`."
        )
    headers = [
        ("Access-Control-Allow-Methods", "GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS"),
        ("Access-Control-Allow-Headers", request.headers.get("access-control-request-headers", "*")),
        ("Access-Control-Max-Age", "600"),
    ]
    return allow(request, Response(204, headers), origins)


def allow(request: Request, response: Response, origins: Sequence[str]) -> Response:
    """Tell the browser that the page may read the answer, when it may."""
    origin = request.headers.get("origin", "")
    if origin and _allowed(origin, origins):
        response.headers += [
            ("Access-Control-Allow-Origin", origin),
            (
                "Access-Control-Expose-Headers",
                "ETag,x-amzn-RequestId,x-amz-request-id,x-amzn-ErrorType,x-amz-version-id",
            ),
            ("Vary", "Origin"),
        ]
    return response


def _allowed(origin: str, origins: Sequence[str]) -> bool:
    return bool(_LOCAL.match(origin)) or origin in origins or "*" in origins
