"""Operations on gateway responses: what the gateway itself answers when a request does not reach its integration."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.apigateway import errors, pages, patches, storage
from undercast.services.apigateway.model import Document
from undercast.services.apigateway.patches import Entry, Field

TEMPLATE = '{"message":$context.error.messageString}'
# Source: "Gateway response types for API Gateway" in the developer guide.
STATUSES = {
    "ACCESS_DENIED": 403,
    "API_CONFIGURATION_ERROR": 500,
    "AUTHORIZER_CONFIGURATION_ERROR": 500,
    "AUTHORIZER_FAILURE": 500,
    "BAD_REQUEST_BODY": 400,
    "BAD_REQUEST_PARAMETERS": 400,
    "DEFAULT_4XX": None,
    "DEFAULT_5XX": None,
    "EXPIRED_TOKEN": 403,
    "INTEGRATION_FAILURE": 504,
    "INTEGRATION_TIMEOUT": 504,
    "INVALID_API_KEY": 403,
    "INVALID_SIGNATURE": 403,
    "MISSING_AUTHENTICATION_TOKEN": 403,
    "QUOTA_EXCEEDED": 429,
    "REQUEST_TOO_LARGE": 413,
    "RESOURCE_NOT_FOUND": 404,
    "THROTTLED": 429,
    "UNAUTHORIZED": 401,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "WAF_FILTERED": 403,
}
_PATCHES = {"/statusCode": Field(), "/responseParameters/*": Entry(), "/responseTemplates/*": Entry()}


async def put_gateway_response(call: Call, request: dict[str, Any]) -> Document:
    """Say what the gateway answers in one case."""
    api = await storage.find_api(call, request["restApiId"])
    kind = request["responseType"]
    api["_gatewayResponses"][kind] = new_response(kind, request)
    await storage.save_api(call, api)
    return described(api, kind)


async def get_gateway_response(call: Call, request: dict[str, Any]) -> Document:
    """What the gateway answers in one case, set or by default."""
    return described(await storage.find_api(call, request["restApiId"]), request["responseType"])


async def get_gateway_responses(call: Call, request: dict[str, Any]) -> Document:
    """What the gateway answers in every case."""
    api = await storage.find_api(call, request["restApiId"])
    return pages.cut([described(api, kind) for kind in STATUSES], request, "responseType")


async def update_gateway_response(call: Call, request: dict[str, Any]) -> Document:
    """Patch what the gateway answers in one case."""
    api = await storage.find_api(call, request["restApiId"])
    kind = request["responseType"]
    response = described(api, kind)
    patches.apply(response, patches.of(request), _PATCHES)
    api["_gatewayResponses"][kind] = new_response(kind, response)
    await storage.save_api(call, api)
    return described(api, kind)


async def delete_gateway_response(call: Call, request: dict[str, Any]) -> None:
    """Go back to the default."""
    api = await storage.find_api(call, request["restApiId"])
    if api["_gatewayResponses"].pop(request["responseType"], None) is None:
        raise errors.NotFoundException("Gateway response type not defined on api")
    await storage.save_api(call, api)


def new_response(kind: str, given: Document) -> Document:
    """A gateway response out of what was given. BadRequestException."""
    for name in given.get("responseParameters") or {}:
        if not name.startswith("gatewayresponse.header."):
            raise errors.BadRequestException(f"Invalid response parameter specified: {name}")
    members = {
        name: given[name] for name in ("statusCode", "responseParameters", "responseTemplates") if given.get(name)
    }
    return {"responseType": kind, "responseTemplates": {"application/json": TEMPLATE}, **members}


def described(api: Document, kind: str) -> Document:
    """A case's response as a client sees it."""
    found = api["_gatewayResponses"].get(kind)
    status = STATUSES[kind]
    default = {
        "responseParameters": {},
        "responseTemplates": {"application/json": TEMPLATE},
        "statusCode": status and str(status),
    }
    return {**default, **(found or {}), "responseType": kind, "defaultResponse": found is None}
