"""What an event source mapping is: which queue or stream it reads for which function, and how."""

from __future__ import annotations

from collections.abc import Mapping as Document
from dataclasses import dataclass
from typing import Any

from undercast.kit.shards import Settings

from .names import Reference

USER_ACTION = "USER_INITIATED"
STREAM_ACTION = "User action"  # the same for mappings of streams (recorded: test_create_kinesis_event_source_mapping)
NOTHING_PROCESSED = "No records processed"
ENABLED, DISABLED = "Enabled", "Disabled"
# On their way to a state that lasts; a job takes them there.
CREATING, ENABLING, DISABLING, UPDATING, DELETING = "Creating", "Enabling", "Disabling", "Updating", "Deleting"


@dataclass(frozen=True, slots=True)
class Mapping:
    """One mapping. `generation` changes with every update; `poller` is the process that polls until `polls_until`."""

    account: str
    region: str
    id: str
    source_arn: str
    name: str
    qualifier: str  # '' for none
    state: str
    reason: str
    modified_at: int
    generation: int
    poller: str
    polls_until: int
    config: Document[str, Any]
    tags: Document[str, str]
    result: str = ""  # of the last batch of a stream

    @property
    def reference(self) -> Reference:
        return Reference(self.account, self.region, self.name, self.qualifier or None)

    @property
    def arn(self) -> str:
        return f"arn:aws:lambda:{self.region}:{self.account}:event-source-mapping:{self.id}"

    @property
    def enabled(self) -> bool:
        return bool(self.config["_Enabled"])

    @property
    def batch_size(self) -> int:
        return int(self.config["BatchSize"])

    @property
    def window_ms(self) -> int:
        return 1000 * int(self.config["MaximumBatchingWindowInSeconds"])

    @property
    def largest_concurrency(self) -> int:
        return int((self.config.get("ScalingConfig") or {}).get("MaximumConcurrency") or 1000)

    @property
    def user_action(self) -> str:
        """The reason of a state that a request brought about."""
        return STREAM_ACTION if self.of_stream else USER_ACTION

    @property
    def of_stream(self) -> bool:
        return ":sqs:" not in self.source_arn

    @property
    def stream_settings(self) -> Settings:
        config = self.config
        return Settings(
            starting_position=config["StartingPosition"],
            starting_at=int(config.get("StartingPositionTimestamp") or 0),
            batch_size=self.batch_size,
            window_ms=self.window_ms,
            lanes=int(config["ParallelizationFactor"]),
            tumbling_ms=1000 * int(config["TumblingWindowInSeconds"]),
            bisects=bool(config["BisectBatchOnFunctionError"]),
            most_retries=int(config["MaximumRetryAttempts"]),
            oldest_ms=1000 * age if (age := int(config["MaximumRecordAgeInSeconds"])) >= 0 else -1,
        )

    @property
    def failure_destination(self) -> str:
        return str((self.config.get("DestinationConfig") or {}).get("OnFailure", {}).get("Destination") or "")

    @property
    def reports_failures(self) -> bool:
        return "ReportBatchItemFailures" in self.config["FunctionResponseTypes"]

    @property
    def filters(self) -> list[str]:
        return [one["Pattern"] for one in (self.config.get("FilterCriteria") or {}).get("Filters") or ()]

    def describe(self, state: str = "") -> dict[str, Any]:
        """As EventSourceMappingConfiguration. Mappings of queues show no LastProcessingResult.

        Recorded: test_sqs_event_source_mapping_update.
        """
        return {
            **{name: value for name, value in self.config.items() if not name.startswith("_")},
            "UUID": self.id,
            "EventSourceMappingArn": self.arn,
            "EventSourceArn": self.source_arn,
            "FunctionArn": self.reference.qualified_arn,
            "LastModified": self.modified_at,
            "State": state or self.state,
            "StateTransitionReason": self.reason,
            **({"LastProcessingResult": self.result or NOTHING_PROCESSED} if self.of_stream else {}),
        }
