"""Undercast's own paths: health, status, the clock, reset, the console."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import orjson

from undercast.kit.http import Request, Response

Handler = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]
Pages = Callable[[Request], Response | None]


class Internal:
    """Answers `/_undercast/…`, and `/_localstack/health` for clients that wait for it."""

    def __init__(self, handlers: dict[tuple[str, str], Handler], pages: Pages = lambda _request: None) -> None:
        self._handlers = handlers
        self._pages = pages

    async def __call__(self, request: Request) -> Response | None:
        handler = self._handlers.get((request.method, request.path.rstrip("/")))
        if handler is None:
            if any(path == request.path.rstrip("/") for _, path in self._handlers):
                return _json(405, {"message": f"{request.path} does not take {request.method}."})
            if request.method in ("GET", "HEAD") and (page := self._pages(request)):
                return page
            return _json(404, {"message": f"There is nothing at {request.path}."})
        if request.method == "POST" and _from_another_site(request):
            return _json(403, {"message": "Pages of other sites may not do this."})
        try:
            body = orjson.loads(request.body) if request.body else {}
            if not isinstance(body, dict):
                raise ValueError("The body is not a JSON object.")
            return _json(200, await handler(body))
        except ValueError as error:
            return _json(400, {"message": str(error)})


def _json(status: int, value: object) -> Response:
    return Response(status, [("Content-Type", "application/json")], orjson.dumps(value))


def _from_another_site(request: Request) -> bool:
    return request.headers.get("sec-fetch-site") in ("cross-site", "same-site")
