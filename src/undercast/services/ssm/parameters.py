"""Operations on parameters: put, get, delete."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit.call import Call
from undercast.services.ssm import errors, model, storage, values
from undercast.services.ssm.errors import ValidationException
from undercast.services.ssm.model import DEFAULT_KEY, MOST_VERSIONS, Parameter, Version
from undercast.services.ssm.reference import PREFIX, secret_parameter
from undercast.services.ssm.tags import merged

_TAGS_AND_OVERWRITE = (
    "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove "
    "overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource."
)


async def put_parameter(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Create a parameter, or give it a new version."""
    name, _ = model.split_selector(request["Name"], call.account, call.region)
    model.check_name(name)
    before = await storage.find_parameter(call, name)
    _check_request(request, before)
    version = _draft(call, name, request, before.latest if before else None)
    if version.secure:
        version = replace(version, value=await values.encrypt(call, name, version.value, version.key_id))
    if before:
        await _check_oldest(call, version)
        if before.expiry_job:
            await call.cancel_job(before.expiry_job)
    expires_at = model.expires_at(version.policies, version.tier)
    job = 0 if expires_at is None else await call.later(expires_at, "expire", [name, version.version])
    tags = merged({}, request.get("Tags") or [])
    await storage.add_version(call, version, tags, job)
    return {"Version": version.version, "Tier": version.tier}


async def get_parameter(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """One parameter: its latest version, or the one that the name selects."""
    decrypt = bool(request.get("WithDecryption"))
    if request["Name"].startswith(PREFIX):
        return {"Parameter": await secret_parameter(call, request["Name"], decrypt=decrypt)}
    return {"Parameter": await _get(call, request["Name"], decrypt=decrypt)}


async def get_parameters(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Up to ten parameters; what is not there is listed."""
    decrypt, found, missing = bool(request.get("WithDecryption")), [], []
    for name in dict.fromkeys(request["Names"]):
        try:
            if name.startswith(PREFIX):
                found.append(await secret_parameter(call, name, decrypt=decrypt))
            else:
                found.append(await _get(call, name, decrypt=decrypt))
        except (errors.ParameterNotFound, errors.ParameterVersionNotFound):
            missing.append(name)
    return {"Parameters": found, "InvalidParameters": missing}


async def delete_parameter(call: Call, request: dict[str, Any]) -> None:
    """Delete a parameter with all its versions."""
    await _delete(call, model.split_selector(request["Name"], call.account, call.region)[0])


async def delete_parameters(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete up to ten parameters; what is not there is listed."""
    deleted, missing = [], []
    for name in dict.fromkeys(request["Names"]):
        try:
            await _delete(call, name)
            deleted.append(name)
        except errors.ParameterNotFound:
            missing.append(name)
    return {"DeletedParameters": deleted, "InvalidParameters": missing}


async def _delete(call: Call, name: str) -> None:
    parameter = await storage.get_parameter(call, name)
    if parameter.expiry_job:
        await call.cancel_job(parameter.expiry_job)
    await storage.delete_parameter(call, name)


# --- getting ---


async def _get(call: Call, name: str, *, decrypt: bool) -> dict[str, Any]:
    path, selector = model.split_selector(name, call.account, call.region)
    version = await _select(call, path, selector)
    return {
        "Name": version.name,
        "Type": version.type,
        "Value": await values.decrypt(call, version) if decrypt and version.secure else values.shown(version),
        "Version": version.version,
        "Selector": f":{selector}" if selector else None,
        "LastModifiedDate": version.modified_at,
        "ARN": model.arn(call.account, call.region, version.name),
        "DataType": version.data_type,
    }


async def _select(call: Call, name: str, selector: str) -> Version:
    parameter = await storage.get_parameter(call, name)
    if not selector:
        return parameter.latest
    if selector.isdigit():
        version = await storage.find_version(call, name, int(selector))
        if version:
            return version
        raise errors.ParameterVersionNotFound(_no_version(selector, name))
    for version in await storage.list_versions(call, name):
        if selector in version.labels:
            return version
    raise errors.ParameterVersionNotFound(
        f"Systems Manager could not find version label {selector} of {name}. Verify the label and try again."
    )


def _no_version(version: object, name: str) -> str:
    return f"Systems Manager could not find version {version} of {name}. Verify the version and try again."


# --- putting ---


def _check_request(request: dict[str, Any], before: Parameter | None) -> None:
    if request.get("Overwrite") and request.get("Tags"):
        raise ValidationException(_TAGS_AND_OVERWRITE)
    if before and not request.get("Overwrite"):
        raise errors.ParameterAlreadyExists()
    if before and request.get("Type") not in (None, before.latest.type):
        raise errors.HierarchyTypeMismatchException()
    if not before and not request.get("Type"):
        raise ValidationException("A parameter type is required when you create a parameter.")
    secure = (request.get("Type") or (before and before.latest.type)) == "SecureString"
    if request.get("KeyId") and not secure:
        raise ValidationException("KeyId is required for SecureString type parameter only.")
    model.check_data_type(request.get("DataType") or "text")


def _draft(call: Call, name: str, request: dict[str, Any], before: Version | None) -> Version:
    """The new version; what the request leaves out stays as it was."""

    def kept(member: str, attribute: str) -> str:
        value = request.get(member)
        return str(value) if value is not None else getattr(before, attribute) if before else ""

    type, policies = kept("Type", "type"), kept("Policies", "policies")
    tier = model.choose_tier(request.get("Tier"), before.tier if before else None, request["Value"], policies)
    model.check_value(request["Value"], tier, type, kept("AllowedPattern", "allowed_pattern"))
    return Version(
        name=name,
        version=before.version + 1 if before else 1,
        type=type,
        value=request["Value"],
        key_id=(kept("KeyId", "key_id") or DEFAULT_KEY) if type == "SecureString" else "",
        tier=tier,
        data_type=request.get("DataType") or "text",
        description=kept("Description", "description"),
        allowed_pattern=kept("AllowedPattern", "allowed_pattern"),
        policies="" if policies in ("[]", "[{}]") else policies,
        labels=(),
        modified_at=call.now,
        modified_by=call.identity.arn,
    )


async def _check_oldest(call: Call, version: Version) -> None:
    """A version with a label does not go by itself."""
    oldest = await storage.find_version(call, version.name, version.version - MOST_VERSIONS)
    if oldest and oldest.labels:
        raise errors.ParameterMaxVersionLimitExceeded(
            f"You attempted to create a new version of {version.name} by calling the PutParameter API with the "
            f"overwrite flag. Version {oldest.version}, the oldest version, can't be deleted because it has a label "
            "associated with it. Move the label to another version of the parameter, and try again."
        )
