"""What a function URL tells browsers of other sites."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undercast.kit.http import Request, Response


def is_preflight(request: Request) -> bool:
    """A browser asks whether it may ask."""
    return request.method == "OPTIONS" and "access-control-request-method" in request.headers


def preflight(request: Request, cors: Mapping[str, Any]) -> Response:
    """The answer to a browser's question; the function does not see it."""
    return allow(request, Response(200), cors, asked=True)


def allow(request: Request, response: Response, cors: Mapping[str, Any], *, asked: bool = False) -> Response:
    """Add what the configuration says, for the origins that it names."""
    origin = request.headers.get("origin")
    origins = cors.get("AllowOrigins") or ()
    if not origin or not ("*" in origins or origin in origins):
        return response
    headers = [("Access-Control-Allow-Origin", origin if cors.get("AllowCredentials") or "*" not in origins else "*")]
    if cors.get("AllowCredentials"):
        headers.append(("Access-Control-Allow-Credentials", "true"))
    if cors.get("ExposeHeaders"):
        headers.append(("Access-Control-Expose-Headers", ",".join(cors["ExposeHeaders"])))
    if asked:
        headers += [
            ("Access-Control-Allow-Methods", ",".join(cors.get("AllowMethods") or ())),
            ("Access-Control-Allow-Headers", ",".join(cors.get("AllowHeaders") or ())),
        ]
        if cors.get("MaxAge") is not None:
            headers.append(("Access-Control-Max-Age", str(cors["MaxAge"])))
    headers.append(("Vary", "Origin"))
    names = {name.lower() for name, _ in headers}
    response.headers = [pair for pair in response.headers if pair[0].lower() not in names] + headers
    return response
