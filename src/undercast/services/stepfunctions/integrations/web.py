"""`http:invoke`: any HTTP API, with the authorization of an EventBridge connection.

https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html
Plain http is taken besides https, for servers on the same machine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson

from undercast.kit import connections, outgoing
from undercast.kit.call import Call
from undercast.kit.connections import NotAuthorized
from undercast.kit.errors import ServiceError
from undercast.kit.outgoing import Answer, NoAnswer, Outgoing
from undercast.services.stepfunctions.integrations import exchanges, operations
from undercast.services.stepfunctions.integrations.model import Done, Failed, InvalidArguments, Outcome, Task

_FIELDS = (
    "ApiEndpoint", "Authentication", "Headers", "InvocationConfig", "Method", "QueryParameters", "RequestBody", "Transform",
)  # fmt: skip
_URL = re.compile(r"https?://[^/?#\s]+(?:[/?#]\S*)?")
_TIMEOUT_S = 60
_BODILESS = ("GET", "HEAD", "OPTIONS")
_SUBSCRIPTS = {"BRACKETS": "[]", "INDICES": "[{}]", "REPEAT": ""}  # of an array's elements, by ArrayFormat
_FORMATS = (*_SUBSCRIPTS, "COMMAS", "NONE")


def check(task: Task) -> None:
    """InvalidArguments."""
    exchanges.check(task, _FIELDS, ("ApiEndpoint", "Method"))
    arguments = task.arguments
    if not _URL.fullmatch(arguments["ApiEndpoint"]):
        raise InvalidArguments("The value of the field 'ApiEndpoint' has an invalid format")
    if not isinstance(_connection(arguments), str):
        raise InvalidArguments('The field "Authentication" is required but was missing')
    for name in ("Headers", "QueryParameters"):
        if not isinstance(arguments.get(name) or {}, dict):
            raise InvalidArguments(f"The value of the field '{name}' has an invalid format")
    transform = arguments.get("Transform") or {}
    if (
        transform.get("RequestBodyEncoding", "NONE") not in ("NONE", "URL_ENCODED")
        or _array_format(arguments) not in _FORMATS
    ):
        raise InvalidArguments("The value of the field 'Transform' has an invalid format")
    if _is_form(arguments) and not isinstance(arguments.get("RequestBody") or {}, dict):
        raise InvalidArguments("The value of the field 'RequestBody' has an invalid format")


@dataclass(slots=True)
class Exchange:
    """What goes over the wire: the request as the definition says, as it was sent, and what came back."""

    asked: Outgoing | None = None
    sent: Outgoing | None = None
    answer: Answer | None = None


async def start(call: Call, task: Task, seen: Exchange | None = None) -> Outcome:
    """Send the request. A status that is no success is the error `States.Http.StatusCode.<status>`.

    `seen` is filled with what goes over the wire.
    """
    try:
        answer = await _send(operations.in_role(call, task), task.arguments, seen or Exchange())
    except NoAnswer as error:
        return Failed("States.Http.Socket", str(error))
    except NotAuthorized as error:
        return Failed("Events.ConnectionResource.InvalidConnectionState", str(error))
    except ServiceError as error:
        return Failed("Events.ConnectionResource.NotFound", error.message)
    if not 200 <= answer.status < 300:
        return Failed(f"States.Http.StatusCode.{answer.status}", answer.body.decode("utf-8", "replace"))
    return Done(exchanges.shown(answer))


async def _send(call: Call, arguments: dict[str, Any], seen: Exchange) -> Answer:
    """Once more with a new token when the server takes no more to the old one."""
    connection, seen.asked = _connection(arguments), _request(call.region, arguments)
    seen.sent = await connections.authorized(call, connection, seen.asked)
    seen.answer = await outgoing.send(call.platform, seen.sent, _TIMEOUT_S)
    if seen.answer.status in (401, 407) and seen.sent.headers.get("Authorization", "").startswith("Bearer "):
        seen.sent = await connections.authorized(call, connection, seen.asked, fresh=True)
        seen.answer = await outgoing.send(call.platform, seen.sent, _TIMEOUT_S)
    return seen.answer


def _connection(arguments: dict[str, Any]) -> Any:
    """Both names of the field are AWS's: the older and the newer."""
    return ((arguments.get("Authentication") or arguments.get("InvocationConfig")) or {}).get("ConnectionArn")


def _request(region: str, arguments: dict[str, Any]) -> Outgoing:
    headers = {
        "User-Agent": f"Amazon|StepFunctions|HttpInvoke|{region}",
        "Range": "bytes=0-262144",
        **{name: operations.as_text(value) for name, value in (arguments.get("Headers") or {}).items()},
    }
    url = exchanges.with_query(arguments["ApiEndpoint"], arguments.get("QueryParameters"))
    body = arguments.get("RequestBody")
    if body is None or arguments["Method"] in _BODILESS:
        return Outgoing(arguments["Method"], url, headers)
    content, kind = _content(arguments, body)
    if not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = kind
    return Outgoing(arguments["Method"], url, headers, content)


def _content(arguments: dict[str, Any], body: Any) -> tuple[bytes, str]:
    if not _is_form(arguments):
        return orjson.dumps(body), "application/json"
    return urlencode(_form(body, _array_format(arguments))).encode(), "application/x-www-form-urlencoded"


def _is_form(arguments: dict[str, Any]) -> bool:
    return (arguments.get("Transform") or {}).get("RequestBodyEncoding") == "URL_ENCODED"


def _array_format(arguments: dict[str, Any]) -> str:
    options = (arguments.get("Transform") or {}).get("RequestEncodingOptions") or {}
    return str(options.get("ArrayFormat", "INDICES"))


def _form(value: Any, arrays: str, name: str = "") -> list[tuple[str, str]]:
    """Names and values of a form; objects and arrays inside are written into the names."""
    if isinstance(value, dict):
        return [
            pair for key, inner in value.items() for pair in _form(inner, arrays, f"{name}[{key}]" if name else key)
        ]
    if not isinstance(value, list) or arrays == "NONE":
        return [(name, operations.as_text(value))]
    if arrays == "COMMAS":
        return [(name, ",".join(map(operations.as_text, value)))]
    return [
        pair for at, inner in enumerate(value) for pair in _form(inner, arrays, name + _SUBSCRIPTS[arrays].format(at))
    ]
