"""Operations on the values and versions of secrets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit import paging
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.secretsmanager import errors, lists, model, storage, values, versions
from undercast.services.secretsmanager.errors import InvalidParameterException, InvalidRequestException
from undercast.services.secretsmanager.model import CURRENT, DAY_MS, Secret, Version
from undercast.services.secretsmanager.secrets import refuse


async def get_secret_value(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The value of a version: the current one, or that of an id or a staging label."""
    secret = await storage.find_present(call, request["SecretId"])
    version = await _select(call, secret, request.get("VersionId"), request.get("VersionStage"))
    await _accessed(call, secret, version)
    return await _show(call, secret, version)


async def batch_get_secret_value(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The current values of up to twenty secrets, by id or by filters; each fails by itself."""
    ids, filters = request.get("SecretIdList"), request.get("Filters")
    if bool(ids) == bool(filters):
        raise InvalidParameterException("Either 'SecretIdList' or 'Filters' must be provided, but not both.")
    if ids and request.get("MaxResults"):
        raise InvalidParameterException(
            "'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is provided."
        )
    token = None
    if filters:
        found, token = await lists.search(call, {"Filters": filters, **request}, request.get("MaxResults") or 20)
        ids = [secret.arn for secret in found]
    shown, failed = [], []
    for secret_id in ids or []:
        try:
            shown.append(await get_secret_value(call, {"SecretId": secret_id}))
        except ServiceError as error:
            failed.append({"SecretId": secret_id, "ErrorCode": error.code, "Message": error.message})
    return {"SecretValues": shown, "Errors": failed, "NextToken": token}


async def put_secret_value(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Add a version."""
    refuse(request, "RotationToken")
    secret = await storage.find_present(call, request["SecretId"])
    value = values.given(request)
    if value is None:
        raise InvalidRequestException("You must provide either SecretString or SecretBinary.")
    version_id = request.get("ClientRequestToken") or call.ids.uuid()
    stages = request.get("VersionStages") or [CURRENT]
    changed = await versions.put(call, secret, version_id, value, stages)
    return {
        "ARN": secret.arn,
        "Name": secret.name,
        "VersionId": version_id,
        "VersionStages": list(changed.stages.get(version_id, ())) or None,
    }


async def list_secret_version_ids(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The versions of a secret, oldest first."""
    secret = await storage.find_secret(call, request["SecretId"])
    known = [
        version
        for version in await storage.list_versions(call, secret)
        if version.id in secret.stages or request.get("IncludeDeprecated")
    ]
    token, limit = request.get("NextToken"), request.get("MaxResults") or 100
    try:
        start = int(str(paging.decode_token(token))) if token else 0
    except ValueError:  # InvalidToken is one
        raise errors.InvalidNextTokenException() from None
    page = known[start : start + limit]
    return {
        "ARN": secret.arn,
        "Name": secret.name,
        "Versions": [_show_version(secret, version) for version in page],
        "NextToken": paging.encode_token(start + limit) if len(known) > start + limit else None,
    }


async def update_secret_version_stage(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Move a staging label, attach it, or take it away."""
    secret = await storage.find_present(call, request["SecretId"])
    label, source, target = request["VersionStage"], request.get("RemoveFromVersionId"), request.get("MoveToVersionId")
    holder = secret.version_of(label)
    if not source and not target:
        raise InvalidParameterException("You must specify either RemoveFromVersionId or MoveToVersionId.")
    if source and source != holder:
        raise InvalidParameterException(
            f"The parameter RemoveFromVersionId is invalid. Staging label {label} is not attached to version {source}."
        )
    if target:
        if holder and holder != target and not source:
            raise InvalidParameterException(
                f"The parameter RemoveFromVersionId can't be empty. Staging label {label} is currently attached to "
                f"version {holder}, so you must explicitly reference that version in RemoveFromVersionId."
            )
        if not await storage.find_version(call, secret, target):
            raise errors.ResourceNotFoundException(
                f"Secrets Manager can't find the specified secret value for VersionId: {target}"
            )
        stages = model.label(secret.stages, target, [label])
    elif label == CURRENT:
        raise InvalidParameterException(
            "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed."
        )
    else:
        stages = model.unlabel(secret.stages, str(source), label)
    await storage.save_secret(call, replace(secret, stages=stages, changed_at=call.now))
    return {"ARN": secret.arn, "Name": secret.name}


async def _select(call: Call, secret: Secret, version_id: str | None, stage: str | None) -> Version:
    stage = stage or ("" if version_id else CURRENT)
    wanted = version_id or secret.version_of(stage)
    version = await storage.find_version(call, secret, wanted) if wanted else None
    if version is None or not version.kind:
        what = f"VersionId: {version_id}" if version_id else f"staging label: {stage}"
        raise errors.ResourceNotFoundException(f"Secrets Manager can't find the specified secret value for {what}")
    if stage and stage not in secret.stages.get(version.id, ()):
        raise InvalidRequestException("You provided a VersionStage that is not associated to the provided VersionId.")
    return version


async def _accessed(call: Call, secret: Secret, version: Version) -> None:
    """LastAccessedDate tells the day only, so a value that is read often is rarely written."""
    today = call.now - call.now % DAY_MS
    if secret.accessed_at != today:
        await storage.save_secret(call, replace(secret, accessed_at=today))
    if version.accessed_at != today:
        await storage.save_version(call, secret, replace(version, accessed_at=today))


async def _show(call: Call, secret: Secret, version: Version) -> dict[str, Any]:
    return {
        "ARN": secret.arn,
        "Name": secret.name,
        "VersionId": version.id,
        "VersionStages": list(secret.stages.get(version.id, ())) or None,
        "CreatedDate": version.created_at,
        **await values.shown(call, secret, version),
    }


def _show_version(secret: Secret, version: Version) -> dict[str, Any]:
    return {
        "VersionId": version.id,
        "VersionStages": list(secret.stages.get(version.id, ())) or None,
        "LastAccessedDate": version.accessed_at or None,
        "CreatedDate": version.created_at,
        "KmsKeyIds": [secret.kms_key or "DefaultEncryptionKey"],
    }
