"""Operations that list parameters: by path, and by filters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from undercast.kit import paging
from undercast.kit.call import Call
from undercast.services.ssm import errors, model, storage, values
from undercast.services.ssm.errors import ValidationException
from undercast.services.ssm.model import Parameter, Version

_CHUNK = 200
_OLD_KEYS = ("Name", "Type", "KeyId")
_KEYS = ("Path", "Name", "Type", "KeyId", "Tier", "DataType")
_PATH_RULE = (
    "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash "
    '"/". It can\'t be prefixed with "aws" or "ssm" (case-insensitive). It must use only letters, numbers, or the '
    "following symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if "
    'specified, must use the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.'
)

Test = Callable[[Parameter], bool]


async def get_parameters_by_path(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The parameters under a path: on its level, or recursively."""
    if not request["Path"].startswith("/"):
        raise ValidationException(_PATH_RULE)
    under, decrypt = request["Path"].rstrip("/") + "/", bool(request.get("WithDecryption"))
    tests = [_by_path(under, recursive=bool(request.get("Recursive")))]
    label = None
    for filter in request.get("ParameterFilters") or []:
        if filter["Key"] == "Label":
            label = _values(filter)
        elif filter["Key"] in ("Type", "KeyId"):
            tests.append(_test(filter))
        else:
            raise errors.InvalidFilterKey(
                f"The following filter key is not valid: {filter['Key']}. Valid filter keys include: "
                "[Type, KeyId, Label]."
            )
    found, token = await _search(call, under, tests, request, request.get("MaxResults") or 10)
    versions = [await _labelled(call, each, label) if label else each.latest for each in found]
    return {
        "Parameters": [await _show_value(call, version, decrypt=decrypt) for version in versions if version],
        "NextToken": token,
    }


async def describe_parameters(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """What parameters there are, without their values."""
    old, new = request.get("Filters") or [], request.get("ParameterFilters") or []
    if old and new:
        raise ValidationException("You can use either Filters or ParameterFilters in a single request.")
    if request.get("Shared"):
        return {"Parameters": []}  # nobody shares parameters with this account
    tests = [_old_test(filter) for filter in old] + [_test(filter) for filter in new]
    found, token = await _search(call, _prefix(new), tests, request, request.get("MaxResults") or 50)
    return {"Parameters": [_describe(call, parameter.latest) for parameter in found], "NextToken": token}


async def _search(
    call: Call, prefix: str, tests: list[Test], request: dict[str, Any], limit: int
) -> tuple[list[Parameter], str | None]:
    after, found = _after(request), list[Parameter]()
    while True:
        chunk = await storage.list_parameters(call, prefix, after, _CHUNK)
        for parameter in chunk:
            if all(test(parameter) for test in tests):
                if len(found) == limit:
                    return found, paging.encode_token(found[-1].name)
                found.append(parameter)
        if len(chunk) < _CHUNK:
            return found, None
        after = chunk[-1].name


def _after(request: dict[str, Any]) -> str:
    try:
        return str(paging.decode_token(request["NextToken"])) if request.get("NextToken") else ""
    except paging.InvalidToken:
        raise errors.InvalidNextToken() from None


async def _labelled(call: Call, parameter: Parameter, labels: list[str]) -> Version | None:
    for version in await storage.list_versions(call, parameter.name):
        if set(labels) & set(version.labels):
            return version
    return None


# --- filters ---


def _by_path(under: str, *, recursive: bool) -> Test:
    return lambda each: each.name.startswith(under) and (recursive or "/" not in each.name[len(under) :])


def _prefix(filters: list[dict[str, Any]]) -> str:
    """What every name must begin with, for the database to begin there."""
    for filter in filters:
        if filter["Key"] in ("Name", "Path") and filter.get("Option") != "Contains" and len(_values(filter)) == 1:
            return str(_values(filter)[0])
    return ""


def _values(filter: dict[str, Any]) -> list[str]:
    found = filter.get("Values") or []
    if not found and not filter["Key"].startswith("tag:"):
        raise errors.InvalidFilterValue(
            f"The following filter values are missing : null for filter key {filter['Key']}"
        )
    return list(found)


def _test(filter: dict[str, Any]) -> Test:
    key, option, wanted = filter["Key"], filter.get("Option"), _values(filter)
    if key.startswith("tag:"):
        tag = key[4:]
        return lambda each: tag in each.tags and (not wanted or each.tags[tag] in wanted)
    if key not in _KEYS:
        raise errors.InvalidFilterKey(
            f"The following filter key is not valid: {key}. Valid filter keys include: "
            "[Path, Name, Type, KeyId, Tier, DataType] and tag:."
        )
    if key == "Path":
        return _path_test(option or "OneLevel", wanted)
    return _text_test(key, option or "Equals", wanted)


def _path_test(option: str, wanted: list[str]) -> Test:
    if option not in ("OneLevel", "Recursive"):
        raise errors.InvalidFilterOption(
            f"The following filter option is not valid: {option}. Valid options include: [Recursive, OneLevel]."
        )
    if not all(path.startswith("/") for path in wanted):
        raise ValidationException(_PATH_RULE)
    tests = [_by_path(path.rstrip("/") + "/", recursive=option == "Recursive") for path in wanted]
    return lambda each: any(test(each) for test in tests)


def _text_test(key: str, option: str, wanted: list[str]) -> Test:
    allowed = {"Equals", "BeginsWith", "Contains"} if key == "Name" else {"Equals", "BeginsWith"}
    if option not in allowed:
        raise errors.InvalidFilterOption(
            f"The following filter option is not valid: {option}. Valid options include: [BeginsWith, Equals]."
        )
    attribute = {"Name": "name", "Type": "type", "KeyId": "key_id", "Tier": "tier", "DataType": "data_type"}[key]
    compare: Callable[[str, str], bool] = {
        "Equals": lambda have, want: (
            have.removeprefix("/") == want.removeprefix("/") if key == "Name" else have == want
        ),
        "BeginsWith": str.startswith,
        "Contains": lambda have, want: want in have,
    }[option]
    return lambda each: any(compare(getattr(each.latest, attribute), want) for want in wanted)


def _old_test(filter: dict[str, Any]) -> Test:
    if filter["Key"] not in _OLD_KEYS:
        raise errors.InvalidFilterKey()
    return _text_test(filter["Key"], "BeginsWith", list(filter["Values"]))


# --- answers ---


async def _show_value(call: Call, version: Version, *, decrypt: bool) -> dict[str, Any]:
    return {
        "Name": version.name,
        "Type": version.type,
        "Value": await values.decrypt(call, version) if decrypt and version.secure else values.shown(version),
        "Version": version.version,
        "LastModifiedDate": version.modified_at,
        "ARN": model.arn(call.account, call.region, version.name),
        "DataType": version.data_type,
    }


def _describe(call: Call, version: Version) -> dict[str, Any]:
    return {
        "Name": version.name,
        "ARN": model.arn(call.account, call.region, version.name),
        "Type": version.type,
        "KeyId": version.key_id or None,
        "LastModifiedDate": version.modified_at,
        "LastModifiedUser": version.modified_by,
        "Description": version.description or None,
        "AllowedPattern": version.allowed_pattern or None,
        "Version": version.version,
        "Tier": version.tier,
        "Policies": model.show_policies(version.policies),
        "DataType": version.data_type,
    }
