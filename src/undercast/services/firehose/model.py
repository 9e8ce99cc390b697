"""What a delivery stream, its records and its parcels are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

PRINCIPAL = "firehose.amazonaws.com"
MB = 1024 * 1024
DESTINATION_ID = "destinationId-000000000001"  # AWS has one destination for a stream, and calls it so


@dataclass(frozen=True, slots=True)
class Stream:
    """One delivery stream. `settings` are its destination's, with all defaults; times are milliseconds."""

    account: str
    region: str
    name: str
    id: int
    type: str
    version: int
    created_at: int
    updated_at: int
    source: Mapping[str, Any]
    kind: str
    settings: Mapping[str, Any]
    encryption: Mapping[str, Any]
    tags: Mapping[str, str]

    @property
    def arn(self) -> str:
        return f"arn:aws:firehose:{self.region}:{self.account}:deliverystream/{self.name}"

    @property
    def bucket(self) -> Mapping[str, Any]:
        """The S3 settings for delivery, or for what cannot be delivered elsewhere."""
        found: Mapping[str, Any] = self.settings if self.kind == "ExtendedS3" else self.settings["S3Configuration"]
        return found

    @property
    def backup(self) -> Mapping[str, Any] | None:
        """The S3 settings for a copy of all source records; None when none is kept."""
        if self.kind == "ExtendedS3":
            kept = self.settings["S3BackupMode"] == "Enabled"
            return self.settings["S3BackupConfiguration"] if kept else None
        return self.bucket if self.settings["S3BackupMode"] in ("AllData", "AllDocuments", "AllEvents") else None

    @property
    def buffer_bytes(self) -> int:
        return int(self.settings["BufferingHints"]["SizeInMBs"]) * MB

    @property
    def buffer_ms(self) -> int:
        return int(self.settings["BufferingHints"]["IntervalInSeconds"]) * 1000

    @property
    def processors(self) -> list[tuple[str, dict[str, str]]]:
        """The processors that act, with their parameters."""
        configured = self.settings.get("ProcessingConfiguration") or {}
        if not configured.get("Enabled"):
            return []
        return [
            (one["Type"], {each["ParameterName"]: each["ParameterValue"] for each in one.get("Parameters") or ()})
            for one in configured.get("Processors") or ()
        ]

    @property
    def partitioned(self) -> bool:
        return bool((self.settings.get("DynamicPartitioningConfiguration") or {}).get("Enabled"))

    @property
    def conversion(self) -> Mapping[str, Any] | None:
        """How records become Parquet or ORC; None when they stay as they are."""
        configured = self.settings.get("DataFormatConversionConfiguration") or {}
        return configured if configured and configured.get("Enabled", True) else None

    @property
    def transforms(self) -> bool:
        """Whether what is delivered is other than the records that came in."""
        return bool(self.processors or self.partitioned or self.conversion)


class Record(NamedTuple):
    """One record in a buffer or a parcel; `origin` is JSON, '' for records that were put."""

    seq: int
    id: str
    arrived_at: int
    data: bytes
    origin: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a record could not be processed. `type` is the error output type, `details` further members to show."""

    type: str
    code: str
    message: str
    attempts: int = 1
    details: Mapping[str, Any] = field(default_factory=dict)


class Failed(NamedTuple):
    """A record that could not be processed, as it came in."""

    record: Record
    failure: Failure


class Item(NamedTuple):
    """What became of a record, or of a part of it, in processing so far, and by which keys it is filed."""

    source: Record
    id: str
    data: bytes
    query_keys: Mapping[str, str] = {}
    lambda_keys: Mapping[str, str] = {}
