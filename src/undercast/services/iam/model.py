"""What IAM keeps: entities of a few kinds, and the rules on them that need nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from undercast.kit.tags import as_map
from undercast.services.iam import errors

ATTACHED, BOUNDARY = "PermissionsPolicy", "PermissionsBoundary"
Tags = dict[str, str]


@dataclass(frozen=True)
class Kind:
    """A kind of entity. `missing` and `exists` are AWS's words; `quota` and `limit` the account's default quota
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html)."""

    name: str  # as in the ARN
    id_prefix: str
    missing: str
    exists: str
    quota: str
    limit: int
    attached_limit: int = 10
    inline_limit: int = 0  # characters of all inline policies, white space not counted


ROLE = Kind("role", "AROA", "The role with name {} cannot be found.", "Role with name {} already exists.",
            "RolesPerAccount", 1000, inline_limit=10240)  # fmt: skip
USER = Kind("user", "AIDA", "The user with name {} cannot be found.", "User with name {} already exists.",
            "UsersPerAccount", 5000, inline_limit=2048)  # fmt: skip
GROUP = Kind("group", "AGPA", "The group with name {} cannot be found.", "Group with name {} already exists.",
             "GroupsPerAccount", 300, inline_limit=5120)  # fmt: skip
POLICY = Kind("policy", "ANPA", "Policy {} was not found.",
              "A policy called {} already exists. Duplicate names are not allowed.",
              "PoliciesPerAccount", 1500)  # fmt: skip
PROFILE = Kind("instance-profile", "AIPA", "Instance Profile {} cannot be found.",
               "Instance Profile {} already exists.", "InstanceProfilesPerAccount", 1000)  # fmt: skip
CERTIFICATE = Kind("server-certificate", "ASCA", "The Server Certificate with name {} cannot be found.",
                   "The Server Certificate with name {} already exists.",
                   "ServerCertificatesPerAccount", 20)  # fmt: skip
OIDC = Kind("oidc-provider", "", "OpenIDConnect Provider not found for arn {}",
            "Provider with url https://{} already exists.", "OpenIdConnectProviders", 100)  # fmt: skip
SAML = Kind("saml-provider", "", "Manifest not found for arn {}", "{} already exists", "SAMLProviders", 100)
KINDS = {kind.name: kind for kind in (ROLE, USER, GROUP, POLICY, PROFILE, CERTIFICATE, OIDC, SAML)}


@dataclass(frozen=True)
class Entity:
    """A role, user, group, policy, instance profile, server certificate or identity provider.

    `details` holds what only its kind has, as JSON can: a role's `document`, `description`, `max_session_s`; a
    policy's `default` and `last` version; `tags` and `boundary` where AWS has them.
    """

    account: str
    kind: Kind
    name: str
    path: str
    id: str
    created_at: int
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        return f"arn:aws:iam::{self.account}:{self.kind.name}{self.path}{self.name}"

    @property
    def key(self) -> str:
        return self.name.lower()

    @property
    def tags(self) -> Tags:
        tags: Tags = self.details.get("tags") or {}
        return tags

    @property
    def service_linked(self) -> bool:
        return self.kind is ROLE and self.path.startswith("/aws-service-role/")

    def with_details(self, **changes: Any) -> Entity:
        """The same with some details changed; None removes one."""
        merged = {**self.details, **changes}
        return replace(self, details={key: value for key, value in merged.items() if value is not None})

    def check_modifiable(self) -> None:
        """UnmodifiableEntity for service-linked roles."""
        if self.service_linked:
            raise errors.UnmodifiableEntity(
                f"Cannot perform the operation on the protected role '{self.name}' - "
                "this role is only modifiable by AWS"
            )


@dataclass(frozen=True)
class Credential:
    """An access key, MFA device, SSH key, signing certificate or service-specific password of a user (`owner`: id)."""

    kind: str
    id: str
    owner: str
    seq: int
    created_at: int
    details: Mapping[str, Any] = field(default_factory=dict)

    def with_details(self, **changes: Any) -> Credential:
        return replace(self, details={**self.details, **changes})


def missing(kind: Kind, name: str) -> errors.NoSuchEntity:
    return errors.NoSuchEntity(kind.missing.format(name))


def tags_from(wanted: Sequence[Mapping[str, str]] | None) -> Tags:
    """Tags of a request. InvalidInput when keys repeat, in whatever case, or are AWS's own."""
    tags = as_map(wanted)
    if len({key.lower() for key in tags}) < len(wanted or ()):
        raise errors.InvalidInput("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    if any(key.lower().startswith("aws:") for key in tags):
        raise errors.InvalidInput("System tags cannot be added/updated by requester.")
    return tags


def merge_tags(have: Tags, wanted: Tags) -> Tags:
    """Add tags or change them; keys differ by more than case, and a changed tag takes the new key's case."""
    changed = {key.lower() for key in wanted}
    merged = {key: value for key, value in have.items() if key.lower() not in changed} | wanted
    if len(merged) > 50:
        raise errors.LimitExceeded("The number of tags has reached the maximum limit.")
    return merged


def without_tags(have: Tags, keys: Sequence[str]) -> Tags:
    gone = {key.lower() for key in keys}
    return {key: value for key, value in have.items() if key.lower() not in gone}


def size_of(document: str) -> int:
    """The size of a policy against its quota: IAM does not count white space."""
    return len("".join(document.split()))
