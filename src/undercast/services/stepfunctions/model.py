"""What a state machine, its versions and aliases, an activity and an execution are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from undercast.services.stepfunctions import errors

STANDARD, EXPRESS = "STANDARD", "EXPRESS"
RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED = "RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"
PENDING_REDRIVE = "PENDING_REDRIVE"

REDRIVE_TOKENS_LAST_MS = 15 * 60_000  # RedriveExecution, API reference
REDRIVABLE_MS = 14 * 86_400_000  # "Redriving executions", developer guide
KEPT_MS = 90 * 86_400_000  # an ended execution and its history: "Quotas", developer guide
MOST_TAGS = 50

_NOT_IN_NAMES = re.compile(r"[\x00-\x20\x7f-\x9f<>{}\[\]?*\"#%\\^|~`$&,;:/]|[\ud800-\udfff\ufffe\uffff]")


def checked_name(name: str) -> str:
    """A name that AWS takes. InvalidName."""
    if len(name) > 80 or _NOT_IN_NAMES.search(name):
        raise errors.InvalidName(name)
    return name


def merged_tags(tags: Mapping[str, str], added: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Tags with some added or changed. TooManyTags."""
    merged = {**tags, **{tag["key"]: tag.get("value") or "" for tag in added}}
    if len(merged) > MOST_TAGS:
        raise errors.TooManyTags(f"Maximum number of tags exceeded: {MOST_TAGS}")
    return merged


@dataclass(frozen=True, slots=True)
class Revision:
    """What a machine says at a time. `number` 0 is the first."""

    id: str
    machine: str
    number: int
    definition: str
    role: str
    settings: Mapping[str, Any]  # logging, tracing, encryption as the API writes them
    created_at: int

    @property
    def shown_id(self) -> str | None:
        """AWS shows no id of the first revision."""
        return self.id if self.number else None

    @property
    def logging(self) -> Mapping[str, Any]:
        logging: Mapping[str, Any] = self.settings["loggingConfiguration"]
        return logging

    def describe(self) -> dict[str, Any]:
        return {**self.settings, "definition": self.definition, "roleArn": self.role, "revisionId": self.shown_id}


@dataclass(frozen=True, slots=True)
class Machine:
    """A state machine."""

    name: str
    type: str
    revision: str
    versions: int
    tags: Mapping[str, str]
    created_at: int


@dataclass(frozen=True, slots=True)
class Version:
    """A published revision."""

    machine: str
    number: int
    revision: str
    description: str | None
    created_at: int


@dataclass(frozen=True, slots=True)
class Alias:
    """A name for one or two versions; `routing` holds their numbers and weights, which add up to 100."""

    machine: str
    name: str
    description: str | None
    routing: tuple[tuple[int, int], ...]
    created_at: int
    updated_at: int

    def version(self, chance: float) -> int:
        """The version that a new execution gets; `chance` from 0 up to 1."""
        first, weight = self.routing[0]
        return first if chance * 100 < weight else self.routing[-1][0]


@dataclass(frozen=True, slots=True)
class Activity:
    """A kind of task that workers outside take."""

    name: str
    tags: Mapping[str, str]
    created_at: int


@dataclass(slots=True)
class Execution:
    """One run of a machine. `machine` is "name/label" for a child of a map run."""

    machine: str
    name: str
    number: int
    revision: str
    version: int | None
    alias: str | None
    status: str
    started_at: int
    stopped_at: int | None
    input: str
    output: str | None
    error: str | None
    cause: str | None
    trace: str | None
    events: int
    redrives: int
    redriven_at: int | None
    parent: dict[str, Any] | None  # of a map run's child: {"path", "item"}
    map_run: str | None
    position: int
    test_case: str | None = None  # of the mock configuration
    redrive_token: str | None = None  # the client's, of the last redrive

    def why_not_redrivable(self, now: int) -> str | None:
        """AWS's reason why it cannot be redriven; None when it can."""
        if self.status in (RUNNING, SUCCEEDED):
            return f"Execution is {self.status} and cannot be redriven"
        if self.map_run:
            return "Execution is a child of a Map Run and is redriven with it"
        if self.stopped_at is not None and now - self.stopped_at > REDRIVABLE_MS:
            return "Execution history is no longer available or the redrivable period is over"
        return None
