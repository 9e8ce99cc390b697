"""What the gateway answers itself, in the form that the API's gateway responses give it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from undercast.kit.http import Response
from undercast.services.apigateway.execute import variables
from undercast.services.apigateway.responses import STATUSES, TEMPLATE

if TYPE_CHECKING:
    from undercast.services.apigateway.execute.exchange import Exchange

# The messages and error types of AWS where a case has but one.
_MESSAGES = {
    "MISSING_AUTHENTICATION_TOKEN": ("Missing Authentication Token", "MissingAuthenticationTokenException"),
    "ACCESS_DENIED": ("User is not authorized to access this resource", "AccessDeniedException"),
    "UNAUTHORIZED": ("Unauthorized", "UnauthorizedException"),
    "AUTHORIZER_CONFIGURATION_ERROR": (None, "AuthorizerConfigurationException"),
    "AUTHORIZER_FAILURE": (None, "AuthorizerFailureException"),
    "INVALID_API_KEY": ("Forbidden", "ForbiddenException"),
    "THROTTLED": ("Too Many Requests", "TooManyRequestsException"),
    "QUOTA_EXCEEDED": ("Limit Exceeded", "LimitExceededException"),
    "BAD_REQUEST_BODY": ("Invalid request body", "BadRequestException"),
    "BAD_REQUEST_PARAMETERS": ("Invalid request parameters", "BadRequestException"),
    "UNSUPPORTED_MEDIA_TYPE": ("Unsupported Media Type", "UnsupportedMediaTypeException"),
    "INTEGRATION_FAILURE": ("Network error communicating with endpoint", "InternalServerErrorException"),
    "INTEGRATION_TIMEOUT": ("Endpoint request timed out", "InternalServerErrorException"),
    "API_CONFIGURATION_ERROR": ("Internal server error", "InternalServerErrorException"),
    "DEFAULT_4XX": ("Bad Request", "BadRequestException"),
    "DEFAULT_5XX": ("Internal server error", "InternalServerErrorException"),
    "INVALID_SIGNATURE": ("The request signature is not valid.", "InvalidSignatureException"),
    "EXPIRED_TOKEN": ("The security token included in the request is expired", "ExpiredTokenException"),
    "REQUEST_TOO_LARGE": ("Request Too Long", "RequestTooLargeException"),
}


class Refused(Exception):
    """A request that ends before or at its integration. `kind` is a gateway response type."""

    def __init__(self, kind: str, message: str | None = None, *, status: int = 0, details: str = "") -> None:
        super().__init__(kind)
        self.kind = kind
        self.message = message if message is not None else _MESSAGES[kind][0]
        self.error_type = _MESSAGES[kind][1]
        self.status = status or STATUSES[kind] or (400 if kind == "DEFAULT_4XX" else 500)
        self.details = details


def answer(exchange: Exchange, refused: Refused) -> Response:
    """The response for the client."""
    custom = exchange.served.gateway_responses
    default = custom.get("DEFAULT_4XX" if refused.status < 500 else "DEFAULT_5XX") or {}
    found = custom.get(refused.kind) or default
    quoted = orjson.dumps(refused.message).decode()
    exchange.error = {
        "message": refused.message or "",
        "messageString": quoted,
        "responseType": refused.kind,
        "validationErrorString": refused.details,
    }
    status = int(found.get("statusCode") or default.get("statusCode") or refused.status)
    headers = [
        ("x-amzn-RequestId", exchange.request_id),
        ("x-amzn-ErrorType", refused.error_type),
        ("x-amz-apigw-id", exchange.extended_id),
    ]
    for name, value in (found.get("responseParameters") or {}).items():
        headers.append((name.removeprefix("gatewayresponse.header."), variables.value(exchange, value)))
    templates = found.get("responseTemplates") or {"application/json": TEMPLATE}
    media = "application/json" if "application/json" in templates else next(iter(templates))
    body = variables.substituted(exchange, templates[media])
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", media))
    return Response(status, headers, body.encode())
