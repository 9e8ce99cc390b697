"""Operations on the labels and the history of a parameter's versions."""

from __future__ import annotations

from typing import Any

from undercast.kit import paging
from undercast.kit.call import Call
from undercast.services.ssm import errors, model, storage, values
from undercast.services.ssm.model import MOST_LABELS, Version


async def label_parameter_version(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Attach labels to a version; a label on another version moves."""
    parameter = await storage.get_parameter(call, model.split_selector(request["Name"], call.account, call.region)[0])
    number = request.get("ParameterVersion") or parameter.latest.version
    versions = {version.version: version for version in await storage.list_versions(call, parameter.name)}
    version = _version(versions, number, parameter.name)
    wanted = dict.fromkeys(request["Labels"])
    good = [label for label in wanted if model.good_label(label)]
    labels = list(dict.fromkeys([*version.labels, *good]))
    if len(labels) > MOST_LABELS:
        raise errors.ParameterVersionLabelLimitExceeded(
            "An error occurred (ParameterVersionLabelLimitExceeded) when calling the LabelParameterVersion operation: "
            "A parameter version can have maximum 10 labels."
            "Move one or more labels to another version and try again."
        )
    for other in versions.values():
        if other.version != number and set(good) & set(other.labels):
            kept = [label for label in other.labels if label not in good]
            await storage.save_labels(call, parameter.name, other.version, kept)
    await storage.save_labels(call, parameter.name, number, labels)
    return {"InvalidLabels": [label for label in wanted if label not in good], "ParameterVersion": number}


async def unlabel_parameter_version(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Take labels off a version."""
    parameter = await storage.get_parameter(call, model.split_selector(request["Name"], call.account, call.region)[0])
    number = request["ParameterVersion"]
    found = await storage.find_version(call, parameter.name, number)
    version = _version({number: found} if found else {}, number, parameter.name)
    wanted = dict.fromkeys(request["Labels"])
    await storage.save_labels(call, parameter.name, number, [each for each in version.labels if each not in wanted])
    return {
        "RemovedLabels": [label for label in wanted if label in version.labels],
        "InvalidLabels": [label for label in wanted if label not in version.labels],
    }


async def get_parameter_history(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The versions of a parameter, oldest first."""
    parameter = await storage.get_parameter(call, model.split_selector(request["Name"], call.account, call.region)[0])
    limit, token = request.get("MaxResults") or 50, request.get("NextToken")
    try:
        after = int(str(paging.decode_token(token))) if token else 0
    except ValueError:  # InvalidToken is one
        raise errors.InvalidNextToken() from None
    versions = await storage.list_versions(call, parameter.name, after, limit + 1)
    decrypt = bool(request.get("WithDecryption"))
    return {
        "Parameters": [await _show(call, version, decrypt=decrypt) for version in versions[:limit]],
        "NextToken": paging.encode_token(versions[limit - 1].version) if len(versions) > limit else None,
    }


def _version(versions: dict[int, Version], number: int, name: str) -> Version:
    if number not in versions:
        raise errors.ParameterVersionNotFound(
            f"Systems Manager could not find version {number} of {name}. Verify the version and try again."
        )
    return versions[number]


async def _show(call: Call, version: Version, *, decrypt: bool) -> dict[str, Any]:
    return {
        "Name": version.name,
        "Type": version.type,
        "KeyId": version.key_id or None,
        "LastModifiedDate": version.modified_at,
        "LastModifiedUser": version.modified_by,
        "Description": version.description or None,
        "Value": await values.decrypt(call, version) if decrypt and version.secure else values.shown(version),
        "AllowedPattern": version.allowed_pattern or None,
        "Version": version.version,
        "Labels": list(version.labels),
        "Tier": version.tier,
        "Policies": model.show_policies(version.policies),
        "DataType": version.data_type,
    }
