"""Operations on registries and their policies."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.services.schemas import errors, pages, storage
from undercast.services.schemas.model import AWS_EVENTS, Registry

_NAME = re.compile(r"[0-9A-Za-z_.\-@]{1,64}")


async def create_registry(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Make a registry."""
    name = request["RegistryName"]
    if not _NAME.fullmatch(name):
        raise errors.BadRequestException(
            "Registry name must be 1 to 64 letters, digits, dots, hyphens, underscores or @."
        )
    if name.lower().startswith("aws."):
        raise errors.BadRequestException("Registry name cannot start with aws.")
    made = Registry(call.account, call.region, name, request.get("Description") or "", request.get("Tags") or {})
    if not await storage.add_registry(call, made):
        raise errors.ConflictException(f"Registry with name {name} already exists.")
    return _show(made)


async def describe_registry(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A registry."""
    if request["RegistryName"] == AWS_EVENTS:
        return _show(_aws_events(call))
    return _show(await storage.find_registry(call, request["RegistryName"]))


async def update_registry(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change a registry's description."""
    found = await _find(call, request["RegistryName"])
    changed = replace(found, description=request.get("Description") or "")
    await storage.save_registry(call, changed)
    return _show(changed)


async def delete_registry(call: Call, request: dict[str, Any]) -> None:
    """Delete a registry that is empty."""
    found = await _find(call, request["RegistryName"])
    if await storage.list_schemas(call, found.name, "", "", 1):
        raise errors.BadRequestException(f"Registry {found.name} has schemas; delete them first.")
    await storage.delete_registry(call, found)


async def list_registries(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Registries by name: the account's, AWS's, or both."""
    after, limit = pages.read(request, "")
    prefix, scope = request.get("RegistryNamePrefix") or "", (request.get("Scope") or "").upper()
    if scope not in ("", "LOCAL", "AWS"):
        raise errors.BadRequestException("Scope must be LOCAL or AWS.")
    found = [] if scope == "AWS" else await storage.list_registries(call, prefix, after, limit + 1)
    if scope != "LOCAL" and after < AWS_EVENTS and AWS_EVENTS.startswith(prefix):
        found = sorted([*found, _aws_events(call)], key=lambda registry: registry.name)
    return pages.answer("Registries", found, limit, _summary, lambda registry: registry.name)


# --- policies ---


async def put_resource_policy(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Set a registry's policy, unless it was changed since the given revision."""
    registry = await _find(call, _named(request))
    try:
        policy = orjson.loads(request["Policy"])
    except orjson.JSONDecodeError:
        raise errors.BadRequestException("Policy is not valid JSON.") from None
    if not isinstance(policy, dict) or not policy.get("Statement"):
        raise errors.BadRequestException("Policy must have a Statement.")
    revision = request.get("RevisionId")
    if revision and revision != registry.policy_revision:
        raise errors.PreconditionFailedException("The RevisionId does not match that of the policy.")
    changed = replace(registry, policy=orjson.dumps(policy).decode(), policy_revision=call.ids.uuid())
    await storage.save_registry(call, changed)
    return {"Policy": changed.policy, "RevisionId": changed.policy_revision}


async def get_resource_policy(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A registry's policy."""
    registry = await _with_policy(call, request)
    return {"Policy": registry.policy, "RevisionId": registry.policy_revision}


async def delete_resource_policy(call: Call, request: dict[str, Any]) -> None:
    """Take a registry's policy away."""
    registry = await _with_policy(call, request)
    await storage.save_registry(call, replace(registry, policy="", policy_revision=""))


async def _with_policy(call: Call, request: dict[str, Any]) -> Registry:
    registry = await _find(call, _named(request))
    if not registry.policy:
        raise errors.NotFoundException(f"Registry {registry.name} has no policy.")
    return registry


def _named(request: dict[str, Any]) -> str:
    if not request.get("RegistryName"):
        raise errors.BadRequestException("RegistryName must be specified.")
    return str(request["RegistryName"])


async def _find(call: Call, name: str) -> Registry:
    """A registry that can be changed."""
    if name == AWS_EVENTS:
        raise errors.ForbiddenException(f"The registry {AWS_EVENTS} cannot be changed.")
    return await storage.find_registry(call, name)


def _aws_events(call: Call) -> Registry:
    return Registry(call.account, call.region, AWS_EVENTS, "Contains the schemas of events emitted by AWS services.")


def _show(registry: Registry) -> dict[str, Any]:
    return {"Description": registry.description or None, **_summary(registry)}


def _summary(registry: Registry) -> dict[str, Any]:
    return {"RegistryArn": registry.arn, "RegistryName": registry.name, "Tags": registry.tags or {}}
