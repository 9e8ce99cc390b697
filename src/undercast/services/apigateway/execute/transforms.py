"""Mapping templates around an integration: the body and parameters it gets, and what the client gets of its answer."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from undercast.engines.vtl import VtlError, apigateway
from undercast.kit.http import Response
from undercast.services.apigateway.execute import expressions, media
from undercast.services.apigateway.execute.refusals import Refused

if TYPE_CHECKING:
    from undercast.services.apigateway.execute.exchange import Exchange, Headers
    from undercast.services.apigateway.execute.served import Answer, Integration


@dataclass
class Outgoing:
    """What an integration is sent. Header names are as the mapping writes them."""

    body: bytes
    path: dict[str, str] = field(default_factory=dict)
    query: list[tuple[str, str]] = field(default_factory=list)
    headers: list[tuple[str, str]] = field(default_factory=list)

    def set_header(self, name: str, *values: str) -> None:
        self.headers = [item for item in self.headers if item[0].lower() != name.lower()]
        self.headers += [(name, value) for value in values]

    def set_query(self, name: str, *values: str) -> None:
        self.query = [item for item in self.query if item[0] != name] + [(name, value) for value in values]

    def header(self, name: str) -> str:
        return next((value for other, value in self.headers if other.lower() == name), "")


@dataclass
class Incoming:
    """What an integration answered; `error` is a function's error message, which selects instead of the status."""

    status: int
    headers: Headers
    body: bytes
    error: str | None = None


def outgoing(exchange: Exchange, *, proxy: bool = False) -> Outgoing:
    """The mapped request; a proxy passes everything on and maps on top. Refused."""
    out = Outgoing(exchange.body)
    if proxy:
        out.query = list(exchange.request.query)
        out.headers = [item for item in exchange.raw_headers if item[0].lower() not in _HOP_BY_HOP]
    _map_parameters(exchange, out)
    if not proxy:
        _map_body(exchange, out)
    return out


_HOP_BY_HOP = {"host", "connection", "content-length", "transfer-encoding", "keep-alive", "te", "upgrade", "expect"}


def _map_parameters(exchange: Exchange, out: Outgoing) -> None:
    for target, source in exchange.method.integration.parameters.items():
        values = expressions.of_request(exchange, source)
        if not values:
            continue
        place, _, name = target.removeprefix("integration.request.").partition(".")
        if place == "path":
            out.path[name] = values[-1]
        elif place.endswith("header"):
            out.set_header(name, *values)
        else:
            out.set_query(name, *values)


def _map_body(exchange: Exchange, out: Outgoing) -> None:
    integration = exchange.method.integration
    try:
        body = media.request_body(exchange.body, integration.handling, binary=exchange.binary)
    except media.NotBase64:
        raise Refused("API_CONFIGURATION_ERROR", "Unable to base64 decode the body.") from None
    template = _request_template(exchange, integration)
    if template is None:
        out.body = body
        return
    rendered = _render(exchange, integration, template, body)
    out.body = rendered.text.encode()
    out.path.update(rendered.request_path)
    for name, value in rendered.request_query.items():
        out.set_query(name, value)
    for name, value in rendered.request_headers.items():
        out.set_header(name, value)
    exchange.context["requestOverride"] = {
        "header": rendered.request_headers,
        "path": rendered.request_path,
        "querystring": rendered.request_query,
    }


def _request_template(exchange: Exchange, integration: Integration) -> str | None:
    """The template for the request's content type; None to pass the body on. Refused."""
    templates = integration.request_templates
    found = templates.get(exchange.content_type)
    if found is None and "$default" in templates:
        found = templates["$default"]
    if found is not None:
        return found
    if integration.passthrough == "NEVER" or (integration.passthrough == "WHEN_NO_TEMPLATES" and templates):
        raise Refused("UNSUPPORTED_MEDIA_TYPE")
    return None


def _render(exchange: Exchange, integration: Integration, text: str, body: bytes) -> apigateway.Rendered:
    try:
        return apigateway.render(
            integration.template(text),
            body=body.decode(errors="replace"),
            path=exchange.path_params,
            query=exchange.query,
            headers=exchange.headers,
            context=exchange.context,
            stage_variables=exchange.served.variables,
        )
    except apigateway.BodyNotJson as error:
        exchange.failed(f"Execution failed: {error}")
        raise Refused("DEFAULT_4XX", str(error)) from None
    except VtlError as error:
        exchange.failed(f"Execution failed due to configuration error: {error}")
        raise Refused("API_CONFIGURATION_ERROR") from None


# --- the answer ---


def answered(exchange: Exchange, incoming: Incoming) -> Response:
    """What the client gets. Refused when no response is configured for it."""
    integration = exchange.method.integration
    chosen = _choose(integration.responses, incoming)
    if chosen is None:
        exchange.failed(
            "Execution failed due to configuration error: No match for output mapping and no default endpoint response configured"
        )
        raise Refused("API_CONFIGURATION_ERROR")
    kind, template = _response_template(exchange, chosen)
    body, status = incoming.body, chosen.status
    headers: Headers = []
    for target, source in chosen.parameters.items():
        name = target.removeprefix("method.response.header.")
        headers += [(name, value) for value in expressions.of_response(exchange, source, incoming.headers, body)]
    if template is not None:
        rendered = _render(exchange, integration, template, body)
        body, status = rendered.text.encode(), rendered.status or status
        for name, value in rendered.response_headers.items():
            headers = [item for item in headers if item[0].lower() != name.lower()] + [(name, value)]
    body = _converted(exchange, chosen, incoming, headers, body)
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", kind or "application/json"))
    return Response(status, headers, body)


def _choose(responses: list[Answer], incoming: Incoming) -> Answer | None:
    """By a pattern that matches the function's error or the status, else the one without a pattern."""
    subject = incoming.error if incoming.error is not None else str(incoming.status)
    default = None
    for response in responses:
        if not response.pattern:
            default = default or response
        elif _pattern(response.pattern).fullmatch(subject):
            return response
    return default


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text, re.DOTALL)
    except re.error:
        return re.compile(re.escape(text))


def _response_template(exchange: Exchange, chosen: Answer) -> tuple[str, str | None]:
    """The template for the media type that the client accepts first, else for JSON, else the first."""
    accepted = media.first_accepted(exchange.header("accept"))
    for kind in (accepted, "application/json", *chosen.templates):
        if kind in chosen.templates:
            return kind, chosen.templates[kind] or None
    return "", None


def _converted(exchange: Exchange, chosen: Answer, incoming: Incoming, headers: Headers, body: bytes) -> bytes:
    sent = next((value for name, value in incoming.headers if name.lower() == "content-type"), "")
    binary = media.media_type(sent) in exchange.served.binary_types
    try:
        return media.response_body(body, chosen.handling, binary=binary, wanted=exchange.wants_binary)
    except media.NotBase64:
        raise Refused("API_CONFIGURATION_ERROR") from None
