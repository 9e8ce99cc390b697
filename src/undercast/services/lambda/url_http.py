"""Function URLs: an HTTP request becomes an event of payload format 2.0, and what the function returns a response.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

from __future__ import annotations

import asyncio
import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import orjson

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.kit.http import Request, Response
from undercast.runtime import Outcome

from . import storage, targets, url_cors, urls
from .execution import ChunkQueue, run
from .invoking import SYNC_LIMIT_BYTES
from .names import Reference

PATH = "/_aws/lambda-url/"

_HOST = re.compile(r"([a-z0-9]{32})\.lambda-url\.")
_TEXT = re.compile(
    r"text/.*|application/(json|javascript|xml|x-www-form-urlencoded|.*\+(json|xml))|multipart/form-data", re.I
)
_INTEGRATION = "application/vnd.awslambda.http-integration-response"
_PRELUDE_END = b"\0" * 8


async def serve(call: Call, request: Request) -> Response:
    """Answer a request to a function URL."""
    id, path = _split(request)
    account = urls.account_of(id)
    found = await call.into(account=account).transact(_find, id) if account else None
    if found is None:
        return _message(404, "Not Found")
    reference, config = found
    cors = config.get("Cors") or {}
    if cors and url_cors.is_preflight(request):
        return url_cors.preflight(request, cors)
    if config["AuthType"] == "AWS_IAM" and not call.identity.access_key:
        return _message(403, "Forbidden")
    call = call.into(account=reference.account, region=reference.region)
    call.service = "lambda"
    response = await _invoke(call, request, reference, config, id, path)
    return url_cors.allow(request, response, cors)


async def _invoke(
    call: Call, request: Request, reference: Reference, config: dict[str, Any], id: str, path: str
) -> Response:
    if len(request.body) > SYNC_LIMIT_BYTES:
        return _message(413, "Request Entity Too Large")
    event = orjson.dumps(_event(call, request, config, id, path))
    try:
        version, function = await call.transact(targets.choose, reference)
        if config.get("InvokeMode") == "RESPONSE_STREAM":
            return await _streamed(call, run, reference, version, function, event)
        outcome = await run(call, reference, version, function, event)
    except ServiceError as error:
        status = {"TooManyRequestsException": 429}.get(error.code, 502)
        return _message(status, "Rate Exceeded." if status == 429 else "Internal Server Error")
    return _response(call, outcome)


async def _streamed(call: Call, run: Any, *invocation: Any) -> Response:
    sink = ChunkQueue()
    running = asyncio.ensure_future(run(call, *invocation, stream=sink))
    running.add_done_callback(lambda _: sink.end())
    await sink.started.wait()
    if running.done() and (running.exception() or running.result().payload):
        return _response(call, running.result())  # an error, or a function that does not stream
    chunks = sink.chunks()
    if sink.content_type != _INTEGRATION:
        headers = [("Content-Type", sink.content_type), ("x-amzn-RequestId", call.request_id)]
        return Response(200, headers, _kept(chunks, running))
    head, rest = await _prelude(chunks)
    return _head(call, head, _kept(_after(rest, chunks), running))


async def _kept(chunks: AsyncIterator[bytes], running: asyncio.Future[Outcome]) -> AsyncIterator[bytes]:
    """The chunks; the invocation is looked at in the end, so that its failure does not go unseen."""
    async for chunk in chunks:
        yield chunk
    await running


async def _after(first: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if first:
        yield first
    async for chunk in chunks:
        yield chunk


async def _prelude(chunks: AsyncIterator[bytes]) -> tuple[dict[str, Any], bytes]:
    """Status and headers, which come as JSON before eight zero bytes, and what came of the body with them."""
    data = b""
    async for chunk in chunks:
        data += chunk
        if _PRELUDE_END in data:
            head, _, rest = data.partition(_PRELUDE_END)
            return orjson.loads(head), rest
    return {}, data


async def _find(call: Call, id: str) -> tuple[Reference, dict[str, Any]] | None:
    reference = await storage.find_url(call, id)
    config = await storage.find_setting(call, reference, urls.URL) if reference else None
    return (reference, config) if reference and config else None


def _split(request: Request) -> tuple[str, str]:
    """The URL's id and the path behind it."""
    if match := _HOST.match(request.host):
        return match[1], request.path
    id, _, path = request.path[len(PATH) :].partition("/")
    return id, f"/{path}"


