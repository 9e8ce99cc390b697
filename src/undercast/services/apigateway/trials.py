"""Operations that try a method or an authorizer of an API as it is now, without a deployment."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.kit.http import Request, Response
from undercast.kit.service import waits
from undercast.services.apigateway import errors, model, storage
from undercast.services.apigateway.execute import authorization, logs, refusals
from undercast.services.apigateway.execute.exchange import Exchange
from undercast.services.apigateway.execute.gateway import gateway_of
from undercast.services.apigateway.execute.lambda_proxy import whole
from undercast.services.apigateway.execute.refusals import Refused
from undercast.services.apigateway.execute.routing import Router
from undercast.services.apigateway.execute.served import Served
from undercast.services.apigateway.model import Document

_STAGE = "test-invoke-stage"


@waits
async def test_invoke_method(call: Call, request: dict[str, Any]) -> Document:
    """Send a request to a method, without authorizers and limits; the answer has the log of what happened."""
    api = await call.transact(storage.find_api, request["restApiId"], errors.no_resource())
    model.method_of(api, request["resourceId"], request["httpMethod"])
    exchange = _exchange(call, api, request, request["httpMethod"])
    exchange.method = exchange.served.methods[request["resourceId"], request["httpMethod"]]
    path = exchange.method.resource_path
    found = Router([(path, {"ANY": exchange.method})]).match("ANY", exchange.path)
    exchange.path_params = found[1] if found else {}
    logs.begin(exchange)
    started = call.clock.now()
    try:
        response = await gateway_of(call.platform).forward(exchange)
        exchange.note("Successfully completed execution")
    except Refused as refused:
        response = refusals.answer(exchange, refused)
    return await _result(exchange, response, call.clock.now() - started)


@waits
async def test_invoke_authorizer(call: Call, request: dict[str, Any]) -> Document:
    """Ask an authorizer what it says about a request."""
    api = await call.transact(storage.find_api, request["restApiId"])
    authorizer = api["_authorizers"].get(request["authorizerId"])
    if authorizer is None:
        raise errors.NotFoundException("Invalid Authorizer identifier specified")
    root = model.root_of(api)
    root["resourceMethods"]["GET"] = {"httpMethod": "GET", "authorizationType": "NONE", "apiKeyRequired": False}
    exchange = _exchange(call, api, request, "GET")
    exchange.method = exchange.served.methods[root["id"], "GET"]
    started = call.clock.now()
    answer: Document = {"clientStatus": 200}
    try:
        authorization.identity_of(exchange, authorizer)
        opinion = await authorization.ask(exchange, authorizer)
        answer |= {
            "principalId": opinion.principal,
            "policy": orjson.dumps(opinion.policy).decode(),
            "authorization": {name: [value] for name, value in opinion.context.items()} or None,
        }
    except Refused as refused:
        answer["clientStatus"] = refused.status
    return {**answer, "log": _log(exchange), "latency": call.clock.now() - started}


def _exchange(call: Call, api: Document, request: dict[str, Any], method: str) -> Exchange:
    path, _, query = (request.get("pathWithQueryString") or "").partition("?")
    if not path:
        resource = api["_resources"].get(request.get("resourceId"), {})
        path = resource.get("path", "/")
    pairs = [(name, value) for name, values in (request.get("multiValueHeaders") or {}).items() for value in values]
    pairs += list((request.get("headers") or {}).items())
    body = (request.get("body") or "").encode()
    sent = Request(method, path, query, {name.lower(): value for name, value in pairs}, body, raw_headers=pairs)
    served = Served((call.account, call.region), api, {"stageName": _STAGE}, "", request.get("stageVariables") or {})
    exchange = Exchange(call.as_service("apigateway.amazonaws.com"), sent, served, path)
    exchange.log = []
    return exchange


async def _result(exchange: Exchange, response: Response, latency_ms: int) -> Document:
    body = await whole(response.body)
    hidden = {"x-amzn-requestid", "x-amz-apigw-id", "x-amzn-errortype"}
    headers = [item for item in response.headers if item[0].lower() not in hidden]
    logs.end(exchange, response.status, headers, body)
    multi: dict[str, list[str]] = {}
    for name, value in headers:
        multi.setdefault(name, []).append(value)
    return {
        "status": response.status,
        "body": body.decode(errors="replace"),
        "headers": dict(headers),
        "multiValueHeaders": multi,
        "log": _log(exchange),
        "latency": latency_ms,
    }


def _log(exchange: Exchange) -> str:
    time = datetime.fromtimestamp(exchange.call.now / 1000, UTC).strftime("%a %b %d %H:%M:%S UTC %Y")
    lines = "".join(f"{time} : {line}\n" for _, line in exchange.log or ())
    return f"Execution log for request {exchange.request_id}\n{lines}"
