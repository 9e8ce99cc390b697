"""What a session is made with, and the rules on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from undercast.engines import policies
from undercast.kit.arn import Arn
from undercast.kit.tags import as_map
from undercast.services.sts import errors

Tags = dict[str, str]
_POLICY_SIZE = 2048  # characters of a session policy, and of what is packed from all of them and the tags


@dataclass(frozen=True)
class Session:
    """What a session token carries besides who it is: the rules that `Identity.session` shows to everyone.

    `tags` are all session tags, `transitive` the keys of those that pass on when roles are chained. `policy` (JSON
    text) and `policy_arns` limit the session. `role` is '' for users' own sessions.
    """

    role: str = ""
    tags: Tags = field(default_factory=dict)
    transitive: tuple[str, ...] = ()
    source_identity: str | None = None
    policy: str | None = None
    policy_arns: tuple[str, ...] = ()
    claims: Mapping[str, Any] = field(default_factory=dict)  # of a web identity or an assertion

    def to_json(self, issued_at: int) -> dict[str, object]:
        return {
            "role": self.role,
            "tags": self.tags,
            "transitive": list(self.transitive),
            "source_identity": self.source_identity,
            "policy": self.policy,
            "policy_arns": list(self.policy_arns),
            "claims": dict(self.claims),
            "issued_at": issued_at,
        }

    @property
    def packed_percent(self) -> int | None:
        """How much of the allowed size policies and tags take: by characters, since AWS does not tell its packing."""
        size = len(self.policy or "") + sum(map(len, self.policy_arns))
        size += sum(len(key) + len(value) for key, value in self.tags.items())
        return ceil(100 * size / _POLICY_SIZE) if size else None


def parse_role(arn: str) -> Arn:
    """The ARN of a role. ValidationError in AWS's words (recorded: test_sts_invalid_parameters)."""
    try:
        parsed = Arn.parse(arn)
    except ValueError:
        raise errors.ValidationError(f"{arn} is invalid") from None
    if parsed.service != "iam" or not parsed.resource.startswith("role/") or not parsed.account:
        raise errors.ValidationError(f"{arn} is invalid")
    return parsed


def session_tags(wanted: Sequence[Mapping[str, str]] | None) -> Tags:
    """Tags of a request. InvalidParameterValue (recorded: test_assume_role_tag_validation)."""
    tags = as_map(wanted)
    if len({key.lower() for key in tags}) < len(wanted or ()):
        raise errors.InvalidParameterValue("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    return tags


def check_transitive(keys: Sequence[str], tags: Tags) -> None:
    """InvalidParameterValue unless every transitive key is one of the tags."""
    have = {key.lower() for key in tags}
    if any(key.lower() not in have for key in keys):
        raise errors.InvalidParameterValue("The specified transitive tag key must be included in the requested tags.")


def inherit(tags: Tags, transitive: Sequence[str], parent: Mapping[str, Any] | None) -> tuple[Tags, tuple[str, ...]]:
    """Add what the calling session passes on. InvalidParameterValue when a tag would override that."""
    passed = list((parent or {}).get("transitive") or ())
    have: Tags = (parent or {}).get("tags") or {}
    lower = {key.lower() for key in passed}
    if any(key.lower() in lower for key in tags):
        raise errors.InvalidParameterValue(
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from "
            "the calling session."
        )
    inherited = {key: value for key, value in have.items() if key.lower() in lower}
    return {**inherited, **tags}, (*passed, *transitive)


def check_policy(text: str | None) -> None:
    """MalformedPolicyDocument unless `text` is None or an identity policy; PackedPolicyTooLarge."""
    if text is None:
        return
    try:
        policies.parse(text, kind="identity")
    except policies.MalformedPolicy as error:
        raise errors.MalformedPolicyDocument(str(error)) from None


def check_packed(session: Session) -> None:
    """PackedPolicyTooLarge."""
    percent = session.packed_percent or 0
    if percent > 100:
        raise errors.PackedPolicyTooLarge(
            f"Serialized token too large for session: packed size is {percent}% of what is allowed"
        )
