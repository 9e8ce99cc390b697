"""Operations on documentation parts and versions."""

from __future__ import annotations

from typing import Any

import orjson
import yaml

from undercast.kit.call import Call
from undercast.services.apigateway import errors, pages, patches, storage
from undercast.services.apigateway.model import Document
from undercast.services.apigateway.patches import Field

_NO_PART = "Invalid Documentation part identifier specified"
_NO_VERSION = "Invalid Documentation version specified"


async def create_documentation_part(call: Call, request: dict[str, Any]) -> Document:
    """Document one part of an API."""
    api = await storage.find_api(call, request["restApiId"])
    part = add_part(call, api, request["location"], request["properties"])
    await storage.save_api(call, api)
    return part


async def get_documentation_part(call: Call, request: dict[str, Any]) -> Document:
    """The documentation of one part."""
    return (await _find_part(call, request))[1]


async def get_documentation_parts(call: Call, request: dict[str, Any]) -> Document:
    """The documentation of all parts, or of those of a type, path or name."""
    api = await storage.find_api(call, request["restApiId"])
    wanted = {"type": request.get("type"), "path": request.get("path"), "name": request.get("nameQuery")}
    parts = [
        part
        for part in api["_documentationParts"].values()
        if all(value is None or part["location"].get(key) == value for key, value in wanted.items())
    ]
    if request.get("position") or len(parts) > pages.limit(request):
        return pages.cut(parts, request)
    return {"items": parts}


async def update_documentation_part(call: Call, request: dict[str, Any]) -> Document:
    """Patch the documentation of one part."""
    api, part = await _find_part(call, request)
    patches.apply(part, patches.of(request), {"/properties": Field()})
    _check_properties(part["properties"])
    await storage.save_api(call, api)
    return part


async def delete_documentation_part(call: Call, request: dict[str, Any]) -> None:
    """Delete the documentation of one part."""
    api, part = await _find_part(call, request)
    del api["_documentationParts"][part["id"]]
    await storage.save_api(call, api)


async def import_documentation_parts(call: Call, request: dict[str, Any]) -> Document:
    """Take documentation parts from an OpenAPI document."""
    api = await storage.find_api(call, request["restApiId"])
    ids = merge_parts(call, api, read_document(request["body"]), overwrite=request.get("mode") == "overwrite")
    await storage.save_api(call, api)
    return {"ids": ids}


# --- versions ---


async def create_documentation_version(call: Call, request: dict[str, Any]) -> Document:
    """Keep the documentation as it is now."""
    api = await storage.find_api(call, request["restApiId"])
    name = request["documentationVersion"]
    if name in api["_documentationVersions"]:
        raise errors.ConflictException("Documentation version already exists")
    if not api["_documentationParts"]:
        raise errors.BadRequestException("Documentation parts must exist before a version can be created")
    version = {"version": name, "createdDate": call.now // 1000 * 1000, "description": request.get("description")}
    api["_documentationVersions"][name] = {**version, "_parts": list(api["_documentationParts"].values())}
    await storage.save_api(call, api)
    if stage_name := request.get("stageName"):
        stage = await storage.find_stage(call, api["id"], stage_name)
        if stage is None:
            raise errors.NotFoundException("Invalid Stage identifier specified")
        await storage.save_stage(call, api["id"], {**stage, "documentationVersion": name})
    return version


async def get_documentation_version(call: Call, request: dict[str, Any]) -> Document:
    """One version."""
    return (await _find_version(call, request))[1]


async def get_documentation_versions(call: Call, request: dict[str, Any]) -> Document:
    """All versions."""
    api = await storage.find_api(call, request["restApiId"])
    return pages.cut(list(api["_documentationVersions"].values()), request, "version")


async def update_documentation_version(call: Call, request: dict[str, Any]) -> Document:
    """Change a version's description."""
    api, version = await _find_version(call, request)
    patches.apply(version, patches.of(request), {"/description": Field()})
    await storage.save_api(call, api)
    return version


async def delete_documentation_version(call: Call, request: dict[str, Any]) -> None:
    """Delete a version."""
    api, version = await _find_version(call, request)
    del api["_documentationVersions"][version["version"]]
    await storage.save_api(call, api)


# --- parts ---


def read_document(body: bytes) -> Document:
    """A JSON or YAML document. BadRequestException."""
    try:
        document = orjson.loads(body)
    except ValueError:
        try:
            document = yaml.load(body, Loader=_Loader)
        except yaml.YAMLError as error:
            raise errors.BadRequestException(f"Unable to parse the document: {error}") from None
    if not isinstance(document, dict):
        raise errors.BadRequestException("Invalid OpenAPI input.")
    return document


def merge_parts(call: Call, api: Document, document: Document, *, overwrite: bool) -> list[str]:
    """Take the parts of `x-amazon-apigateway-documentation`; the answer is their ids."""
    if overwrite:
        api["_documentationParts"] = {}
    parts = (document.get("x-amazon-apigateway-documentation") or {}).get("documentationParts") or ()
    ids = []
    for given in parts:
        location, properties = given["location"], given["properties"]
        text = properties if isinstance(properties, str) else orjson.dumps(properties).decode()
        for part_id, part in list(api["_documentationParts"].items()):
            if part["location"] == location:
                del api["_documentationParts"][part_id]
        ids.append(add_part(call, api, location, text)["id"])
    return ids


def add_part(call: Call, api: Document, location: Document, properties: str) -> Document:
    """BadRequestException, ConflictException."""
    _check_properties(properties)
    if any(part["location"] == location for part in api["_documentationParts"].values()):
        raise errors.ConflictException("Documentation part already exists for the specified location")
    part = {"id": call.ids.alnum(6), "location": location, "properties": properties}
    api["_documentationParts"][part["id"]] = part
    return part


def _check_properties(properties: str) -> None:
    try:
        found = orjson.loads(properties)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise errors.BadRequestException("Invalid documentation properties specified: must be a JSON object")


async def _find_part(call: Call, request: dict[str, Any]) -> tuple[Document, Document]:
    api = await storage.find_api(call, request["restApiId"])
    part = api["_documentationParts"].get(request["documentationPartId"])
    if part is None:
        raise errors.NotFoundException(_NO_PART)
    return api, part


async def _find_version(call: Call, request: dict[str, Any]) -> tuple[Document, Document]:
    api = await storage.find_api(call, request["restApiId"])
    version = api["_documentationVersions"].get(request["documentationVersion"])
    if version is None:
        raise errors.NotFoundException(_NO_VERSION)
    return api, version


class _Loader(yaml.SafeLoader):
    """YAML as OpenAPI means it: JSON's types, so that dates stay texts."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
