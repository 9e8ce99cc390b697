"""Settings of a table that act beyond its items: its stream, encryption, class, warm throughput."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.dynamodb import streams
from undercast.services.dynamodb.definitions import invalid
from undercast.services.dynamodb.errors import ValidationException
from undercast.services.dynamodb.model import Table


async def enable_stream(call: Call, table: Table, specification: Mapping[str, Any]) -> Table:
    """The table with a new stream, as its StreamSpecification says."""
    if not specification["StreamEnabled"]:
        raise (
            invalid("StreamSpecification.StreamEnabled must be true")
            if specification.get("StreamViewType")
            else invalid("StreamEnabled is false")
        )
    view = specification.get("StreamViewType")
    if view is None:
        raise invalid("StreamViewType is required when StreamEnabled is true")
    return await streams.open_stream(call, table, view)


async def describe_encryption(call: Call, specification: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The SSEDescription of a specification; None for a key that AWS owns. ValidationException for an unusable key."""
    if not specification or not specification.get("Enabled"):
        if specification and (specification.get("KMSMasterKeyId") or specification.get("SSEType")):
            raise invalid("SSEType and KMSMasterKeyId can only be specified when Enabled is true")
        return None
    if specification.get("SSEType", "KMS") != "KMS":
        raise invalid("Invalid SSEType AES256. Only KMS is supported as SSEType")
    try:
        answer = await call.aws.kms.describe_key(KeyId=specification.get("KMSMasterKeyId") or "alias/aws/dynamodb")
    except ServiceError as error:
        raise ValidationException(f"KMS key access denied or not found: {error.message}") from error
    key = answer["KeyMetadata"]
    if not key["Enabled"] or key.get("KeySpec") != "SYMMETRIC_DEFAULT":
        raise ValidationException(f"KMS validation error: The key {key['Arn']} cannot be used to encrypt a table.")
    return {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": key["Arn"]}


_UNSUPPORTED = (
    "VectorIndexes", "VectorIndexUpdates", "GlobalTableWitnessUpdates", "GlobalTableSourceArn",
    "GlobalTableSettingsReplicationMode", "DisassociationProtectionEnabled",
)  # fmt: skip


def refuse_unsupported(request: Mapping[str, Any]) -> None:
    """Say so about settings that would have to act and cannot."""
    for name in _UNSUPPORTED:
        if request.get(name):
            raise ValidationException(f"Undercast has no {name} of tables.")
    if request.get("MultiRegionConsistency") == "STRONG":
        raise ValidationException("Undercast has no global tables with strong consistency.")
    for one in (request, *(request.get("GlobalSecondaryIndexes") or ())):
        for name, units in (one.get("OnDemandThroughput") or {}).items():
            if units != -1 and units < 1:
                raise invalid(f"Given value {units} for {name} is out of bounds")


def warm(request: Mapping[str, Any], *, on_demand: bool) -> dict[str, Any]:
    """The throughput that a table can take at once; on demand AWS begins with 12,000 reads and 4,000 writes."""
    given = request.get("WarmThroughput") or {}
    units = request.get("ProvisionedThroughput") or {}
    reads = 12_000 if on_demand else units.get("ReadCapacityUnits", 1)
    writes = 4_000 if on_demand else units.get("WriteCapacityUnits", 1)
    return {
        "ReadUnitsPerSecond": given.get("ReadUnitsPerSecond", reads),
        "WriteUnitsPerSecond": given.get("WriteUnitsPerSecond", writes),
        "Status": "ACTIVE",
    }
