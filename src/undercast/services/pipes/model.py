"""What a pipe is: from a source, by an enrichment, to a target; and the states it goes through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from undercast.kit.arn import Arn

PRINCIPAL = "pipes.amazonaws.com"

RUNNING, STOPPED = "RUNNING", "STOPPED"
# On their way to a state that lasts; a job takes them there.
CREATING, UPDATING, DELETING, STARTING, STOPPING = "CREATING", "UPDATING", "DELETING", "STARTING", "STOPPING"
FAILED = {
    CREATING: "CREATE_FAILED", UPDATING: "UPDATE_FAILED", STARTING: "START_FAILED", STOPPING: "STOP_FAILED",
}  # fmt: skip
TRANSITIONS = frozenset({CREATING, UPDATING, DELETING, STARTING, STOPPING})

SETTINGS = (
    "Description", "Source", "SourceParameters", "Enrichment", "EnrichmentParameters", "Target", "TargetParameters",
    "RoleArn", "LogConfiguration",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pipe:
    """One pipe. `generation` changes with every change of it."""

    account: str
    region: str
    name: str
    state: str
    reason: str
    desired: str
    settings: Mapping[str, Any]
    tags: Mapping[str, str]
    created_at: int
    modified_at: int
    generation: int

    @property
    def arn(self) -> str:
        return f"arn:aws:pipes:{self.region}:{self.account}:pipe/{self.name}"

    @property
    def source(self) -> str:
        return str(self.settings["Source"])

    @property
    def target(self) -> str:
        return str(self.settings["Target"])

    @property
    def enrichment(self) -> str:
        return str(self.settings.get("Enrichment") or "")

    @property
    def role(self) -> str:
        return str(self.settings["RoleArn"])

    @property
    def filters(self) -> list[str]:
        criteria = self.settings["SourceParameters"].get("FilterCriteria") or {}
        return [one["Pattern"] for one in criteria.get("Filters") or () if one.get("Pattern")]

    def parameters(self, kind: str) -> Mapping[str, Any]:
        """The parameters of the target of one kind, e.g. SqsQueueParameters."""
        found: Mapping[str, Any] = (self.settings.get("TargetParameters") or {}).get(kind) or {}
        return found

    def summary(self) -> dict[str, Any]:
        """What every change answers."""
        return {
            "Arn": self.arn,
            "Name": self.name,
            "DesiredState": self.desired,
            "CurrentState": self.state,
            "CreationTime": self.created_at,
            "LastModifiedTime": self.modified_at,
        }

    def listed(self) -> dict[str, Any]:
        """As ListPipes shows it."""
        return {
            **self.summary(),
            "StateReason": self.reason or None,
            "Source": self.source,
            "Target": self.target,
            "Enrichment": self.enrichment or None,
        }

    def describe(self) -> dict[str, Any]:
        """As DescribePipe shows it."""
        return {**self.listed(), **self.settings, "Tags": dict(self.tags)}


def merged(before: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
    """The settings after an update: what the request names replaces what was, one group of parameters at a time.

    https://docs.aws.amazon.com/eventbridge/latest/pipes-reference/API_UpdatePipe.html
    """
    found = dict(before)
    for name in SETTINGS:
        given = request.get(name)
        if given is None:
            continue
        if name.endswith("Parameters"):
            given = {**(before.get(name) or {}), **given}
        found[name] = given
    if _service(found["Target"]) != _service(before["Target"]):
        own = {"InputTemplate", *(request.get("TargetParameters") or {})}
        kept = {key: value for key, value in (found.get("TargetParameters") or {}).items() if key in own}
        found["TargetParameters"] = kept
    parameters = found["SourceParameters"]
    for kind in ("KinesisStreamParameters", "DynamoDBStreamParameters"):  # where a pipe begins is never changed
        old = before["SourceParameters"].get(kind)
        if old and kind in parameters:
            begins = {key: value for key, value in old.items() if key.startswith("StartingPosition")}
            parameters[kind] = {**parameters[kind], **begins}
    return found


def _service(arn: str) -> str:
    return Arn.parse(arn).service
