"""Operations on layers."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import orjson

from undercast.kit import paging
from undercast.kit.call import Call
from undercast.kit.errors import ValidationException
from undercast.kit.service import waits

from . import configuration, downloads, errors, layer_storage, packages, statements, storage
from .functions import read_marker
from .model import CODE_STORAGE_BYTES, Code, Layer

_ARCHITECTURES = ("x86_64", "arm64")
_ARN = re.compile(r"arn:aws[a-zA-Z-]*:lambda:([a-z0-9-]+):(\d{12}):layer:([a-zA-Z0-9-_]+)(?::(\d+))?")


@waits
async def publish_layer_version(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Keep a zip as the next version of a layer."""
    check_compatibility(request)
    code = await packages.receive(call, request["Content"])
    if code.folder:
        raise errors.unsupported("hot reload of layers", "publish the layer as a zip.")
    return await call.transact(_publish, _name(call, request), code, request)


async def get_layer_version(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A version of a layer."""
    return await _show(call, await _find(call, request))


async def get_layer_version_by_arn(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A version of a layer, perhaps of another account."""
    match = _ARN.fullmatch(request["Arn"])
    if match is None or not match[4]:
        raise errors.ResourceNotFoundException()
    layer = await layer_storage.find(call.into(account=match[2], region=match[1]), match[3], int(match[4]))
    if layer is None or layer.deleted:
        raise errors.ResourceNotFoundException()
    return await _show(call, layer)


async def list_layer_versions(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The versions of a layer, the newest first."""
    limit = min(request.get("MaxItems") or 50, 50)
    found = await layer_storage.list_versions(call, _name(call, request), read_marker(request, 2**62), limit + 1)
    shown = [layer for layer in found[:limit] if _fits(layer, request)]
    return {
        "LayerVersions": [layer.describe() for layer in shown],
        "NextMarker": paging.encode_token(found[limit - 1].number) if len(found) > limit else None,
    }


async def list_layers(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The layers of the account by name, each with its newest version."""
    limit = min(request.get("MaxItems") or 50, 50)
    found = [one for one in await layer_storage.list_newest(call, read_marker(request, "")) if _fits(one, request)]
    shown = found[:limit]
    return {
        "Layers": [
            {"LayerName": one.name, "LayerArn": one.layer_arn, "LatestMatchingVersion": one.describe()} for one in shown
        ],
        "NextMarker": paging.encode_token(shown[-1].name) if len(found) > limit else None,
    }


async def delete_layer_version(call: Call, request: dict[str, Any]) -> None:
    """Delete a version; functions that have it keep it. Deleting what is not there does nothing."""
    _check_number(request)
    layer = await layer_storage.find(call, _name(call, request), request["VersionNumber"])
    if layer and not layer.deleted:
        await layer_storage.save(call, replace(layer, deleted=True))


async def add_layer_version_permission(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Let other accounts use a version of a layer."""
    layer = await _find(call, request)
    _check_revision(layer, request)
    statement = statements.statement(request, layer.arn)
    if any(other["Sid"] == statement["Sid"] for other in layer.policy.get("statements", ())):
        raise errors.ResourceConflictException(
            f"The statement id ({statement['Sid']}) provided already exists. Please provide a new statement id, or "
            "remove the existing statement."
        )
    policy = {"revision": call.ids.uuid(), "statements": [*layer.policy.get("statements", ()), statement]}
    await layer_storage.save(call, replace(layer, policy=policy))
    return {"Statement": orjson.dumps(statement).decode(), "RevisionId": policy["revision"]}


async def remove_layer_version_permission(call: Call, request: dict[str, Any]) -> None:
    """Take one statement back."""
    layer = await _find(call, request)
    _check_revision(layer, request)
    before = layer.policy.get("statements", ())
    kept = [other for other in before if other["Sid"] != request["StatementId"]]
    if len(kept) == len(before):
        raise errors.ResourceNotFoundException(f"Statement {request['StatementId']} is not found in resource policy.")
    policy = {"revision": call.ids.uuid(), "statements": kept} if kept else {}
    await layer_storage.save(call, replace(layer, policy=policy))


async def get_layer_version_policy(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The policy of a version of a layer."""
    layer = await _find(call, request)
    if not layer.policy:
        raise errors.ResourceNotFoundException("No policy is associated with the given resource.")
    document = {"Version": "2012-10-17", "Id": "default", "Statement": layer.policy["statements"]}
    return {"Policy": orjson.dumps(document).decode(), "RevisionId": layer.policy["revision"]}


async def _publish(call: Call, name: str, code: Code, request: dict[str, Any]) -> dict[str, Any]:
    used, _ = await storage.usage(call)
    if used + code.size > CODE_STORAGE_BYTES:
        raise errors.CodeStorageExceededException()
    config = {
        "Description": request.get("Description") or "",
        "CompatibleRuntimes": request.get("CompatibleRuntimes") or [],
        "CompatibleArchitectures": request.get("CompatibleArchitectures") or [],
        "LicenseInfo": request.get("LicenseInfo"),
    }
    config = {member: value for member, value in config.items() if value is not None}
    number = await layer_storage.last_number(call, name) + 1
    layer = Layer(call.account, call.region, name, number, call.now, code, False, config, {})
    await layer_storage.add(call, layer)
    return await _show(call, layer)


async def _show(call: Call, layer: Layer) -> dict[str, Any]:
    content = {
        "Location": await downloads.location(call, layer.code),
        "CodeSha256": layer.code.sha256,
        "CodeSize": layer.code.size,
    }
    return {**layer.describe(), "LayerArn": layer.layer_arn, "Content": content}


async def _find(call: Call, request: dict[str, Any]) -> Layer:
    _check_number(request)
    layer = await layer_storage.find(call, _name(call, request), request["VersionNumber"])
    if layer is None or layer.deleted:
        raise errors.ResourceNotFoundException()
    return layer


def _name(call: Call, request: dict[str, Any]) -> str:
    match = _ARN.fullmatch(request["LayerName"])
    if match is None:
        return str(request["LayerName"])
    if match[2] != call.account or match[1] != call.region:
        raise errors.ResourceNotFoundException()
    return match[3]


def _check_number(request: dict[str, Any]) -> None:
    if request["VersionNumber"] < 1:
        raise errors.InvalidParameterValueException("Layer Version Cannot be less than 1")


def _check_revision(layer: Layer, request: dict[str, Any]) -> None:
    if request.get("RevisionId") and request["RevisionId"] != layer.policy.get("revision"):
        raise errors.PreconditionFailedException(
            "The Revision Id provided does not match the latest Revision Id. Call the GetLayerPolicy API to retrieve "
            "the latest Revision Id"
        )


def check_compatibility(request: dict[str, Any]) -> None:
    """Both lists at once, as AWS words it (recorded: test_layer_exceptions)."""
    found = []
    runtimes, architectures = request.get("CompatibleRuntimes") or [], request.get("CompatibleArchitectures") or []
    known = {*configuration.CURRENT_RUNTIMES, *configuration.DEPRECATED_RUNTIMES}
    if not known.issuperset(runtimes):
        found.append(
            f"Value '[{', '.join(runtimes)}]' at 'compatibleRuntimes' failed to satisfy constraint: Member must satisfy "
            f"enum value set: [{', '.join(configuration.CURRENT_RUNTIMES)}]"
        )
    if not set(_ARCHITECTURES).issuperset(architectures):
        found.append(
            f"Value '[{', '.join(architectures)}]' at 'compatibleArchitectures' failed to satisfy constraint: Member "
            "must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]"
        )
    if found:
        plural = "" if len(found) == 1 else "s"
        raise ValidationException(f"{len(found)} validation error{plural} detected: {'; '.join(found)}")


def _fits(layer: Layer, request: dict[str, Any]) -> bool:
    runtime, architecture = request.get("CompatibleRuntime"), request.get("CompatibleArchitecture")
    return (not runtime or runtime in layer.config["CompatibleRuntimes"]) and (
        not architecture or architecture in layer.config["CompatibleArchitectures"]
    )
