"""Operations on REST APIs, their tags and the account's settings."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from undercast.kit.call import Call
from undercast.kit.errors import NotImplementedYet
from undercast.services.apigateway import errors, keystore, pages, patches, storage
from undercast.services.apigateway.execute.policies import MalformedPolicy, read_resource_policy
from undercast.services.apigateway.model import Document, default_models
from undercast.services.apigateway.patches import EVERY, Field, Listed

_COMPRESSION = "Invalid minimum compression size, must be between 0 and 10485760"
_compression = patches.number_of(_COMPRESSION, 0, 10_485_760)
_PATCHES = {
    "/name": Field(),
    "/description": Field(),
    "/version": Field(),
    "/policy": Field(),
    "/apiKeySource": Field(read=patches.one_of("apiKeySource", ("HEADER", "AUTHORIZER"))),
    "/minimumCompressionSize": Field(read=_compression),
    "/disableExecuteApiEndpoint": Field(read=patches.boolean),
    "/binaryMediaTypes/*": Listed(ops=EVERY),
    "/endpointConfiguration/types/*": Listed(
        ops=("replace",), read=patches.one_of("endpoint type", ("EDGE", "REGIONAL"))
    ),
    "/endpointConfiguration/ipAddressType": Field(read=patches.one_of("ipAddressType", ("ipv4", "dualstack"))),
}


async def create_rest_api(call: Call, request: dict[str, Any]) -> Document:
    """Create an empty API, or one like another (`cloneFrom`)."""
    if not request["name"].strip():
        raise errors.BadRequestException("API name must be non-empty")
    api = new_api(call, request)
    if source := request.get("cloneFrom"):
        original = await storage.find_api(call, source, errors.BadRequestException("Invalid API identifier specified"))
        api.update({key: value for key, value in original.items() if key.startswith("_")})
        api["rootResourceId"] = original["rootResourceId"]
    await storage.add_api(call, api)
    return {**shown(api), "tags": api["tags"] or None}


async def get_rest_api(call: Call, request: dict[str, Any]) -> Document:
    """One API."""
    return shown(await storage.find_api(call, request["restApiId"]))


async def get_rest_apis(call: Call, request: dict[str, Any]) -> Document:
    """The APIs by id."""
    found = await storage.list_apis(call, pages.after(request), pages.limit(request) + 1)
    return pages.answer([shown(api) for api in found], request)


async def update_rest_api(call: Call, request: dict[str, Any]) -> Document:
    """Patch an API."""
    api = await storage.find_api(call, request["restApiId"])
    patches.apply(api, patches.of(request), _PATCHES)
    check_settings(api)
    await storage.save_api(call, api)
    return shown(api)


async def delete_rest_api(call: Call, request: dict[str, Any]) -> None:
    """Delete an API with its stages and deployments."""
    api_id = request["restApiId"]
    await storage.find_api(call, api_id)
    await storage.delete_api(call, api_id)


async def get_account(call: Call, request: dict[str, Any]) -> Document:
    """The account's limits and settings."""
    settings = await storage.find_account(call)
    return {
        "throttleSettings": {"burstLimit": 5000, "rateLimit": 10000.0},
        "features": ["UsagePlans"],
        "apiKeyVersion": "4",
        **settings,
    }


async def update_account(call: Call, request: dict[str, Any]) -> Document:
    """Set the role with which API Gateway writes logs."""
    settings = await storage.find_account(call)
    patches.apply(settings, patches.of(request), {"/cloudwatchRoleArn": Field()})
    await storage.save_account(call, settings)
    return await get_account(call, {})


# --- tags ---


async def get_tags(call: Call, request: dict[str, Any]) -> Document:
    """The tags of an API, stage, API key or usage plan."""
    return {"tags": (await _tagged(call, request["resourceArn"]))[0].get("tags") or {}}


async def tag_resource(call: Call, request: dict[str, Any]) -> None:
    """Add or change tags."""
    item, save = await _tagged(call, request["resourceArn"])
    item["tags"] = {**(item.get("tags") or {}), **request["tags"]}
    if len(item["tags"]) > 50:
        raise errors.BadRequestException("The number of tags exceeds the limit of 50")
    await save(item)


