"""What a function, a version, an alias and a layer are, and how Lambda shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from .names import LATEST, Reference

Document = Mapping[str, Any]

CREATING = "The function is being created."
CODE_STORAGE_BYTES = 80_530_636_800  # 75 GB in an account and region
CONCURRENT_EXECUTIONS = 1000  # of an account in a region
UNRESERVED_MINIMUM = 100


@dataclass(frozen=True, slots=True)
class Code:
    """Where a version's code is. `key` names the blob of its zip; `folder` is a folder of the user's instead."""

    key: str
    folder: str
    sha256: str  # base64
    size: int


@dataclass(frozen=True, slots=True)
class Version:
    """`$LATEST` or a published version of a function. `config` has the members of FunctionConfiguration by name."""

    account: str
    region: str
    name: str
    version: str
    number: int
    revision: str
    modified_at: int
    state: str
    state_reason: str
    update_status: str
    update_reason: str
    code: Code
    config: Document

    @property
    def reference(self) -> Reference:
        return Reference(self.account, self.region, self.name)

    @property
    def arn(self) -> str:
        """`$LATEST` has the function's own."""
        reference = self.reference
        return reference.arn if self.version == LATEST else reference.of(self.version).qualified_arn

    @property
    def log_group(self) -> str:
        return str(self.config["LoggingConfig"]["LogGroup"])

    def describe(self, arn: str = "") -> dict[str, Any]:
        """As FunctionConfiguration; `arn` is how it was asked for."""
        shown = {name: value for name, value in self.config.items() if not name.startswith("_")} | {
            "FunctionName": self.name,
            "FunctionArn": arn or self.arn,
            "CodeSize": self.code.size,
            "CodeSha256": self.code.sha256,
            "LastModified": last_modified(self.modified_at),
            "Version": self.version,
            "RevisionId": self.revision,
            "State": self.state,
        }
        if self.state == "Pending":
            shown |= {"StateReason": CREATING, "StateReasonCode": "Creating"}
        elif self.state_reason:
            shown |= {"StateReason": self.state_reason, "StateReasonCode": "InvalidConfiguration"}
        if self.update_status:
            shown["LastUpdateStatus"] = self.update_status
        if self.update_status == "InProgress":
            shown |= {"LastUpdateStatusReason": CREATING, "LastUpdateStatusReasonCode": "Creating"}
        return shown

    def same_release(self, other: Version) -> bool:
        """Whether publishing this again would make nothing new: the same code and configuration.

        https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html
        """
        return self.code == other.code and _released(self.config) == _released(other.config)


def _released(config: Document) -> dict[str, Any]:
    return {name: value for name, value in config.items() if name not in ("Description", "SnapStart")}


@dataclass(frozen=True, slots=True)
class Function:
    """What all versions of a function have in common. `reserved` is -1 when nothing is."""

    account: str
    region: str
    name: str
    created_at: int
    last_version: int
    reserved: int
    provisioned: Mapping[str, int]
    recursion: str
    code_signing_arn: str
    tags: Mapping[str, str]

    @property
    def reference(self) -> Reference:
        return Reference(self.account, self.region, self.name)


@dataclass(frozen=True, slots=True)
class Alias:
    """A name for a version; `weights` sends a share of the invocations to another one."""

    account: str
    region: str
    name: str
    alias: str
    version: str
    description: str
    weights: Mapping[str, float]
    revision: str

    @property
    def arn(self) -> str:
        return Reference(self.account, self.region, self.name, self.alias).qualified_arn

    def describe(self) -> dict[str, Any]:
        return {
            "AliasArn": self.arn,
            "Name": self.alias,
            "FunctionVersion": self.version,
            "Description": self.description,
            "RoutingConfig": {"AdditionalVersionWeights": dict(self.weights)} if self.weights else None,
            "RevisionId": self.revision,
        }

    def pick(self, chance: float) -> str:
        """The version for one invocation; `chance` is from 0 up to 1."""
        for version, weight in self.weights.items():
            if chance < weight:
                return version
            chance -= weight
        return self.version


@dataclass(frozen=True, slots=True)
class Layer:
    """One version of a layer."""

    account: str
    region: str
    name: str
    number: int
    created_at: int
    code: Code
    deleted: bool
    config: Document
    policy: Document

    @property
    def layer_arn(self) -> str:
        return f"arn:aws:lambda:{self.region}:{self.account}:layer:{self.name}"

    @property
    def arn(self) -> str:
        return f"{self.layer_arn}:{self.number}"

    def describe(self) -> dict[str, Any]:
        """As in a list of a layer's versions."""
        return {
            **self.config,
            "LayerVersionArn": self.arn,
            "Version": self.number,
            "CreatedDate": last_modified(self.created_at),
        }


def last_modified(at: int) -> str:
    """A time as functions and layers show it: `2024-05-01T12:00:00.123+0000`."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at % 1000:03d}+0000"


def zulu(at: int) -> str:
    """A time as function URLs and destinations show it: `2024-05-01T12:00:00.123Z`."""
    return last_modified(at).replace("+0000", "Z")


def runtime_version_arn(region: str, runtime: str) -> str:
    """The ARN of the one version that a runtime has here; AWS's end in a hash too."""
    return f"arn:aws:lambda:{region}::runtime:{sha256(runtime.encode()).hexdigest()}"
