"""AWS: an integration with any operation of any service, by `action/{Operation}` or `path/{path}`."""

from __future__ import annotations

import asyncio
import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import orjson

from undercast.kit.errors import ServiceError
from undercast.kit.http import Request, Response
from undercast.services.apigateway.execute.lambda_proxy import in_time, whole
from undercast.services.apigateway.execute.refusals import Refused
from undercast.services.apigateway.execute.transforms import Incoming, Outgoing, answered, outgoing

if TYPE_CHECKING:
    from undercast.services.apigateway.execute.exchange import Exchange

_URI = re.compile(
    r"arn:aws[\w-]*:apigateway:(?P<region>[^:]*):(?P<service>[\w.-]+):(?P<kind>path|action)/(?P<rest>.*)", re.DOTALL
)
# Host names whose client is called otherwise.
_CLIENTS = {"states": "stepfunctions", "monitoring": "cloudwatch", "email": "ses"}
# Services that `action/` reaches by a target header; the others take `Action` as a parameter.
_TARGETS = {
    "dynamodb": ("DynamoDB_20120810", "1.0"),
    "stepfunctions": ("AWSStepFunctions", "1.0"),
    "kinesis": ("Kinesis_20131202", "1.1"),
    "firehose": ("Firehose_20150804", "1.1"),
    "events": ("AWSEvents", "1.1"),
    "logs": ("Logs_20140328", "1.1"),
    "secretsmanager": ("secretsmanager", "1.1"),
    "kms": ("TrentService", "1.1"),
    "ssm": ("AmazonSSM", "1.1"),
    "cognito-idp": ("AWSCognitoIdentityProviderService", "1.1"),
}
_LISTS = {"member", "entry"}


async def answer(exchange: Exchange) -> Response:
    """Call the operation behind the method. Refused."""
    integration = exchange.method.integration
    out = outgoing(exchange)
    incoming = await (_invoke(exchange, out) if integration.function_arn else _in_time(exchange, out))
    exchange.data(f"Endpoint response body before transformations: {incoming.body.decode(errors='replace')}")
    response = answered(exchange, incoming)
    if integration.function_arn:
        response.headers.append(("X-Amzn-Trace-Id", exchange.trace_id))
    return response


async def _invoke(exchange: Exchange, out: Outgoing) -> Incoming:
    """A function; its error's message selects the response."""
    integration = exchange.method.integration
    kind = out.header("x-amz-invocation-type") or "RequestResponse"
    try:
        result = await in_time(
            exchange,
            exchange.acting(integration.credentials).aws.lambda_.invoke(
                FunctionName=integration.function_arn, Payload=out.body, InvocationType=kind
            ),
        )
    except ServiceError as error:
        exchange.failed(f"Execution failed due to configuration error: {error.message}")
        raise Refused("API_CONFIGURATION_ERROR") from None
    body = await whole(result.get("Payload") or b"")
    return Incoming(result["StatusCode"], [("Content-Type", "application/json")], body, _message(result, body))


def _message(result: dict[str, Any], body: bytes) -> str | None:
    if not result.get("FunctionError"):
        return None
    try:
        return str(orjson.loads(body).get("errorMessage"))
    except (ValueError, AttributeError):
        return body.decode(errors="replace")


async def _in_time(exchange: Exchange, out: Outgoing) -> Incoming:
    try:
        async with asyncio.timeout(exchange.method.integration.timeout_s):
            return await _call(exchange, out)
    except TimeoutError:
        raise Refused("INTEGRATION_TIMEOUT") from None