async def untag_resource(call: Call, request: dict[str, Any]) -> None:
    """Remove tags."""
    item, save = await _tagged(call, request["resourceArn"])
    item["tags"] = {key: value for key, value in (item.get("tags") or {}).items() if key not in request["tagKeys"]}
    await save(item)


async def _tagged(call: Call, arn: str) -> tuple[Document, Any]:
    """What an ARN names and how it is saved: `arn:aws:apigateway:{region}::/restapis/{id}/stages/{name}`."""
    kind, *rest = unquote(arn).partition("::/")[2].split("/")
    if kind == "restapis" and len(rest) == 1:
        return await storage.find_api(call, rest[0]), lambda api: storage.save_api(call, api)
    if kind == "restapis" and len(rest) == 3 and rest[1] == "stages":
        stage = await storage.find_stage(call, rest[0], rest[2])
        if stage is not None:
            return stage, lambda item: storage.save_stage(call, rest[0], item)
        raise errors.NotFoundException("Invalid Stage identifier specified")
    if kind == "apikeys" and len(rest) == 1:
        return await keystore.find_key(call, rest[0]), lambda key: keystore.save_key(call, key)
    if kind == "usageplans" and len(rest) == 1:
        return await keystore.find_plan(call, rest[0]), lambda plan: keystore.save_plan(call, plan)
    raise errors.BadRequestException("Invalid resource ARN specified")


# --- what an API is made of ---


def new_api(call: Call, request: dict[str, Any]) -> Document:
    """An API with a root resource and the two default models. BadRequestException."""
    root = call.ids.alnum(10)
    api: Document = {
        "id": "abcdefghijklmnopqrstuvwxyz"[call.ids.number(26)] + call.ids.alnum(9),  # a host's name begins with it
        "name": request["name"],
        "description": request.get("description"),
        "version": request.get("version"),
        "createdDate": call.now // 1000 * 1000,
        "apiKeySource": request.get("apiKeySource") or "HEADER",
        "binaryMediaTypes": request.get("binaryMediaTypes") or None,
        "minimumCompressionSize": request.get("minimumCompressionSize"),
        "endpointConfiguration": {
            "types": ["EDGE"],
            "ipAddressType": "ipv4",
            **(request.get("endpointConfiguration") or {}),
        },
        "policy": request.get("policy"),
        "disableExecuteApiEndpoint": request.get("disableExecuteApiEndpoint", False),
        "securityPolicy": request.get("securityPolicy"),
        "endpointAccessMode": request.get("endpointAccessMode"),
        "tags": request.get("tags") or {},
        "rootResourceId": root,
        "_resources": {root: {"id": root, "path": "/", "resourceMethods": {}}},
        "_models": default_models((call.ids.alnum(6), call.ids.alnum(6))),
        "_validators": {},
        "_authorizers": {},
        "_gatewayResponses": {},
        "_documentationParts": {},
        "_documentationVersions": {},
    }
    check_settings(api)
    return api


def check_settings(api: Document) -> None:
    """BadRequestException, or NotImplemented for what could not act."""
    if api.get("minimumCompressionSize") is not None:
        _compression(str(api["minimumCompressionSize"]))
    if api["endpointConfiguration"]["types"] == ["PRIVATE"] or api["endpointConfiguration"].get("vpcEndpointIds"):
        raise NotImplementedYet("Undercast has no VPCs, so it has no private APIs; use EDGE or REGIONAL.")
    if (api.get("securityPolicy") or "TLS_1_0") != "TLS_1_0" or api.get("endpointAccessMode"):
        raise NotImplementedYet("Undercast has no TLS policies for APIs (securityPolicy, endpointAccessMode).")
    if api.get("policy"):
        try:
            read_resource_policy(api["policy"], f"arn:aws:execute-api:*:*:{api['id']}")
        except MalformedPolicy as error:
            raise errors.BadRequestException(f"Invalid policy document. {error}") from None


def shown(api: Document) -> Document:
    """What a client sees of an API."""
    return {key: value for key, value in api.items() if not key.startswith("_")}