def _event(call: Call, request: Request, config: dict[str, Any], id: str, path: str) -> dict[str, Any]:
    headers = {**request.headers}
    cookies = [one.strip() for one in headers.pop("cookie", "").split(";") if one.strip()]
    headers |= {
        "x-forwarded-for": request.source_ip,
        "x-forwarded-proto": request.scheme,
        "x-forwarded-port": request.host.partition(":")[2] or ("443" if request.scheme == "https" else "80"),
    }
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": unquote(path),
        "rawQueryString": request.query_string,
        "headers": headers,
        "requestContext": _context(call, request, config, id, unquote(path)),
        "isBase64Encoded": False,
    }
    if cookies:
        event["cookies"] = cookies
    if request.query_string:
        event["queryStringParameters"] = _query(request)
    if request.body:
        event["body"], event["isBase64Encoded"] = _body(request)
    return event


def _context(call: Call, request: Request, config: dict[str, Any], id: str, path: str) -> dict[str, Any]:
    moment = datetime.fromtimestamp(call.now / 1000, UTC)
    signed = config["AuthType"] == "AWS_IAM"
    context: dict[str, Any] = {
        "accountId": call.identity.account if signed else "anonymous",
        "apiId": id,
        "domainName": request.host,
        "domainPrefix": id,
        "http": {
            "method": request.method,
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": request.source_ip,
            "userAgent": request.headers.get("user-agent", ""),
        },
        "requestId": call.request_id,
        "routeKey": "$default",
        "stage": "$default",
        "time": moment.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": call.now,
    }
    if signed:
        identity = call.identity
        context["authorizer"] = {
            "iam": {
                "accessKey": identity.access_key,
                "accountId": identity.account,
                "callerId": identity.user_id,
                "cognitoIdentity": None,
                "principalOrgId": None,
                "userArn": identity.arn,
                "userId": identity.user_id,
            }
        }
    return context


def _query(request: Request) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in request.query:
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


def _body(request: Request) -> tuple[str, bool]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if _TEXT.fullmatch(kind) or not kind:
        try:
            return request.body.decode(), False
        except UnicodeDecodeError:
            pass
    return b64encode(request.body).decode(), True


def _response(call: Call, outcome: Outcome) -> Response:
    if outcome.error:
        return _message(502, "Internal Server Error")
    try:
        answer = orjson.loads(outcome.payload)
    except orjson.JSONDecodeError:
        answer = outcome.payload.decode("utf-8", "replace")
    if isinstance(answer, dict) and "statusCode" in answer:
        try:
            return _head(call, answer, _answer_body(answer))
        except (ValueError, TypeError, NotBase64):
            return _message(502, "Internal Server Error")
    text = answer.encode() if isinstance(answer, str) else outcome.payload
    return Response(200, [("Content-Type", "application/json"), ("x-amzn-RequestId", call.request_id)], text)


def _answer_body(answer: dict[str, Any]) -> bytes:
    body = answer.get("body")
    text = body if isinstance(body, str) else "" if body is None else orjson.dumps(body).decode()
    return b64decode(text, validate=True) if answer.get("isBase64Encoded") else text.encode()


def _head(call: Call, answer: dict[str, Any], body: bytes | AsyncIterator[bytes]) -> Response:
    headers = [(str(name), str(value)) for name, value in (answer.get("headers") or {}).items() if value is not None]
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "application/json"))
    headers += [("Set-Cookie", str(cookie)) for cookie in answer.get("cookies") or ()]
    headers.append(("x-amzn-RequestId", call.request_id))
    return Response(int(answer.get("statusCode") or 200), headers, body)


def _message(status: int, text: str) -> Response:
    return Response(status, [("Content-Type", "application/json")], orjson.dumps({"Message": text}))
