"""What a method calls: the types of integrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from undercast.kit.http import Response
from undercast.kit.outgoing import Client
from undercast.services.apigateway.execute import aws, backend, lambda_proxy
from undercast.services.apigateway.execute.refusals import Refused
from undercast.services.apigateway.execute.transforms import Incoming, answered, outgoing

if TYPE_CHECKING:
    from undercast.services.apigateway.execute.exchange import Exchange


async def answer(exchange: Exchange, backends: Client) -> Response:
    """The method's answer. Refused."""
    kind = exchange.method.integration.type
    if kind == "AWS_PROXY":
        return await lambda_proxy.answer(exchange)
    if kind == "MOCK":
        return _mock(exchange)
    if kind == "AWS":
        return await aws.answer(exchange)
    return await backend.answer(exchange, backends)


def _mock(exchange: Exchange) -> Response:
    """The request's template says a status code; the response for it is the answer."""
    out = outgoing(exchange)
    try:
        status = int(orjson.loads(_lenient(out.body))["statusCode"])
    except (ValueError, TypeError, KeyError):
        exchange.failed(
            "Execution failed due to configuration error: Unable to parse statusCode. It should be an integer that is defined in the request template."
        )
        raise Refused("API_CONFIGURATION_ERROR") from None
    return answered(exchange, Incoming(status, [], b""))


def _lenient(body: bytes) -> bytes:
    """`{statusCode: 200}` counts as JSON here: AWS's own examples write it so."""
    text = body.strip()
    return (
        text.replace(b"statusCode", b'"statusCode"', 1)
        if b'"statusCode"' not in text and b"'statusCode'" not in text
        else text.replace(b"'", b'"')
    )
