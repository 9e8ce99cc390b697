"""AWS_PROXY: a function that is told everything and answers with the whole response (payload format 1.0).

Source: "Lambda proxy integrations in API Gateway" in the developer guide.
"""

from __future__ import annotations

import asyncio
import binascii
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Mapping
from typing import TYPE_CHECKING, Any

import orjson

from undercast.kit.errors import ServiceError
from undercast.kit.http import Response
from undercast.services.apigateway.execute.exchange import or_none
from undercast.services.apigateway.execute.refusals import Refused

if TYPE_CHECKING:
    from undercast.services.apigateway.execute.exchange import Exchange, Headers

_MEMBERS = {"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"}
_REMAPPED = {"connection", "content-length", "date", "host", "server", "te", "trailer", "transfer-encoding", "upgrade",
             "www-authenticate", "x-amzn-requestid", "x-amz-apigw-id"}  # fmt: skip


async def answer(exchange: Exchange) -> Response:
    """Ask the function. Refused (502) for errors and malformed answers."""
    payload = await invoke(exchange, exchange.method.integration.function_arn, event(exchange))
    return response(exchange, payload)


async def invoke(exchange: Exchange, function_arn: str, payload: bytes) -> bytes:
    """A function's answer. Refused when it fails or cannot be reached."""
    exchange.data(f"Endpoint request body after transformations: {payload.decode(errors='replace')}")
    exchange.note(f"Sending request to {function_arn}")
    try:
        result = await in_time(
            exchange,
            exchange.acting(exchange.method.integration.credentials).aws.lambda_.invoke(
                FunctionName=function_arn, Payload=payload, InvocationType="RequestResponse"
            ),
        )
    except ServiceError as error:
        exchange.failed(f"Execution failed due to configuration error: {error.message}")
        raise Refused("API_CONFIGURATION_ERROR") from None
    body = await whole(result.get("Payload") or b"")
    exchange.data(f"Endpoint response body before transformations: {body.decode(errors='replace')}")
    if result.get("FunctionError"):
        exchange.failed("Lambda execution failed with status 200 due to customer function error")
        if "Task timed out" in body.decode(errors="replace"):
            raise Refused("INTEGRATION_TIMEOUT")
        raise Refused("DEFAULT_5XX", status=502)
    return body


async def in_time(exchange: Exchange, invocation: Awaitable[dict[str, Any]]) -> dict[str, Any]:
    """What an invocation gives. Refused (504) when that takes too long for the method; the function goes on."""
    running = asyncio.ensure_future(invocation)
    done, _ = await asyncio.wait((running,), timeout=exchange.method.integration.timeout_s)
    if not done:
        raise Refused("INTEGRATION_TIMEOUT")
    return running.result()


async def whole(body: Any) -> bytes:
    """A body that may come in chunks."""
    return body if isinstance(body, bytes) else b"".join([chunk async for chunk in body])


def event(exchange: Exchange) -> bytes:
    """The function's event, as JSON."""
    body = exchange.body
    text = None if not body else b64encode(body).decode() if exchange.binary else body.decode(errors="replace")
    return orjson.dumps(
        {
            "resource": exchange.method.resource_path,
            "path": exchange.path,
            "httpMethod": exchange.request.method,
            "headers": exchange.headers,
            "multiValueHeaders": exchange.multi_headers,
            "queryStringParameters": or_none(exchange.query),
            "multiValueQueryStringParameters": or_none(exchange.multi_query),
            "pathParameters": or_none(exchange.path_params),
            "stageVariables": or_none(exchange.served.variables),
            "requestContext": exchange.function_context(),
            "body": text,
            "isBase64Encoded": bool(body) and exchange.binary,
        }
    )


def response(exchange: Exchange, payload: bytes) -> Response:
    """The response that a function's answer describes. Refused (502) when it describes none."""
    try:
        answer = orjson.loads(payload)
        if not isinstance(answer, dict) or answer.keys() - _MEMBERS:
            raise ValueError("not an object with the members of a response")
        status = int(answer.get("statusCode") or 200)
        headers = _headers(answer)
        body = answer.get("body")
        content = b"" if body is None else body.encode() if isinstance(body, str) else _not_text(body)
        if answer.get("isBase64Encoded") and exchange.wants_binary:
            content = b64decode(content, validate=True)
    except (ValueError, TypeError, AttributeError, binascii.Error) as error:
        exchange.failed(f"Execution failed due to configuration error: Malformed Lambda proxy response: {error}")
        raise Refused("DEFAULT_5XX", status=502) from None
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "application/json"))
    headers.append(("X-Amzn-Trace-Id", exchange.trace_id))
    return Response(status, headers, content)


def _headers(answer: Mapping[str, Any]) -> Headers:
    """`headers` and `multiValueHeaders`; where both have a name, the latter's values are used."""
    multi: Mapping[str, Any] = {} if answer.get("multiValueHeaders") is None else answer["multiValueHeaders"]
    single: Mapping[str, Any] = {} if answer.get("headers") is None else answer["headers"]
    many = {name.lower() for name in multi}
    headers = [(name, _text(value)) for name, value in single.items() if name.lower() not in many]
    headers += [(name, _text(value)) for name, values in multi.items() for value in values]
    return [(f"x-amzn-Remapped-{name}" if name.lower() in _REMAPPED else name, value) for name, value in headers]


def _text(value: Any) -> str:
    if isinstance(value, str):
        text = value
    elif value is None:
        text = ""
    elif isinstance(value, bool | int | float):
        text = orjson.dumps(value).decode()
    else:
        raise ValueError("a header is no text")
    if "\r" in text or "\n" in text:
        raise ValueError("a header has line breaks")
    return text


def _not_text(body: Any) -> bytes:
    raise ValueError(f"the body is {type(body).__name__}, not a string")
