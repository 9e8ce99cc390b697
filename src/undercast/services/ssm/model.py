"""What a parameter is, and the rules for its name, value, labels and policies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from undercast.kit.errors import NotImplementedYet
from undercast.services.ssm import errors
from undercast.services.ssm.errors import ValidationException

MOST_VERSIONS = 100
MOST_LABELS = 10
DEFAULT_KEY = "alias/aws/ssm"

_NAME = re.compile(r"/?[A-Za-z0-9_.\-]+(/[A-Za-z0-9_.\-]+)*")
_LABEL = re.compile(r"(?!aws|ssm)[A-Za-z_.\-][A-Za-z0-9_.\-]{0,99}", re.IGNORECASE)
_LARGEST = {"Standard": 4096, "Advanced": 8192}
_DATA_TYPES = ("text", "aws:ec2:image", "aws:ssm:integration")
_NOTIFICATIONS = ("ExpirationNotification", "NoChangeNotification")
_ADVANCED_PAGE = "https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html"


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a parameter. `value` of a SecureString is encrypted; `modified_at` in milliseconds."""

    name: str
    version: int
    type: str
    value: str
    key_id: str
    tier: str
    data_type: str
    description: str
    allowed_pattern: str
    policies: str
    labels: tuple[str, ...]
    modified_at: int
    modified_by: str

    @property
    def secure(self) -> bool:
        return self.type == "SecureString"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: its latest version, its tags and the job that will delete it (0: none)."""

    latest: Version
    tags: Mapping[str, str]
    expiry_job: int

    @property
    def name(self) -> str:
        return self.latest.name


def arn(account: str, region: str, name: str) -> str:
    return f"arn:aws:ssm:{region}:{account}:parameter/{name.removeprefix('/')}"


def split_selector(name: str, account: str, region: str) -> tuple[str, str]:
    """The name and the version or label asked for ("" for the latest) in `name`, `name:3`, `name:label` or an ARN.

    ParameterNotFound for the ARN of another account or region: nothing is shared with this one.
    """
    if name.startswith("arn:"):
        if not name.startswith(arn(account, region, "")):
            raise errors.ParameterNotFound()
        resource = name.split(":", 5)[-1]
        path, _, selector = resource.removeprefix("parameter").partition(":")
        return (path if path.count("/") > 1 else path.removeprefix("/")), selector
    path, _, selector = name.partition(":")
    return path, selector


def check_name(name: str) -> None:
    """ValidationException, AccessDeniedException, HierarchyLevelLimitExceededException."""
    bare = name.lstrip("/").lower()
    if bare.startswith("aws"):
        raise errors.AccessDeniedException(f"No access to reserved parameter name: {name}.")
    if "/" in name and not name.startswith("/"):
        raise ValidationException("Parameter name must be a fully qualified name.")
    if bare.startswith("ssm") or not _NAME.fullmatch(name) or len(name) > 1011:
        raise ValidationException(
            'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of '
            "sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the "
            "following 3 symbols .-_"
        )
    if name.count("/") > 15:
        raise errors.HierarchyLevelLimitExceededException()


def choose_tier(asked: str | None, before: str | None, value: str, policies: str) -> str:
    """The tier of a new version: Standard unless Advanced is asked for, needed, or there already."""
    if before == "Advanced":
        if asked == "Standard":
            raise ValidationException(
                "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the "
                "advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced "
                f"parameter and recreate it as a standard parameter. For more information, see {_ADVANCED_PAGE}"
            )
        return "Advanced"
    if asked == "Intelligent-Tiering":
        return "Advanced" if policies or len(value.encode()) > _LARGEST["Standard"] else "Standard"
    return asked or "Standard"


def check_value(value: str, tier: str, type: str, allowed_pattern: str) -> None:
    """ValidationException, ParameterPatternMismatchException, InvalidAllowedPatternException."""
    if not value:
        raise ValidationException(
            "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length "
            "greater than or equal to 1."
        )
    if len(value.encode()) > _LARGEST[tier]:
        more = (
            " To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more "
            f"information, see {_ADVANCED_PAGE}"
        )
        raise ValidationException(
            f"{tier} tier parameters support a maximum parameter value of {_LARGEST[tier]} characters."
            + (more if tier == "Standard" else "")
        )
    if not allowed_pattern:
        return
    try:
        pattern = re.compile(allowed_pattern)
    except re.error as error:
        raise errors.InvalidAllowedPatternException(f"Invalid allowed pattern: {error}") from error
    parts = value.split(",") if type == "StringList" else [value]
    if not all(pattern.search(part) for part in parts):
        raise errors.ParameterPatternMismatchException(
            f"Parameter value, cannot be validated against allowedPattern: {allowed_pattern}"
        )


def check_data_type(data_type: str) -> None:
    if data_type not in _DATA_TYPES:
        raise ValidationException(
            f"The following data type is not supported: {data_type} (Data type names are all lowercase.)"
        )
    if data_type != "text":
        raise NotImplementedYet(
            f"Undercast has parameters of data type text, not {data_type}: there is nothing to check it with."
        )


def expires_at(policies: str, tier: str) -> int | None:
    """When the parameter is to be deleted (milliseconds), by its policies."""
    if not policies:
        return None
    try:
        entries = orjson.loads(policies)
        kinds = [entry["Type"] for entry in entries]
    except (ValueError, TypeError, KeyError):
        raise errors.InvalidPolicyAttributeException("The policies are not a JSON list of policies.") from None
    if tier != "Advanced":
        raise ValidationException(
            f"Parameter policies are supported for the advanced-parameter tier only, see {_ADVANCED_PAGE}"
        )
    if len(entries) > 10:
        raise errors.PoliciesLimitExceededException()
    for kind in kinds:
        if kind in _NOTIFICATIONS:
            raise NotImplementedYet(f"Undercast does not have {kind} policies yet; Expiration it has.")
        if kind != "Expiration":
            raise errors.InvalidPolicyTypeException()
    return min((_timestamp(entry) for entry in entries), default=None)


def show_policies(policies: str) -> list[dict[str, Any]]:
    return [
        {"PolicyText": orjson.dumps(entry).decode(), "PolicyType": entry["Type"], "PolicyStatus": "Pending"}
        for entry in orjson.loads(policies or "[]")
    ]


def good_label(label: str) -> bool:
    return bool(_LABEL.fullmatch(label))


def _timestamp(policy: Mapping[str, Any]) -> int:
    try:
        return round(datetime.fromisoformat(policy["Attributes"]["Timestamp"]).timestamp() * 1000)
    except (ValueError, TypeError, KeyError):
        raise errors.InvalidPolicyAttributeException("The Timestamp of an Expiration policy is not valid.") from None