async def _call(exchange: Exchange, out: Outgoing) -> Incoming:
    """Any other operation, in bytes, through the front door."""
    found = _URI.fullmatch(exchange.method.integration.uri)
    if found is None:
        raise Refused("API_CONFIGURATION_ERROR")
    subdomain, _, host = found["service"].rpartition(".")
    service = _CLIENTS.get(host, host)
    request = _request(exchange, out, service, subdomain, found["kind"], found["rest"])
    caller = exchange.acting(exchange.method.integration.credentials).into(region=found["region"])
    exchange.note(f"Sending request to {service} {request.method} {request.path}")
    response = await caller.platform.http(caller, service, request)
    body = await whole(response.body)
    kind = next((value for name, value in response.headers if name.lower() == "content-type"), "")
    if service not in ("s3", "lambda") and "xml" in kind and "json" in (out.header("accept") or "json"):
        body, response.headers = xml_as_json(body), _as_json(response.headers)
    return Incoming(response.status, response.headers, body)


def _request(exchange: Exchange, out: Outgoing, service: str, subdomain: str, kind: str, rest: str) -> Request:
    given = {name.lower(): value for name, value in out.headers}
    headers = {
        "host": f"{service}.{exchange.call.region}.amazonaws.com",
        "content-type": exchange.content_type,
        **given,
    }
    method = exchange.method.integration.http_method
    method = exchange.request.method if method == "ANY" else method
    path, query = "/", list(out.query)
    if kind == "path":
        path += _filled(rest, out.path)
        if subdomain and service == "s3":
            path = f"/{subdomain}{path}"
        path, _, more = path.partition("?")
        query_string = "&".join(filter(None, (more, urlencode(query))))
    else:
        if service in _TARGETS and "x-amz-target" not in headers:
            prefix, version = _TARGETS[service]
            headers["x-amz-target"] = f"{prefix}.{rest}"
            headers["content-type"] = f"application/x-amz-json-{version}"
        elif "x-amz-target" not in headers:
            return _form(exchange, out, headers, rest)
        query_string = urlencode(query)
    body = _with_queue(out.body, path) if service == "sqs" and "x-amz-target" not in headers else out.body
    raw = list(headers.items())
    return Request(method, path, query_string, headers, body, raw_headers=raw, source_ip=exchange.request.source_ip)


def _with_queue(form: bytes, path: str) -> bytes:
    """A form that is sent to a queue's URL is about that queue."""
    if b"QueueUrl=" in form or path == "/":
        return form
    return form + b"&" + urlencode({"QueueUrl": path}).encode()


def _form(exchange: Exchange, out: Outgoing, headers: dict[str, str], action: str) -> Request:
    """An operation of the query protocol: parameters from the query and, when it is a form, the body."""
    parameters = [("Action", action), *out.query]
    body = urlencode(parameters).encode()
    if headers["content-type"].startswith("application/x-www-form-urlencoded") and out.body:
        body = out.body if b"Action=" in out.body else body + b"&" + out.body
    headers["content-type"] = "application/x-www-form-urlencoded"
    return Request(
        "POST", "/", "", headers, body, raw_headers=list(headers.items()), source_ip=exchange.request.source_ip
    )


def _filled(path: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", quote(value, safe="/:@!$&'()*+,;=~"))
    return path


def _as_json(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    kept = [item for item in headers if item[0].lower() not in ("content-type", "content-length")]
    return [*kept, ("Content-Type", "application/json")]


def xml_as_json(body: bytes) -> bytes:
    """An answer of the query protocol as AWS gives it to who accepts JSON: `{"SendMessageResponse": {…}}`."""
    try:
        root = ET.fromstring(body)
    except ET.ParseError:
        return body
    return orjson.dumps({_name(root): _value(root)})


def _value(element: ET.Element) -> Any:
    children = list(element)
    if not children:
        return element.text
    if all(_name(child) in _LISTS for child in children):
        return [_value(child) for child in children]
    found: dict[str, Any] = {}
    for child in children:
        name, value = _name(child), _value(child)
        if name in found:  # a list without a wrapper
            earlier = found[name] if isinstance(found[name], list) else [found[name]]
            found[name] = [*earlier, value]
        else:
            found[name] = value
    return found


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]
