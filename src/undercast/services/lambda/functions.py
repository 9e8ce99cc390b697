"""Operations on functions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit import paging
from undercast.kit.call import Call
from undercast.kit.service import waits

from . import (
    activation,
    configuration,
    destinations,
    downloads,
    errors,
    execution_roles,
    layer_storage,
    names,
    packages,
    storage,
    variables,
)
from .fleet import fleet
from .model import CODE_STORAGE_BYTES, Code, Function, Version
from .names import LATEST, Reference
from .releases import publish

_PAGE = 50
_LAYERS = 5


@waits
async def create_function(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Create a function from a zip, an object or a local folder."""
    reference = names.read(call, request).of(None)
    _check_name(reference.name)
    config = configuration.create(request, reference.name, call.region)
    _check_targets(request)
    await call.transact(_check_new, reference)
    code = await packages.receive(call, request["Code"])
    return await call.transact(_create, reference, config, code, request)


async def get_function(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A function's configuration, where its code can be fetched, its tags and its reserved concurrency."""
    reference = names.read(call, request)
    version = await storage.get_version(call, reference)
    function = await storage.get_function(call, reference)
    return {
        "Configuration": await variables.describe(call, version, _as_asked(reference, version)),
        "Code": {"RepositoryType": "S3", "Location": await downloads.location(call, version.code)},
        "Tags": dict(function.tags) or None,
        "Concurrency": {"ReservedConcurrentExecutions": function.reserved} if function.reserved >= 0 else None,
    }


async def get_function_configuration(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A function's configuration."""
    reference = names.read(call, request)
    version = await storage.get_version(call, reference)
    return await variables.describe(call, version, _as_asked(reference, version))


async def list_functions(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The functions of the account and region by name, as $LATEST or with all that was published of them."""
    if request.get("MasterRegion") not in (None, "ALL", call.region):
        return {"Functions": []}
    limit = min(request.get("MaxItems") or _PAGE, _PAGE)
    every = request.get("FunctionVersion") == "ALL"
    after = read_marker(request, ["", -1])
    found = await storage.list_all(call, (after[0], after[1]), limit + 1, every_version=every)
    shown = found[:limit]
    return {
        "Functions": [await _listed(call, version, every) for version in shown],
        "NextMarker": paging.encode_token([shown[-1].name, shown[-1].number]) if len(found) > limit else None,
    }


async def delete_function(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete a function, or one of its versions."""
    reference = names.read(call, request)
    version = reference.qualifier
    if version == LATEST:
        raise errors.InvalidParameterValueException("$LATEST version cannot be deleted without deleting the function.")
    if version and not version.isdigit() and not version.startswith("$"):
        raise errors.InvalidParameterValueException("Deletion of aliases is not currently supported.")
    await storage.get_function(call, reference.of(None))
    if version:
        await _delete_version(call, reference, version)
    else:
        await _delete_all(call, reference)
    return {"StatusCode": 204}


@waits
async def update_function_code(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Give a function new code."""
    reference = names.read(call, request)
    configuration.refuse(request)
    await call.transact(_check_updatable, reference, request)
    code = await packages.receive(call, request)
    return await call.transact(_update_code, reference, code, request)


async def update_function_configuration(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change some of a function's settings."""
    reference = names.read(call, request)
    version = await _check_updatable(call, reference, request)
    _check_targets(request)
    if request.get("Role"):
        await execution_roles.check(call, request["Role"])
    config = configuration.update(version.config, request, version.name, call.region)
    config = await variables.keep(call, version.reference, version.config, config)
    if request.get("Layers") is not None:
        config = await _with_layers(call, config, request["Layers"])
    return await variables.describe(call, await _change(call, version, config=config))


# --- what they have in common ---


def read_marker(request: dict[str, Any], default: Any) -> Any:
    """The position in a list's marker. InvalidParameterValueException when it is not one of ours."""
    try:
        return paging.decode_token(request["Marker"]) if request.get("Marker") else default
    except paging.InvalidToken:
        raise errors.InvalidParameterValueException("Invalid pagination token.") from None


async def _with_layers(call: Call, config: dict[str, Any], arns: list[str]) -> dict[str, Any]:
    """The configuration with other layers. InvalidParameterValueException when one cannot be used."""
    if len(arns) > _LAYERS:
        raise errors.InvalidParameterValueException(f"Cannot reference more than {_LAYERS} layers.")
    layers = [await layer_storage.get_by_arn(call, arn) for arn in arns]
    if len({layer.layer_arn for layer in layers}) < len(layers):
        raise errors.InvalidParameterValueException(
            f"Two different versions of the same layer are not allowed to be referenced in the same function. "
            f"{', '.join(arns)} are versions of the same layer."
        )
    changed = {key: value for key, value in config.items() if key not in ("Layers", "_LayerCode")}
    if layers:
        changed["Layers"] = [{"Arn": layer.arn, "CodeSize": layer.code.size} for layer in layers]
        changed["_LayerCode"] = [layer.code.key for layer in layers]
    return changed


def _as_asked(reference: Reference, version: Version) -> str:
    return reference.qualified_arn if reference.qualifier else version.arn


async def _listed(call: Call, version: Version, every: bool) -> dict[str, Any]:
    """Lists leave out the state. https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html"""
    arn = version.reference.of(version.version).qualified_arn if every else ""
    shown = await variables.describe(call, version, arn)
    hidden = ("State", "StateReason", "StateReasonCode", "LastUpdateStatus", "LastUpdateStatusReason",
              "LastUpdateStatusReasonCode", "RuntimeVersionConfig")  # fmt: skip
    return {member: value for member, value in shown.items() if member not in hidden}


def _check_name(name: str) -> None:
    if len(name) > 64:  # recorded: test_function_name_and_qualifier_validation[function_name_too_long-create_function]
        raise errors.InvalidParameterValueException(
            f"1 validation error detected: Value '{name}' at 'functionName' failed to satisfy constraint: "
            "Member must have length less than or equal to 64"
        )


def _check_targets(request: dict[str, Any]) -> None:
    dead_letter = (request.get("DeadLetterConfig") or {}).get("TargetArn")
    if dead_letter:
        destinations.check(dead_letter, dead_letter=True)


async def _check_new(call: Call, reference: Reference) -> None:
    if await storage.find_function(call, reference):
        raise errors.ResourceConflictException(f"Function already exist: {reference.name}")


async def _create(
    call: Call, reference: Reference, config: dict[str, Any], code: Code, request: dict[str, Any]
) -> dict[str, Any]:
    await _check_new(call, reference)
    await _check_storage(call, code)
    await execution_roles.check(call, config["Role"])
    config = await variables.keep(call, reference, {}, config)
    if request.get("Layers"):
        config = await _with_layers(call, config, request["Layers"])
    signing = request.get("CodeSigningConfigArn") or ""
    function = Function(
        reference.account, reference.region, reference.name, call.now, 0, -1, {}, "Terminate", signing,
        request.get("Tags") or {},
    )  # fmt: skip
    await downloads.check_signing(call, signing)
    latest = Version(
        reference.account, reference.region, reference.name, LATEST, 0, call.ids.uuid(), call.now, "Pending", "", "",
        "", code, config,
    )  # fmt: skip
    await storage.add_function(call, function)
    await storage.add_version(call, latest)
    await activation.later(call, latest)
    if request.get("Publish"):
        latest = await publish(call, latest)
        # recorded: test_notfound_and_invalid_routingconfigs
        return await variables.describe(call, latest, reference.arn)
    return await variables.describe(call, latest)


async def _check_storage(call: Call, code: Code) -> None:
    used, _ = await storage.usage(call)
    if used + code.size > CODE_STORAGE_BYTES:
        raise errors.CodeStorageExceededException()


async def _check_updatable(call: Call, reference: Reference, request: dict[str, Any]) -> Version:
    if reference.qualifier and reference.qualifier != LATEST:
        raise errors.InvalidParameterValueException("Only $LATEST can be updated.")
    version = await storage.get_version(call, reference.of(None))
    if request.get("RevisionId") and request["RevisionId"] != version.revision:
        raise errors.PreconditionFailedException()
    return version


async def _update_code(call: Call, reference: Reference, code: Code, request: dict[str, Any]) -> dict[str, Any]:
    version = await _check_updatable(call, reference, request)
    await _check_storage(call, code)
    function = await storage.get_function(call, version.reference)
    await downloads.check_signing(call, function.code_signing_arn)
    config = dict(version.config)
    if request.get("Architectures"):
        config["Architectures"] = request["Architectures"]
    if request.get("DryRun"):
        return await variables.describe(call, replace(version, code=code, config=config))
    changed = await _change(call, version, code=code, config=config)
    if request.get("Publish"):
        return await variables.describe(call, await publish(call, changed))
    return await variables.describe(call, changed)


async def _change(call: Call, version: Version, **changes: Any) -> Version:
    """Save an update, and have it become active; environments of what was before end when they are done."""
    changed = replace(
        version, **changes, revision=call.ids.uuid(), modified_at=call.now, state="Active", state_reason="",
        update_status="InProgress", update_reason="",
    )  # fmt: skip
    await storage.save_version(call, changed)
    await activation.later(call, changed)
    _retire(call, version)
    return changed


def _retire(call: Call, version: Version) -> None:
    platform_fleet = fleet(call)
    call.after_commit(lambda: platform_fleet.retire(version.revision))


async def _delete_version(call: Call, reference: Reference, number: str) -> None:
    version = await storage.find_version(call, reference, number)
    if version is None:
        if not number.isdigit():  # recorded: lowercase_latest_qualifier-delete_function
            raise errors.no_function(reference.arn)
        return  # deleting a version that is not there succeeds (recorded: test_delete_on_nonexisting_version)
    for alias in await storage.list_aliases(call, reference, None, "", 10_000):
        if number == alias.version or number in alias.weights:
            raise errors.ResourceConflictException(
                f"Version was not able to be deleted because the following aliases reference it: [{alias.alias}]"
            )
    await storage.delete_version(call, reference, number)
    _retire(call, version)


async def _delete_all(call: Call, reference: Reference) -> None:
    for version in await storage.list_versions(call, reference, -1, 10_000):
        _retire(call, version)
    await storage.delete_function(call, reference)
