"""Parameter mapping: what `method.request.querystring.page` or `'static'` stands for in one request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

from undercast.engines import jsonpath

if TYPE_CHECKING:
    from undercast.services.apigateway.execute.exchange import Exchange, Headers


def of_request(exchange: Exchange, expression: str) -> list[str]:
    """The values of an expression for an integration's request; none when it leads to nothing."""
    if not expression.startswith("method.request."):
        return _common(exchange, expression)
    place, _, name = expression.removeprefix("method.request.").partition(".")
    if place.startswith("body"):
        return _of_body(exchange.text, expression.removeprefix("method.request.body").lstrip("."))
    if place == "path":
        return _one(exchange.path_params.get(name))
    if place == "header":
        return _one(exchange.request.headers.get(name.lower()))
    if place == "querystring":
        return _one(exchange.query.get(name))
    if place == "multivaluequerystring":
        return exchange.multi_query.get(name, [])
    return [value for other, value in exchange.raw_headers if other.lower() == name.lower()]


def of_response(exchange: Exchange, expression: str, headers: Headers, body: bytes) -> list[str]:
    """The values of an expression for a method's response."""
    if not expression.startswith("integration.response."):
        return _common(exchange, expression)
    place, _, name = expression.removeprefix("integration.response.").partition(".")
    if place.startswith("body"):
        path = expression.removeprefix("integration.response.body").lstrip(".")
        return _of_body(body.decode(errors="replace"), path)
    values = [value for other, value in headers if other.lower() == name.lower()]
    return values if place == "multivalueheader" else values[-1:]


def _common(exchange: Exchange, expression: str) -> list[str]:
    if expression.startswith("'"):
        return [expression[1:-1]]
    root, _, path = expression.partition(".")
    if root == "stageVariables":
        return _one(exchange.served.variables.get(path))
    value: Any = exchange.context if root == "context" else None
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return _one(None if value is None else value if isinstance(value, str) else orjson.dumps(value).decode())


def _of_body(text: str, path: str) -> list[str]:
    if not path:
        return [text]
    try:
        value = jsonpath.compile(f"$.{path}" if not path.startswith("[") else f"${path}").find(orjson.loads(text))
    except (ValueError, jsonpath.JsonPathError, jsonpath.PathNotFound):
        return []
    if value is None:
        return []
    return [value if isinstance(value, str) else orjson.dumps(value).decode()]


def _one(value: str | None) -> list[str]:
    return [] if value is None else [value]
