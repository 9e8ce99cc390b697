"""`$context.requestId` and its like in texts that are no templates: gateway responses and access log formats."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from undercast.services.apigateway.execute.exchange import Exchange

_VARIABLE = re.compile(r"\$(\{)?(context|stageVariables|method\.request)\.([\w.\-]+)(?(1)\})")
_ROOTS = ("context", "stageVariables", "method.request")


def substituted(exchange: Exchange, text: str, nothing: str = "") -> str:
    """`text` with the values of its variables; `nothing` for those that have none."""
    return _VARIABLE.sub(lambda found: _lookup(exchange, found[2], found[3]) or nothing, text)


def value(exchange: Exchange, expression: str) -> str:
    """The value of one expression, `'static'` or `method.request.header.Origin`."""
    if expression.startswith("'"):
        return expression.strip("'")
    for root in _ROOTS:
        if expression.startswith(root + "."):
            return _lookup(exchange, root, expression[len(root) + 1 :])
    return ""


def _lookup(exchange: Exchange, root: str, path: str) -> str:
    if root == "stageVariables":
        return exchange.served.variables.get(path, "")
    if root == "method.request":
        place, _, name = path.partition(".")
        if place == "header":
            return exchange.header(name)
        return (exchange.query if place == "querystring" else exchange.path_params).get(name, "")
    value: object = {**(exchange.context if hasattr(exchange, "method") else {}), "error": exchange.error, **exchange.outcome,
                     "requestId": exchange.request_id, "extendedRequestId": exchange.extended_id}  # fmt: skip
    for part in path.rstrip(".").split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return "" if value is None else str(value)
