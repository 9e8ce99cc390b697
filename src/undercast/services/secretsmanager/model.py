"""What a secret and its versions are, and the rules for names, ARNs and staging labels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from undercast.kit.arn import Arn
from undercast.services.secretsmanager import errors
from undercast.services.secretsmanager.errors import InvalidParameterException

CURRENT, PREVIOUS, PENDING = "AWSCURRENT", "AWSPREVIOUS", "AWSPENDING"
DAY_MS = 86_400_000
HOUR_MS = 3_600_000

_NAME = re.compile(r"[A-Za-z0-9/_+=.@\-]{1,512}")
_COMPLETE = re.compile(r"(.+)-([A-Za-z0-9]{6})")
_RATE = re.compile(r"rate\((\d+) (hour|hours|day|days)\)")

Stages = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret. Times are milliseconds, 0 for never; `tags` None when it never had any."""

    account: str
    region: str
    name: str
    suffix: str
    description: str
    kms_key: str
    tags: Mapping[str, str] | None
    policy: str
    created_at: int
    changed_at: int
    accessed_at: int
    deleted_at: int
    deletion_job: int
    stages: Stages
    rotation: Mapping[str, Any]

    @property
    def arn(self) -> str:
        return f"arn:aws:secretsmanager:{self.region}:{self.account}:secret:{self.name}-{self.suffix}"

    def version_of(self, stage: str) -> str | None:
        """The id of the version that has a staging label."""
        return next((version for version, stages in self.stages.items() if stage in stages), None)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a secret; `kind` is 'string', 'binary' or '' while it has no value; `value` is encrypted."""

    id: str
    kind: str
    value: str
    created_at: int
    accessed_at: int


@dataclass(frozen=True, slots=True)
class SecretId:
    """What a SecretId names: a name, the suffix that its ARN must have ("" for any), and where ("" for here)."""

    name: str
    suffix: str = ""
    account: str = ""
    region: str = ""

    @classmethod
    def parse(cls, text: str) -> SecretId:
        """A name, a complete ARN, or one without its last hyphen and six characters.

        An ARN of a name that itself ends with a hyphen and six characters is taken for a complete one
        (recorded: test_create_and_update_secret[Invalid/_+=.@-Name-a1b2c3-False]).
        """
        if not text.startswith("arn:"):
            return cls(text)
        try:
            arn = Arn.parse(text)
        except ValueError:
            raise InvalidParameterException("Invalid secret ARN.") from None
        kind, _, rest = arn.resource.partition(":")
        if kind != "secret" or not rest:
            raise InvalidParameterException("Invalid secret ARN.")
        complete = _COMPLETE.fullmatch(rest)
        name, suffix = (complete[1], complete[2]) if complete else (rest, "")
        return cls(name, suffix, arn.account, arn.region)


def check_name(name: str, *, of_service: bool = False) -> None:
    """InvalidParameterException; a secret that a service makes for its customer has `service!` before its name."""
    if not _NAME.fullmatch(name.partition("!")[2] if of_service else name):
        raise errors.ValidationException(
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!"
        )


def label(stages: Stages, version: str, labels: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The labels after a version got some more: each leaves the version that had it.

    The version that AWSCURRENT leaves gets AWSPREVIOUS. A version without labels is deprecated and not in the answer.
    """
    result = {key: set(value) for key, value in stages.items()}
    for each in labels:
        holder = next((key for key, value in result.items() if each in value), None)
        if holder == version:
            continue
        if holder is not None:
            result[holder].discard(each)
            if each == CURRENT:
                for value in result.values():
                    value.discard(PREVIOUS)
                result[holder].add(PREVIOUS)
        result.setdefault(version, set()).add(each)
    return _frozen(result)


def unlabel(stages: Stages, version: str, label: str) -> dict[str, tuple[str, ...]]:
    """The labels after a version lost one."""
    return _frozen({key: {each for each in value if key != version or each != label} for key, value in stages.items()})


def next_rotation(rules: Mapping[str, Any], now: int) -> int | None:
    """When a secret is rotated next; None when its rules name no time. InvalidParameterException."""
    if rules.get("AutomaticallyAfterDays"):
        return now + int(rules["AutomaticallyAfterDays"]) * DAY_MS
    expression = rules.get("ScheduleExpression")
    if not expression:
        return None
    found = _RATE.fullmatch(expression)
    if not found:
        raise InvalidParameterException("The ScheduleExpression is not valid.")
    period = int(found[1]) * (HOUR_MS if found[2].startswith("hour") else DAY_MS)
    if not 4 * HOUR_MS <= period <= 999 * DAY_MS:
        raise InvalidParameterException("The ScheduleExpression must be between 4 hours and 999 days.")
    return now + period


def _frozen(stages: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {version: tuple(sorted(labels)) for version, labels in stages.items() if labels}
