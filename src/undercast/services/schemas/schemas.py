"""Operations on schemas and their versions."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from undercast.kit.call import Call
from undercast.services.schemas import documents, errors, pages, storage, versions
from undercast.services.schemas.model import AWS_EVENTS, Schema, Version

_NAME = re.compile(r"[0-9A-Za-z_.\-@]{1,385}")
_BEFORE_ALL = 2**62


async def create_schema(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Make a schema with its first version."""
    registry, name = await _registry(call, request), request["SchemaName"]
    if not _NAME.fullmatch(name):
        raise errors.BadRequestException(
            "Schema name must be 1 to 385 letters, digits, dots, hyphens, underscores or @."
        )
    documents.check(request["Type"], request["Content"])
    if await storage.load_schema(call, registry, name):
        raise errors.ConflictException(f"Schema with name {name} already exists.")
    schema = versions.new(call, registry, name, request.get("Description") or "", request.get("Tags") or {})
    schema, version = await versions.add(call, schema, request["Type"], request["Content"])
    await storage.save_schema(call, schema)
    return _show(schema, version)


async def update_schema(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change a schema; other content makes a new version."""
    schema = await storage.find_schema(call, await _registry(call, request), request["SchemaName"])
    version = await storage.find_version(call, schema, None)
    if request.get("Description") is not None:
        schema = replace(schema, description=request["Description"])
    content, type = request.get("Content") or version.content, request.get("Type") or version.type
    schema = replace(schema, modified_at=call.now)
    if (content, type) != (version.content, version.type):
        documents.check(type, content)
        schema, version = await versions.add(call, schema, type, content)
    await storage.save_schema(call, schema)
    return _show(schema, version)


async def describe_schema(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A version of a schema, the newest unless told otherwise."""
    schema, version = await _find(call, request)
    return {"Content": version.content, **_show(schema, version)}


async def delete_schema(call: Call, request: dict[str, Any]) -> None:
    """Delete a schema with its versions."""
    schema = await storage.find_schema(call, await _registry(call, request), request["SchemaName"])
    await storage.delete_schema(call, schema)


async def delete_schema_version(call: Call, request: dict[str, Any]) -> None:
    """Delete a version; the schema goes with its last one."""
    await _registry(call, request)
    schema, version = await _find(call, request)
    await storage.delete_version(call, schema, version.number)
    newest = await storage.list_versions(call, schema, _BEFORE_ALL, 1)
    if not newest:
        await storage.delete_schema(call, schema)
        return
    left = replace(schema, latest=newest[0].number, version_count=schema.version_count - 1, modified_at=call.now)
    await storage.save_schema(call, left)


async def list_schemas(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The schemas of a registry by name."""
    registry, (after, limit) = await _readable(call, request), pages.read(request, "")
    found = await storage.list_schemas(call, registry, request.get("SchemaNamePrefix") or "", after, limit + 1)
    return pages.answer("Schemas", found, limit, _summary, lambda schema: schema.name)


async def list_schema_versions(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The versions of a schema, newest first."""
    schema = await storage.find_schema(call, await _readable(call, request), request["SchemaName"])
    before, limit = pages.read(request, _BEFORE_ALL)
    found = await storage.list_versions(call, schema, before, limit + 1)
    return pages.answer(
        "SchemaVersions",
        found,
        limit,
        lambda version: {
            "SchemaArn": schema.arn,
            "SchemaName": schema.name,
            "SchemaVersion": str(version.number),
            "Type": version.type,
        },
        lambda version: version.number,
    )


async def search_schemas(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Schemas of a registry that have some words in their name or content."""
    registry, (after, limit) = await _readable(call, request), pages.read(request, "")
    words = request["Keywords"].split()
    if not words:
        raise errors.BadRequestException("Keywords must be specified.")
    found = await storage.search(call, registry, words, after, limit + 1)
    numbers = {schema.name: await storage.list_versions(call, schema, _BEFORE_ALL, limit) for schema in found[:limit]}
    return pages.answer(
        "Schemas",
        found,
        limit,
        lambda schema: _found(schema, numbers[schema.name]),
        lambda schema: schema.name,
    )


async def export_schema(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A schema of OpenAPI as JSON Schema."""
    schema, version = await _find(call, request)
    if request["Type"] != "JSONSchemaDraft4":
        raise errors.BadRequestException("Schemas can only be exported as JSONSchemaDraft4.")
    if version.type != "OpenApi3":
        raise errors.BadRequestException("Only schemas of type OpenApi3 can be exported.")
    return {
        "Content": documents.as_json_schema(version.content),
        "SchemaArn": schema.arn,
        "SchemaName": schema.name,
        "SchemaVersion": str(version.number),
        "Type": request["Type"],
    }


async def _registry(call: Call, request: dict[str, Any]) -> str:
    """The name of a registry whose schemas can be changed."""
    if request["RegistryName"] == AWS_EVENTS:
        raise errors.ForbiddenException(f"The registry {AWS_EVENTS} cannot be changed.")
    return await _readable(call, request)


async def _readable(call: Call, request: dict[str, Any]) -> str:
    name: str = request["RegistryName"]
    if name != AWS_EVENTS:
        await storage.find_registry(call, name)
    return name


async def _find(call: Call, request: dict[str, Any]) -> tuple[Schema, Version]:
    schema = await storage.find_schema(call, await _readable(call, request), request["SchemaName"])
    number = request.get("SchemaVersion")
    if number and not number.isdigit():
        raise errors.NotFoundException(f"Schema version {number} of schema {schema.name} does not exist.")
    return schema, await storage.find_version(call, schema, int(number) if number else None)


def _show(schema: Schema, version: Version) -> dict[str, Any]:
    return {
        "Description": schema.description or None,
        "LastModified": schema.modified_at,
        "SchemaArn": schema.arn,
        "SchemaName": schema.name,
        "SchemaVersion": str(version.number),
        "Tags": schema.tags,
        "Type": version.type,
        "VersionCreatedDate": version.created_at,
    }


def _summary(schema: Schema) -> dict[str, Any]:
    return {
        "LastModified": schema.modified_at,
        "SchemaArn": schema.arn,
        "SchemaName": schema.name,
        "Tags": schema.tags,
        "VersionCount": schema.version_count,
    }


def _found(schema: Schema, numbered: list[Version]) -> dict[str, Any]:
    return {
        "RegistryName": schema.registry,
        "SchemaArn": schema.arn,
        "SchemaName": schema.name,
        "SchemaVersions": [
            {"CreatedDate": one.created_at, "SchemaVersion": str(one.number), "Type": one.type} for one in numbered
        ],
    }
