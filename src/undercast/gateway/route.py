"""Which service a request is for: by host, path, target header, signature scope and form action, in that order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from undercast import wire
from undercast.gateway.identity import Scope, scope_of
from undercast.kit.errors import ServiceError, UnknownOperation, UnknownService
from undercast.kit.http import Request
from undercast.services import NAMES

_DOMAIN = r"(?:localhost\.localstack\.cloud|localhost|amazonaws\.com)(?::\d+)?$"
_REGION = r"[a-z]{2}(?:-[a-z]+)+-\d"

# Host names that say what a request is for. Groups name what they hold.
_HOSTS = [
    (re.compile(rf"^(?P<bucket>.+)\.s3-website(?:[.-](?P<region>{_REGION}))?\.{_DOMAIN}"), "s3-website"),
    (re.compile(rf"^(?P<bucket>.+)\.s3(?:-accelerate)?(?:[.-](?P<region>{_REGION}))?\.{_DOMAIN}"), "s3"),
    (re.compile(rf"^(?P<api>[a-z0-9]+)\.execute-api(?:\.(?P<region>{_REGION}))?\.{_DOMAIN}"), "execute-api"),
    (re.compile(rf"^(?P<id>[a-z0-9-]+)\.lambda-url\.(?P<region>{_REGION})\.{_DOMAIN}"), "lambda-url"),
    (re.compile(rf"^(?P<service>[a-z0-9-]+)\.(?P<region>{_REGION})\.{_DOMAIN}"), "service"),
    (re.compile(rf"^(?P<service>[a-z0-9-]+)\.{_DOMAIN}"), "service"),
]

# Paths that are data, not operations, and the service that answers them.
_DATA_PATHS = [
    (re.compile(r"^/restapis/[^/]+/[^/]+/_user_request_(?:/|$)"), "apigateway"),
    (re.compile(r"^/_aws/cloudformation/"), "cloudformation"),
    (re.compile(r"^/_aws/execute-api/"), "apigateway"),
    (re.compile(r"^/_aws/lambda-url/"), "lambda"),
    (re.compile(r"^/_aws/lambda/code/"), "lambda"),
    (re.compile(r"^/_aws/sns/"), "sns"),
    (re.compile(r"^/SimpleNotificationService-[0-9a-f]+\.pem$"), "sns"),
]

# Where the signing name is not the client's name.
_SIGNING_NAMES = {
    "states": "stepfunctions",
    "monitoring": "cloudwatch",
    "elasticloadbalancing": "elbv2",
    "execute-api": "apigatewaymanagementapi",
    "cognito-idp": "cognito-idp",
    "config": "configservice",
    "es": "opensearch",
    "s3express": "s3",
    "sqs-query": "sqs",
}

# Target prefixes of services that share a signing name with another, or come unsigned.
_TARGETS = {
    "AmazonSQS": "sqs",
    "DynamoDB_20120810": "dynamodb",
    "DynamoDBStreams_20120810": "dynamodbstreams",
    "Logs_20140328": "logs",
    "AmazonSSM": "ssm",
    "secretsmanager": "secretsmanager",
    "TrentService": "kms",
    "AWSEvents": "events",
    "AWSStepFunctions": "stepfunctions",
    "Kinesis_20131202": "kinesis",
    "Firehose_20150804": "firehose",
    "GraniteServiceVersion20100801": "cloudwatch",
}

# The API version of a form tells the service when nothing else does.
_VERSIONS = {
    "2012-11-05": "sqs",
    "2010-03-31": "sns",
    "2010-05-08": "iam",
    "2011-06-15": "sts",
    "2010-05-15": "cloudformation",
    "2010-08-01": "cloudwatch",
}
# The links in SNS's messages carry no version.
_UNVERSIONED = {"ConfirmSubscription": "sns", "Unsubscribe": "sns"}
# How an HTML form may send its fields.
_FORM_TYPES = ("multipart/form-data", "application/x-www-form-urlencoded", "text/plain")
_FORM = re.compile(rb"(?:^|&)(Action|Version)=([^&]*)")


class MissingAction(ServiceError):
    """The request is missing an action or a required parameter."""

    status = 400
    modelled = False


@dataclass(slots=True)
class Route:
    """Where a request goes: to an operation, or (when `operation` is None) to the data path of a service."""

    service: str
    scope: Scope
    protocol: str = ""
    model: wire.ServiceModel | None = None
    operation: wire.Operation | None = None
    labels: dict[str, str] | None = None
    region: str = ""  # when the host names one
    path: str = ""  # of an operation as it was sent, without the bucket of the host; of data as it is to be answered


def data_path(request: Request) -> Route | None:
    """The route of a path or host that is data: an API's stage, a function's URL."""
    host = _by_host(request.host)
    if host and host[0] in ("execute-api", "lambda-url") and "/@connections" not in request.path:
        service = "apigateway" if host[0] == "execute-api" else "lambda"
        return Route(service, _scope_or_none(request), region=host[1].get("region") or "")
    if host and host[0] == "s3-website":
        return Route("s3", Scope(), region=host[1].get("region") or "")
    if request.path.startswith(("/restapis/", "/_aws/", "/SimpleNotification")):
        for pattern, service in _DATA_PATHS:
            if pattern.match(request.path):
                return Route(service, _scope_or_none(request))
    if request.method == "POST" and _is_form(request, host):
        return Route("s3", Scope(), path=f"/{quote(host[1]['bucket'])}" if host else request.path)
    return None


def service_of(request: Request) -> Route:
    """The service of a request, before its operation is known; for a bucket's host the path is rewritten.

    IncompleteSignature or UnknownService when it cannot be told.
    """
    scope = scope_of(request)
    host, path = _by_host(request.host), request.path
    region = ""
    named = ""
    if host:
        kind, found = host
        region = found.get("region") or ""
        if kind == "s3":
            request.path = f"/{quote(found['bucket'])}{request.path}"
            named = "s3"
        elif kind == "service":
            named = _client_name(found["service"], request)
    service = named or _by_target(request) or (_client_name(scope.service, request) if scope.service else "")
    service = service or _by_form(request) or _by_path(request)
    return Route(service, scope, region=region, path=path)


def find_operation(route: Route, request: Request) -> None:
    """Complete the route with protocol, model and operation. UnknownOperation, UnknownService."""
    if route.service not in NAMES:
        raise UnknownService(
            f"Undercast does not have the service '{route.service}' yet; docs/services.md lists what it has."
        )
    route.model = wire.service(route.service)
    route.protocol = protocol_of(route.model, request)
    found = route.model.match(route.protocol, request)
    if found is None:
        if route.protocol == "query" and not _form(request).get(b"Action"):
            raise MissingAction()
        raise UnknownOperation(f"{route.service} has no operation for {_what(request)}.")
    route.operation, route.labels = found


def protocol_of(model: wire.ServiceModel, request: Request) -> str:
    """The protocol a request speaks, among those of its service."""
    if "x-amz-target" in request.headers and "json" in model.protocols:
        return json_protocol(request)
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        return "smithy-rpc-v2-cbor"
    if "query" in model.protocols:
        return "query"
    return model.protocols[0]


def json_protocol(request: Request) -> str:
    """JSON, or the same in CBOR, which the SDKs for Java speak to Kinesis."""
    return "json-cbor" if request.headers.get("content-type", "").startswith("application/x-amz-cbor-") else "json"


@lru_cache(maxsize=4096)
def _by_host(host: str) -> tuple[str, dict[str, Any]] | None:
    if not host or host[0].isdigit() or host.startswith(("localhost:", "localhost.localstack.cloud")):
        return None
    for pattern, kind in _HOSTS:
        if match := pattern.match(host):
            return kind, match.groupdict()
    return None


def _by_target(request: Request) -> str:
    target = request.headers.get("x-amz-target", "")
    return _TARGETS.get(target.rpartition(".")[0].rpartition(".")[2], "") if target else ""


def _client_name(name: str, request: Request) -> str:
    if name == "apigateway" and request.path.startswith("/v2/"):
        return "apigatewayv2"
    return _SIGNING_NAMES.get(name, name)


def _by_form(request: Request) -> str:
    found = _form(request)
    if b"Action" not in found:
        return ""
    named = _VERSIONS.get(found.get(b"Version", "")) or _UNVERSIONED.get(found[b"Action"])
    return named or ("sqs" if re.match(r"^/\d{12}/", request.path) else "")


def _form(request: Request) -> dict[bytes, str]:
    """What a form says of its operation: Action and Version."""
    text = request.body if request.method == "POST" else request.query_string.encode()
    return {key: value.decode("latin-1") for key, value in _FORM.findall(text[:65536])} if b"Action=" in text else {}


def _by_path(request: Request) -> str:
    if re.match(r"^/\d{4}-\d\d-\d\d/(functions|event-source-mappings|layers)", request.path):
        return "lambda"
    if request.path.startswith(("/restapis", "/apikeys", "/usageplans")):
        return "apigateway"
    return "s3"  # what is unsigned and says nothing else is a public object


def _scope_or_none(request: Request) -> Scope:
    try:
        return scope_of(request)
    except ServiceError:  # on a data path the header is the application's own
        return Scope()


def _is_form(request: Request, host: tuple[str, dict[str, Any]] | None) -> bool:
    """Whether a page uploads a file into a bucket: an unsigned form that is posted to the bucket's own address."""
    kind = request.headers.get("content-type", "")
    if request.query_string or "authorization" in request.headers or not kind.startswith(_FORM_TYPES):
        return False
    if host:
        return host[0] == "s3" and request.path in ("", "/")
    return request.path.strip("/").count("/") == 0 and request.path != "/" and b"Action=" not in request.body


def _what(request: Request) -> str:
    return request.headers.get("x-amz-target") or f"{request.method} {request.path}"
