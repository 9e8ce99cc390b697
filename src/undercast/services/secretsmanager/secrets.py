"""Operations on secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from undercast.kit.call import Call
from undercast.kit.errors import NotImplementedYet
from undercast.kit.tags import as_list, as_map
from undercast.services.secretsmanager import errors, model, rotating, storage, values, versions
from undercast.services.secretsmanager.errors import InvalidParameterException, InvalidRequestException
from undercast.services.secretsmanager.model import CURRENT, DAY_MS, Secret, SecretId

_REFUSED = ("AddReplicaRegions", "Type", "CrossAccountPrimaryARN")


async def create_secret(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Create a secret, with or without a value."""
    refuse(request, *_REFUSED)
    name = request["Name"]
    model.check_name(name, of_service=bool(call.identity.service))
    value, token = values.given(request), request.get("ClientRequestToken") or call.ids.uuid()
    existing = await storage.find_by_name(call, name)
    if existing:
        return await _created_before(call, existing, token, value)
    tags = merged({}, request["Tags"]) if request.get("Tags") is not None else None
    secret = Secret(
        call.account, call.region, name, call.ids.alnum(6), request.get("Description") or "",
        request.get("KmsKeyId") or "", tags, "", call.now, call.now, 0, 0, 0, {}, {},
    )  # fmt: skip
    await storage.add_secret(call, secret)
    if value:
        await versions.put(call, secret, token, value, (CURRENT,))
    return {"ARN": secret.arn, "Name": name, "VersionId": token if value else None}


async def update_secret(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change a secret's description, key or value."""
    refuse(request, "Type")
    secret = await storage.find_present(call, request["SecretId"])
    value, token = values.given(request), request.get("ClientRequestToken") or call.ids.uuid()
    changed = replace(
        secret,
        description=secret.description if request.get("Description") is None else request["Description"],
        kms_key=secret.kms_key if request.get("KmsKeyId") is None else request["KmsKeyId"],
        changed_at=call.now,
    )
    await storage.save_secret(call, changed)
    if value:
        await versions.put(call, changed, token, value, (CURRENT,))
    return {"ARN": secret.arn, "Name": secret.name, "VersionId": token if value else None}


async def describe_secret(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """All about a secret but its value."""
    secret = await storage.find_secret(call, request["SecretId"])
    return {**show(secret), "VersionIdsToStages": shown_stages(secret)}


async def delete_secret(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete a secret after its recovery window, or at once."""
    force, window = request.get("ForceDeleteWithoutRecovery"), request.get("RecoveryWindowInDays")
    if force and window is not None:
        raise InvalidParameterException(
            "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays."
        )
    if window is not None and not 7 <= window <= 30:
        raise InvalidParameterException("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).")
    if force:
        return await _delete_now(call, request["SecretId"])
    secret = await storage.find_present(call, request["SecretId"])
    at = call.now + (window or 30) * DAY_MS
    job = await call.into(account=secret.account).later(at, "delete", [secret.name, secret.suffix])
    await storage.save_secret(call, replace(secret, deleted_at=at, deletion_job=job))
    return {"ARN": secret.arn, "Name": secret.name, "DeletionDate": at}


async def restore_secret(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Keep a secret that was to be deleted."""
    secret = await storage.find_secret(call, request["SecretId"])
    if secret.deletion_job:
        await call.into(account=secret.account).cancel_job(secret.deletion_job)
    await storage.save_secret(call, replace(secret, deleted_at=0, deletion_job=0))
    return {"ARN": secret.arn, "Name": secret.name}


async def tag_resource(call: Call, request: dict[str, Any]) -> None:
    """Add or change tags."""
    secret = await storage.find_present(call, request["SecretId"])
    await storage.save_secret(call, replace(secret, tags=merged(secret.tags or {}, request["Tags"])))


async def untag_resource(call: Call, request: dict[str, Any]) -> None:
    """Remove tags."""
    secret = await storage.find_present(call, request["SecretId"])
    kept = {key: value for key, value in (secret.tags or {}).items() if key not in request["TagKeys"]}
    await storage.save_secret(call, replace(secret, tags=kept))


# --- what other files need too ---


def refuse(request: dict[str, Any], *members: str) -> None:
    """NotImplemented for members that cannot act here yet."""
    for member in members:
        if request.get(member):
            raise NotImplementedYet(f"Undercast's Secrets Manager does not have {member} yet.")


def show(secret: Secret) -> dict[str, Any]:
    """What DescribeSecret and ListSecrets both tell."""
    rotation = secret.rotation
    return {
        "ARN": secret.arn,
        "Name": secret.name,
        "Description": secret.description or None,
        "KmsKeyId": secret.kms_key or None,
        "RotationEnabled": rotation.get("enabled"),
        "RotationLambdaARN": rotation.get("lambda"),
        "RotationRules": rotation.get("rules"),
        "LastRotatedDate": rotation.get("last") or None,
        "NextRotationDate": rotation.get("next") or None,
        "LastChangedDate": secret.changed_at,
        "LastAccessedDate": secret.accessed_at or None,
        "DeletedDate": secret.deleted_at or None,
        "Tags": None if secret.tags is None else as_list(secret.tags),
        "CreatedDate": secret.created_at,
    }


def shown_stages(secret: Secret) -> dict[str, list[str]] | None:
    return {version: list(stages) for version, stages in secret.stages.items()} or None


def merged(tags: Mapping[str, str], added: list[dict[str, str]]) -> dict[str, str]:
    """InvalidParameterException when there are more than fifty."""
    result = {**tags, **as_map(added)}
    if len(result) > 50:
        raise InvalidParameterException("A secret can have at most 50 tags.")
    return result


async def _created_before(call: Call, secret: Secret, token: str, value: tuple[str, bytes] | None) -> dict[str, Any]:
    """The same request again is no error."""
    if secret.deleted_at:
        raise InvalidRequestException(
            "You can't create this secret because a secret with this name is already scheduled for deletion."
        )
    version = await storage.find_version(call, secret, token)
    if version and value and (version.kind, await values.decrypt(call, secret, version)) == value:
        return {"ARN": secret.arn, "Name": secret.name, "VersionId": token}
    raise errors.ResourceExistsException(f"The operation failed because the secret {secret.name} already exists.")


async def _delete_now(call: Call, secret_id: str) -> dict[str, Any]:
    """A secret that is not there is deleted too, as AWS documents."""
    try:
        secret = await storage.find_secret(call, secret_id)
    except errors.ResourceNotFoundException:
        name = SecretId.parse(secret_id).name
        arn = call.arn(f"secret:{name}-{call.ids.alnum(6)}")
        return {"ARN": arn, "Name": name, "DeletionDate": call.now}
    if secret.deletion_job:
        await call.into(account=secret.account).cancel_job(secret.deletion_job)
    await rotating.unschedule(call, secret)
    await storage.delete_secret(call, secret)
    return {"ARN": secret.arn, "Name": secret.name, "DeletionDate": call.now}
