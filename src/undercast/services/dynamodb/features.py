"""Settings of a table that act beyond its items: its stream, warm throughput."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undercast.kit.call import Call
from undercast.services.dynamodb import streams
from undercast.services.dynamodb.definitions import invalid
from undercast.services.dynamodb.errors import ValidationException
from undercast.services.dynamodb.model import Table


async def enable_stream(call: Call, table: Table, specification: Mapping[str, Any]) -> Table:
    """The table with a new stream if its StreamSpecification wants one."""
    view = specification.get("StreamViewType")
    if not specification["StreamEnabled"]:
        if view is not None:
            raise invalid("StreamViewType can only be specified when StreamEnabled is true")
        return table
    if view is None:
        raise invalid("StreamViewType is required when StreamEnabled is true")
    return await streams.open_stream(call, table, view)


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
