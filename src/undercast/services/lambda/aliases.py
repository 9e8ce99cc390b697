"""Operations on aliases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from undercast.kit import paging
from undercast.kit.call import Call
from undercast.kit.errors import ValidationException

from . import errors, names, storage
from .functions import read_marker
from .model import Alias
from .names import LATEST, Reference

_KEYS = (
    "Map keys must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length "
    "greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+]"
)
_VALUES = (
    "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value "
    "greater than or equal to 0.0, Member must not be null]"
)


async def create_alias(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Give a version a name."""
    reference = names.read(call, request).of(None)
    name, version = request["Name"], request["FunctionVersion"]
    weights = _weights(request.get("RoutingConfig") or {})
    await storage.get_version(call, reference.of(version))
    if await storage.find_alias(call, reference, name):
        raise errors.ResourceConflictException(f"Alias already exists: {reference.of(name).qualified_arn}")
    await _check_weights(call, reference, version, weights)
    alias = Alias(
        reference.account, reference.region, reference.name, name, version, request.get("Description") or "", weights,
        call.ids.uuid(),
    )  # fmt: skip
    await storage.save_alias(call, alias)
    return alias.describe()


async def get_alias(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """An alias."""
    return (await storage.get_alias(call, names.read(call, request), request["Name"])).describe()


async def update_alias(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Move an alias, or change its description or weights."""
    reference = names.read(call, request).of(None)
    alias = await storage.get_alias(call, reference, request["Name"])
    if request.get("RevisionId") and request["RevisionId"] != alias.revision:
        raise errors.PreconditionFailedException()
    version = request.get("FunctionVersion") or alias.version
    routing = request.get("RoutingConfig")
    weights = alias.weights if routing is None else _weights(routing)
    await storage.get_version(call, reference.of(version))
    await _check_weights(call, reference, version, weights)
    description = request.get("Description")
    changed = replace(
        alias, version=version, weights=weights, revision=call.ids.uuid(),
        description=alias.description if description is None else description,
    )  # fmt: skip
    await storage.save_alias(call, changed)
    return changed.describe()


async def delete_alias(call: Call, request: dict[str, Any]) -> None:
    """Delete an alias; deleting it again does nothing."""
    await storage.delete_alias(call, names.read(call, request), request["Name"])


async def list_aliases(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A function's aliases by name, all or those of a version."""
    reference = names.read(call, request)
    await storage.get_function(call, reference)
    limit = min(request.get("MaxItems") or 50, 50)
    found = await storage.list_aliases(
        call, reference, request.get("FunctionVersion"), read_marker(request, ""), limit + 1
    )
    shown = found[:limit]
    return {
        "Aliases": [alias.describe() for alias in shown],
        "NextMarker": paging.encode_token(shown[-1].alias) if len(found) > limit else None,
    }


def _weights(routing: Mapping[str, Any]) -> dict[str, float]:
    weights = dict(routing.get("AdditionalVersionWeights") or {})
    if len(weights) > 1:
        raise errors.InvalidParameterValueException(
            "Number of items in AdditionalVersionWeights cannot be greater than 1"
        )
    return weights


async def _check_weights(call: Call, reference: Reference, version: str, weights: Mapping[str, float]) -> None:
    for other, weight in weights.items():
        shown = f"1 validation error detected: Value '{{{other}={weight}}}' at 'routingConfig.additionalVersionWeights'"
        if not other.isdigit():
            raise ValidationException(f"{shown} failed to satisfy constraint: {_KEYS}")
        if not 0 <= weight <= 1:
            raise ValidationException(f"{shown} failed to satisfy constraint: {_VALUES}")
        if version == LATEST:
            raise errors.InvalidParameterValueException(
                "$LATEST is not supported for an alias pointing to more than 1 version", Type=None
            )
        if other == version:
            raise errors.InvalidParameterValueException(
                f"Invalid function version {other}. Function version {other} is already included in routing configuration."
            )
        await storage.get_version(call, reference.of(other))
