"""`apigateway:invoke`: a method of an API's stage.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-api-gateway.html
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import orjson

from undercast.kit import outgoing
from undercast.kit.call import Call
from undercast.kit.outgoing import NoAnswer, Outgoing
from undercast.kit.signing import signed
from undercast.services.stepfunctions.integrations import exchanges, operations
from undercast.services.stepfunctions.integrations.model import Failed, InvalidArguments, Outcome, Task

_FIELDS = (
    "AllowNullValues", "ApiEndpoint", "AuthType", "Headers", "Method", "Path", "QueryParameters", "RequestBody", "Stage",
)  # fmt: skip
_ENDPOINT = re.compile(r"(?:https?://)?(?P<api>[a-z0-9]+)\.execute-api\.[^/]+/?")
_SIGNED = ("IAM_ROLE", "RESOURCE_POLICY")
_TIMEOUT_S = 30
_BODILESS = ("GET", "HEAD", "OPTIONS")


def check(task: Task) -> None:
    """InvalidArguments."""
    exchanges.check(task, _FIELDS, ("ApiEndpoint", "Method"))
    arguments = task.arguments
    if not _ENDPOINT.fullmatch(arguments["ApiEndpoint"]):
        raise InvalidArguments("The value of the field 'ApiEndpoint' has an invalid format")
    for name in ("Headers", "QueryParameters"):
        if not _is_map_of_lists(arguments.get(name) or {}):
            raise InvalidArguments(f"The value of the field '{name}' has an invalid format")
    if arguments.get("AuthType", "NO_AUTH") not in ("NO_AUTH", *_SIGNED):
        raise InvalidArguments("The value of the field 'AuthType' has an invalid format")


async def start(call: Call, task: Task) -> Outcome:
    """Call the method. A status that is no success is the error `ApiGateway.<status>`."""
    request = _request(call, task.arguments)
    if task.arguments.get("AuthType") in _SIGNED:
        request = await signed(call, request, task.role_arn, "states.amazonaws.com", "execute-api")
    waits = bool(task.resource.pattern)
    try:
        answer = await outgoing.send(call.platform, request, task.timeout_s or _TIMEOUT_S)
    except NoAnswer as error:
        return Failed("ApiGateway.SdkClientException", str(error), submitting=waits)
    if answer.status >= 300:
        return Failed(f"ApiGateway.{answer.status}", answer.body.decode("utf-8", "replace"), submitting=waits)
    return operations.succeeded(task, exchanges.shown(answer))


def _request(call: Call, arguments: dict[str, Any]) -> Outgoing:
    endpoint = _ENDPOINT.fullmatch(arguments["ApiEndpoint"])
    assert endpoint is not None
    path = "/".join(filter(None, (arguments.get("Stage"), str(arguments.get("Path") or "").strip("/"))))
    url = f"{call.platform.endpoint_url}/_aws/execute-api/{endpoint['api']}/{quote(path, safe='/%')}"
    body = arguments.get("RequestBody")
    given = {
        name: ",".join(map(operations.as_text, values)) for name, values in (arguments.get("Headers") or {}).items()
    }
    headers = {"User-Agent": "Amazon|StepFunctions|ApiGatewayInvoke", **given}
    if body is None or arguments["Method"] in _BODILESS:
        content = b""
    else:
        headers = {"Content-Type": "application/json", **headers}
        content = orjson.dumps(body if arguments.get("AllowNullValues") else _without_nulls(body))
    return Outgoing(arguments["Method"], exchanges.with_query(url, arguments.get("QueryParameters")), headers, content)


def _is_map_of_lists(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(one, list) for one in value.values())


def _without_nulls(value: Any) -> Any:
    """AWS leaves nulls out unless AllowNullValues says otherwise."""
    if isinstance(value, dict):
        return {name: _without_nulls(inner) for name, inner in value.items() if inner is not None}
    return value
