"""What buses, rules, targets, archives, replays, connections and API destinations are, and the rules for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from undercast.engines import patterns
from undercast.kit.arn import Arn
from undercast.services.events.errors import InvalidEventPatternException

DEFAULT = "default"
ARCHIVER = "prod.vhs.events.aws.internal"  # who manages the rules of archives, as AWS names it
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Bus:
    """An event bus. `version` changes with its rules and their targets; `policy` is JSON, "" for none."""

    account: str
    region: str
    name: str
    created_at: int
    modified_at: int
    version: int
    settings: Mapping[str, Any]
    policy: str
    tags: Mapping[str, str]

    @property
    def arn(self) -> str:
        return f"arn:aws:events:{self.region}:{self.account}:event-bus/{self.name}"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule; `pattern`, `schedule`, `description`, `role_arn` and `managed_by` are "" when there is none."""

    account: str
    region: str
    bus: str
    name: str
    pattern: str
    schedule: str
    state: str
    description: str
    role_arn: str
    managed_by: str
    version: int
    tags: Mapping[str, str]

    @property
    def arn(self) -> str:
        path = self.name if self.bus == DEFAULT else f"{self.bus}/{self.name}"
        return f"arn:aws:events:{self.region}:{self.account}:rule/{path}"

    @property
    def enabled(self) -> bool:
        return self.state != "DISABLED"


class Archive(NamedTuple):
    account: str
    region: str
    name: str
    id: int
    bus: str
    created_at: int
    description: str
    pattern: str
    retention_days: int

    @property
    def arn(self) -> str:
        return f"arn:aws:events:{self.region}:{self.account}:archive/{self.name}"

    @property
    def rule_name(self) -> str:
        """The managed rule that fills it."""
        return f"Events-Archive-{self.name}"


class Replay(NamedTuple):
    account: str
    region: str
    name: str
    archive: str
    archive_id: int
    bus: str
    description: str
    filter_arns: list[str]
    from_time: int
    to_time: int
    state: str
    started_at: int
    ended_at: int
    last_time: int
    last_seq: int

    @property
    def arn(self) -> str:
        return f"arn:aws:events:{self.region}:{self.account}:replay/{self.name}"

    @property
    def under_way(self) -> bool:
        return self.state in ("STARTING", "RUNNING", "CANCELLING")


class Connection(NamedTuple):
    account: str
    region: str
    name: str
    id: str
    description: str
    type: str
    parameters: dict[str, Any]
    secret_arn: str
    state: str
    reason: str
    created_at: int
    modified_at: int
    authorized_at: int

    @property
    def arn(self) -> str:
        return f"arn:aws:events:{self.region}:{self.account}:connection/{self.name}/{self.id}"


class Destination(NamedTuple):
    """An API destination."""

    account: str
    region: str
    name: str
    id: str
    description: str
    connection_arn: str
    endpoint: str
    method: str
    per_second: int
    created_at: int
    modified_at: int

    @property
    def arn(self) -> str:
        return f"arn:aws:events:{self.region}:{self.account}:api-destination/{self.name}/{self.id}"


def bus_name(name_or_arn: str) -> str:
    """The name of a bus from either."""
    return name_or_arn.partition(":event-bus/")[2] if name_or_arn.startswith("arn:") else name_or_arn


@lru_cache(maxsize=20_000)
def compiled(pattern: str) -> patterns.Pattern:
    """A pattern, read once. InvalidEventPatternException in AWS's words."""
    try:
        return patterns.compile(pattern)
    except patterns.InvalidPattern as error:
        raise InvalidEventPatternException(f"Event pattern is not valid. Reason: {error}") from None


@lru_cache(maxsize=64)
def zulu(ms: int) -> str:
    """A time as it stands in events: to the second."""
    return datetime.fromtimestamp(ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def envelope(
    account: str, region: str, *, id: str, kind: str, source: str, time: int, resources: list[str], detail: Any
) -> dict[str, Any]:
    """An event as targets get it. https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html"""
    return {
        "version": "0",
        "id": id,
        "detail-type": kind,
        "source": source,
        "account": account,
        "time": zulu(time - time % 1000),
        "region": region,
        "resources": resources,
        "detail": detail,
    }


class Delivery(NamedTuple):
    """One event on its way to one target. Everything in it is JSON, so that a job can carry it."""

    rule_arn: str
    target: dict[str, Any]  # as PutTargets got it
    event: str  # as JSON
    payload: str  # what the target gets
    accepted_at: int
    came: list[str]  # the buses it came by
    failures: int = 0
    trace: str = ""
    paced: bool = False  # its turn under the target's rate has come

    @property
    def arn(self) -> str:
        arn: str = self.target["Arn"]
        return arn


@lru_cache(maxsize=4096)
def kind_of(arn: str) -> str:
    """What kind of target an ARN names: mostly its service."""
    service, resource = Arn.parse(arn if not arn.endswith(":::") else f"{arn}-").service, arn.rpartition(":")[2]
    if service != "events":
        return service
    return resource.partition("/")[0] or "archive"


def archiver_arn(region: str) -> str:
    """The target of the rules that fill archives, as AWS shows it."""
    return f"arn:aws:events:{region}:::"


def epoch(zulu_time: str) -> int:
    """The milliseconds of an event's time."""
    return int(datetime.fromisoformat(zulu_time.replace("Z", "+00:00")).timestamp() * 1000)
