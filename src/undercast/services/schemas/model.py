"""What registries, schemas, their versions and discoverers are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

AWS_EVENTS = "aws.events"  # the registry of AWS's own events, which nobody can change
DISCOVERED = "discovered-schemas"
PRINCIPAL = "schemas.amazonaws.com"


@dataclass(frozen=True, slots=True)
class Registry:
    """One registry; `policy` is JSON, "" for none."""

    account: str
    region: str
    name: str
    description: str = ""
    tags: Mapping[str, str] | None = None
    policy: str = ""
    policy_revision: str = ""

    @property
    def arn(self) -> str:
        owner = "" if self.name == AWS_EVENTS else self.account
        return f"arn:aws:schemas:{self.region}:{owner}:registry/{self.name}"


@dataclass(frozen=True, slots=True)
class Schema:
    """One schema, without its versions. Times are milliseconds."""

    account: str
    region: str
    registry: str
    name: str
    description: str
    modified_at: int
    tags: Mapping[str, str]
    latest: int
    version_count: int

    @property
    def arn(self) -> str:
        return f"arn:aws:schemas:{self.region}:{self.account}:schema/{self.registry}/{self.name}"


class Version(NamedTuple):
    """One version of a schema."""

    number: int
    type: str
    content: str
    created_at: int


@dataclass(frozen=True, slots=True)
class Discoverer:
    """Learns schemas from the events of a bus."""

    account: str
    region: str
    id: str
    source_arn: str
    description: str
    state: str
    cross_account: int
    tags: Mapping[str, str]

    @property
    def arn(self) -> str:
        return f"arn:aws:schemas:{self.region}:{self.account}:discoverer/{self.id}"

    @property
    def bus(self) -> str:
        """The name of its bus."""
        return self.source_arn.rpartition("/")[2]
