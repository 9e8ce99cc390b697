"""Operations on authorizers."""

from __future__ import annotations

import re
from typing import Any

from undercast.kit.call import Call
from undercast.services.apigateway import errors, model, pages, patches, storage
from undercast.services.apigateway.model import Document
from undercast.services.apigateway.patches import Field, Listed

_TTL = "Authorizer TTL must be between 0 and 3600 seconds"
_PATCHES = {
    "/name": Field(),
    "/type": Field(read=patches.one_of("type", ("TOKEN", "REQUEST", "COGNITO_USER_POOLS"))),
    "/authType": Field(),
    "/authorizerUri": Field(),
    "/authorizerCredentials": Field(),
    "/authorizerResultTtlInSeconds": Field(read=patches.number_of(_TTL, 0, 3600)),
    "/identitySource": Field(),
    "/identityValidationExpression": Field(),
    "/providerARNs": Listed(ops=("add", "replace", "remove")),
}
_MEMBERS = ("name", "type", "providerARNs", "authType", "authorizerUri", "authorizerCredentials", "identitySource",
            "identityValidationExpression", "authorizerResultTtlInSeconds")  # fmt: skip


async def create_authorizer(call: Call, request: dict[str, Any]) -> Document:
    """Create an authorizer."""
    api = await storage.find_api(call, request["restApiId"])
    _check_name(api, request["name"])
    authorizer = {
        "id": call.ids.alnum(6),
        **{name: request[name] for name in _MEMBERS if request.get(name) is not None},
    }
    authorizer.setdefault("authType", "cognito_user_pools" if authorizer["type"] == "COGNITO_USER_POOLS" else "custom")
    check(authorizer)
    api["_authorizers"][authorizer["id"]] = authorizer
    await storage.save_api(call, api)
    return authorizer


async def get_authorizer(call: Call, request: dict[str, Any]) -> Document:
    """One authorizer."""
    return (await _find(call, request))[1]


async def get_authorizers(call: Call, request: dict[str, Any]) -> Document:
    """All authorizers."""
    api = await storage.find_api(call, request["restApiId"])
    return pages.cut(list(api["_authorizers"].values()), request)


async def update_authorizer(call: Call, request: dict[str, Any]) -> Document:
    """Patch an authorizer."""
    api, authorizer = await _find(call, request)
    patches.apply(authorizer, patches.of(request), _PATCHES)
    _check_name(api, authorizer.get("name", ""), besides=authorizer["id"])
    check(authorizer)
    await storage.save_api(call, api)
    return authorizer


async def delete_authorizer(call: Call, request: dict[str, Any]) -> None:
    """Delete an authorizer that no method uses."""
    api, authorizer = await _find(call, request)
    for resource, method in model.methods(api):
        if method.get("authorizerId") == authorizer["id"]:
            raise errors.ConflictException(
                f"Cannot delete authorizer '{authorizer['name']}', is referenced in method: "
                f"{resource['path']}/{method['httpMethod']}"
            )
    del api["_authorizers"][authorizer["id"]]
    await storage.save_api(call, api)


async def _find(call: Call, request: dict[str, Any]) -> tuple[Document, Document]:
    missing = errors.NotFoundException("Invalid Authorizer identifier specified")
    api = await storage.find_api(call, request["restApiId"], missing)
    authorizer = api["_authorizers"].get(request["authorizerId"])
    if authorizer is None:
        raise missing
    return api, authorizer


def _check_name(api: Document, name: str, besides: str = "") -> None:
    """BadRequestException when another authorizer than `besides` has the name."""
    if any(other["name"] == name and other["id"] != besides for other in api["_authorizers"].values()):
        raise errors.BadRequestException(
            f"Authorizer name must be unique. Authorizer {name} already exists in this RestApi."
        )


def check(authorizer: Document) -> None:
    """BadRequestException for what an authorizer of its type lacks."""
    ttl = authorizer.get("authorizerResultTtlInSeconds")
    if ttl is not None and not 0 <= ttl <= 3600:
        raise errors.BadRequestException(_TTL)
    if authorizer["type"] == "COGNITO_USER_POOLS":
        if not authorizer.get("providerARNs"):
            raise errors.BadRequestException("Authorizer type COGNITO_USER_POOLS must have at least one provider ARN")
        return
    if "/functions/" not in (authorizer.get("authorizerUri") or ""):
        raise errors.BadRequestException(
            "Invalid Authorizer URI: "
            + str(authorizer.get("authorizerUri"))
            + ". Authorizer URI should be a valid API Gateway ARN that represents a Lambda function invocation."
        )
    source = authorizer.get("identitySource") or ""
    if authorizer["type"] == "TOKEN" and not source:
        raise errors.BadRequestException("Identity source is required for TOKEN authorizer")
    if authorizer["type"] == "REQUEST" and not source and ttl != 0:
        raise errors.BadRequestException("Identity source is required for REQUEST authorizer when caching is enabled.")
    for part in filter(None, (part.strip() for part in source.split(","))):
        if not re.match(r"(method\.request\.(header|querystring|path)|context|stageVariables)\.", part):
            raise errors.BadRequestException(
                f"Identity source must be a comma separated list of request parameters: {part}"
            )
