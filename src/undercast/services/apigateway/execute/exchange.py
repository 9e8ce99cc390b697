"""One request to a stage, as the steps around its integration see it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from undercast.kit.call import Call
from undercast.kit.http import Request
from undercast.services.apigateway.execute import media
from undercast.services.apigateway.model import AS_CALLER

if TYPE_CHECKING:
    from undercast.services.apigateway.execute.served import Method, Served

Headers = list[tuple[str, str]]
Line = tuple[Literal["INFO", "DATA", "ERROR"], str]


class Exchange:
    """`path` is raw and without the stage; `call` is made in the name of the API's account."""

    def __init__(self, call: Call, request: Request, served: Served, path: str) -> None:
        self.call = call
        self.request = request
        self.served = served
        self.path = path
        self.request_id = call.request_id
        self.extended_id = call.ids.alnum(15) + "="
        self.method: Method
        self.path_params: dict[str, str] = {}
        self.body = request.body
        self.authorizer: dict[str, Any] | None = None
        self.caller = call.identity  # who sent the request; `call` is the gateway's own
        self.usage_key = ""  # an API key that the authorizer names
        self.identity: dict[str, Any] = {}  # what is known of the caller besides address and agent
        self.error: dict[str, Any] = {}
        self.outcome: dict[str, Any] = {}  # status, length and latency, for the access log
        if served.traced:
            call.trace = self.trace_id
        self.log: list[Line] | None = None  # of the execution, when somebody reads it

    # --- the execution log ---

    def note(self, text: str) -> None:
        """A step that was taken."""
        if self.log is not None:
            self.log.append(("INFO", text))

    def data(self, text: str) -> None:
        """What was received or sent: only for who wants requests and responses in full."""
        if self.log is not None:
            self.log.append(("DATA", text))

    def failed(self, text: str) -> None:
        """Why the request failed."""
        if self.log is not None:
            self.log.append(("ERROR", text))

    # --- in whose name ---

    def acting(self, credentials: str | None) -> Call:
        """The call that reaches what is behind the gateway: in the name of a role, of the caller, or of the gateway.

        Source: `credentials` of PutIntegration in the API reference.
        """
        if not credentials:
            return self.call
        if credentials == AS_CALLER:
            call = self.call.into()
            call.identity = self.caller
            return call
        return self.call.as_role(credentials, "BackplaneAssumeRoleSession")

    # --- the request ---

    @cached_property
    def raw_headers(self) -> Headers:
        """As the client sent them, and what the front adds."""
        request = self.request
        sent = request.raw_headers or list(request.headers.items())
        names = request.headers
        added = [("X-Amzn-Trace-Id", self.trace_id)] if "x-amzn-trace-id" not in names else []
        forwarded = names.get("x-forwarded-for")
        added.append(("X-Forwarded-For", f"{forwarded}, {request.source_ip}" if forwarded else request.source_ip))
        added.append(("X-Forwarded-Port", request.host.rpartition(":")[2] if ":" in request.host else "443"))
        added.append(("X-Forwarded-Proto", request.scheme))
        replaced = {name.lower() for name, _ in added}
        return [item for item in sent if item[0].lower() not in replaced] + added

    @cached_property
    def trace_id(self) -> str:
        sent = self.request.headers.get("x-amzn-trace-id", "")
        if not sent.startswith("Root="):
            sent = f"Root=1-{self.call.now // 1000:08x}-{self.call.ids.hex(24)}"
        if self.served.traced and "Sampled=" not in sent:
            sent += f";Parent={self.call.ids.hex(16)};Sampled=1"
        return sent

    @cached_property
    def headers(self) -> dict[str, str]:
        return dict(self.raw_headers)

    @cached_property
    def multi_headers(self) -> dict[str, list[str]]:
        return _grouped(self.raw_headers)

    @cached_property
    def query(self) -> dict[str, str]:
        return dict(self.request.query)

    @cached_property
    def multi_query(self) -> dict[str, list[str]]:
        return _grouped(self.request.query)

    def header(self, name: str) -> str:
        """A header in any case, or ''."""
        return self.request.headers.get(name.lower(), "")

    @cached_property
    def content_type(self) -> str:
        """The request's media type; JSON when it says nothing."""
        return media.media_type(self.header("content-type")) or "application/json"

    @cached_property
    def binary(self) -> bool:
        """Whether the request's body is binary for this API."""
        return media.media_type(self.header("content-type")) in self.served.binary_types

    @cached_property
    def wants_binary(self) -> bool:
        return media.first_accepted(self.header("accept")) in self.served.binary_types

    @cached_property
    def text(self) -> str:
        return self.body.decode(errors="replace")

    # --- what templates, functions and authorizers are told ---

    @property
    def method_arn(self) -> str:
        served = self.served
        return (
            f"arn:aws:execute-api:{self.call.region}:{self.call.account}:{served.api_id}/{served.stage_name}/"
            f"{self.request.method}{self.path if self.path != '/' else '/'}"
        )

    @cached_property
    def common_context(self) -> dict[str, Any]:
        """What `$context` and a function's `requestContext` share."""
        served, method, now = self.served, self.method, self.call.now
        domain = self.request.host.partition(":")[0]
        if not domain.startswith(served.api_id):  # asked by a path under our own host
            domain = f"{served.api_id}.execute-api.{self.call.region}.amazonaws.com"
        return {
            "resourceId": method.resource_id,
            "resourcePath": method.resource_path,
            "httpMethod": self.request.method,
            "extendedRequestId": self.extended_id,
            "requestTime": datetime.fromtimestamp(now / 1000, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "path": f"/{served.stage_name}{self.path}",
            "accountId": self.call.account,
            "protocol": "HTTP/1.1",
            "stage": served.stage_name,
            "domainPrefix": domain.partition(".")[0],
            "requestTimeEpoch": now,
            "requestId": self.request_id,
            "domainName": domain,
            "deploymentId": served.deployment_id,
            "apiId": served.api_id,
        }

    @cached_property
    def caller_identity(self) -> dict[str, Any]:
        return {
            "cognitoIdentityPoolId": None,
            "accountId": None,
            "cognitoIdentityId": None,
            "caller": None,
            "sourceIp": self.request.source_ip,
            "principalOrgId": None,
            "accessKey": None,
            "cognitoAuthenticationType": None,
            "cognitoAuthenticationProvider": None,
            "userArn": None,
            "userAgent": self.request.headers.get("user-agent"),
            "user": None,
            **self.identity,
        }

    def function_context(self) -> dict[str, Any]:
        """`requestContext` of a function's event."""
        context = {**self.common_context, "identity": self.caller_identity}
        if self.method.operation_name:
            context["operationName"] = self.method.operation_name
        if self.authorizer is not None:
            context["authorizer"] = self.authorizer
        return context

    @cached_property
    def context(self) -> dict[str, Any]:
        """`$context` of mapping templates and expressions."""
        context = {**self.common_context, "identity": self.caller_identity}
        if self.authorizer is not None:
            context["authorizer"] = self.authorizer
        if self.served.canary_requests is not None:
            context["isCanaryRequest"] = self.served.canary_requests
        return context


def _grouped(items: Headers) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in items:
        grouped.setdefault(name, []).append(value)
    return grouped


def or_none(values: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Functions are told null where there is nothing."""
    return values or None
