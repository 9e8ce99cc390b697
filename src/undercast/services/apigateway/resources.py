"""Operations on resources: the tree of an API's paths."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.apigateway import errors, model, pages, patches, storage
from undercast.services.apigateway.methods import shown as shown_method
from undercast.services.apigateway.model import Document
from undercast.services.apigateway.patches import Field


async def create_resource(call: Call, request: dict[str, Any]) -> Document:
    """Create a resource below another."""
    api = await storage.find_api(call, request["restApiId"])
    parent = model.resource_of(api, request["parentId"])
    resource = model.new_resource(api, call.ids.alnum(6), parent, request["pathPart"])
    await storage.save_api(call, api)
    return _shown(resource)


async def get_resource(call: Call, request: dict[str, Any]) -> Document:
    """One resource; with `embed` its methods too."""
    api = await storage.find_api(call, request["restApiId"], errors.no_resource())
    return _shown(model.resource_of(api, request["resourceId"]), _embeds(request))


async def get_resources(call: Call, request: dict[str, Any]) -> Document:
    """The resources, by path."""
    api = await storage.find_api(call, request["restApiId"])
    resources = [_shown(resource, _embeds(request)) for resource in api["_resources"].values()]
    return pages.cut(resources, request, "path")


async def update_resource(call: Call, request: dict[str, Any]) -> Document:
    """Rename or move a resource."""
    api = await storage.find_api(call, request["restApiId"], errors.no_resource())
    resource = model.resource_of(api, request["resourceId"])
    if resource["path"] == "/":
        raise errors.BadRequestException("Root resource cannot be updated.")
    patches.apply(resource, patches.of(request), {"/pathPart": Field(), "/parentId": Field()})
    parent = model.resource_of(api, resource["parentId"])
    if (parent["path"] + "/").startswith(resource["path"] + "/"):
        raise errors.BadRequestException("Resources cannot be cyclic.")
    model.check_path_part(api, parent, resource["pathPart"], besides=resource["id"])
    model.repath(api, resource)
    await storage.save_api(call, api)
    return _shown(resource)


async def delete_resource(call: Call, request: dict[str, Any]) -> None:
    """Delete a resource with all below it."""
    api = await storage.find_api(call, request["restApiId"], errors.no_resource())
    resource = model.resource_of(api, request["resourceId"])
    if resource["path"] == "/":
        raise errors.BadRequestException("Root resource cannot be deleted.")
    model.remove_resource(api, resource["id"])
    await storage.save_api(call, api)


def _embeds(request: dict[str, Any]) -> bool:
    return "methods" in (request.get("embed") or ())


def _shown(resource: Document, embed: bool = False) -> Document:
    methods = resource["resourceMethods"]
    shown = {name: shown_method(method) if embed else {} for name, method in methods.items()}
    return {**resource, "resourceMethods": shown or None}
