"""Settings of global tables of version 2017.11.29, whose replicas' capacity is changed together."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.dynamodb import descriptions, errors, global_storage, storage, table_updates
from undercast.services.dynamodb.model import Index, Table

_UNITS = ("ReadCapacityUnits", "WriteCapacityUnits")


async def describe_global_table_settings(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The capacity of every replica."""
    return await _describe(call, request["GlobalTableName"])


async def update_global_table_settings(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change the capacity: for writes of all replicas, for reads of each."""
    _refuse_scaling(request)
    found = await global_storage.find_known(call, request["GlobalTableName"])
    of_replicas = {one["RegionName"]: one for one in request.get("ReplicaSettingsUpdate") or ()}
    for region in of_replicas:
        if region not in found.regions:
            raise errors.ReplicaNotFoundException(f"Replica of global table '{found.name}' not found: {region}")
    for region in found.regions:
        there = call.into(region=region)
        table = await storage.find_table(there, found.name)
        changes = _changes(table, request, of_replicas.get(region, {}))
        if changes:
            await table_updates.update_table(there, {"TableName": found.name, **changes})
    return await _describe(call, found.name)


async def _describe(call: Call, name: str) -> dict[str, Any]:
    found = await global_storage.find_known(call, name)
    tables = [await storage.find_table(call.into(region=region), name) for region in found.regions]
    return {"GlobalTableName": name, "ReplicaSettings": [_settings(table) for table in tables]}


def _settings(table: Table) -> dict[str, Any]:
    described = descriptions.describe(table)
    units = described["ProvisionedThroughput"]
    return {
        "RegionName": table.region,
        "ReplicaStatus": table.status,
        "ReplicaBillingModeSummary": described.get("BillingModeSummary"),
        "ReplicaProvisionedReadCapacityUnits": units["ReadCapacityUnits"],
        "ReplicaProvisionedWriteCapacityUnits": units["WriteCapacityUnits"],
        "ReplicaGlobalSecondaryIndexSettings": [_index(one) for one in described["GlobalSecondaryIndexes"] or ()]
        or None,
        "ReplicaTableClassSummary": described.get("TableClassSummary"),
    }


def _index(described: dict[str, Any]) -> dict[str, Any]:
    units = described["ProvisionedThroughput"]
    return {
        "IndexName": described["IndexName"],
        "IndexStatus": described["IndexStatus"],
        "ProvisionedReadCapacityUnits": units["ReadCapacityUnits"],
        "ProvisionedWriteCapacityUnits": units["WriteCapacityUnits"],
    }


def _refuse_scaling(request: dict[str, Any]) -> None:
    for part in (
        request, *(request.get("GlobalTableGlobalSecondaryIndexSettingsUpdate") or ()),
        *(request.get("ReplicaSettingsUpdate") or ()),
    ):  # fmt: skip
        for name in part:
            if "AutoScaling" in name:
                raise errors.ValidationException(f"Undercast does not scale tables by itself: {name}")


def _changes(table: Table, request: dict[str, Any], of_replica: dict[str, Any]) -> dict[str, Any]:
    """The request of UpdateTable that one replica needs."""
    changes: dict[str, Any] = {}
    if request.get("GlobalTableBillingMode"):
        changes["BillingMode"] = request["GlobalTableBillingMode"]
    reads, writes = (
        of_replica.get("ReplicaProvisionedReadCapacityUnits"), request.get("GlobalTableProvisionedWriteCapacityUnits"),
    )  # fmt: skip
    units = _units(table.settings.get("ProvisionedThroughput"), reads, writes)
    if units:
        changes["ProvisionedThroughput"] = units
    indexes = [change for index in table.indexes if (change := _index_change(index, request, of_replica))]
    if indexes:
        changes["GlobalSecondaryIndexUpdates"] = indexes
    if of_replica.get("ReplicaTableClass"):
        changes["TableClass"] = of_replica["ReplicaTableClass"]
    return changes


def _index_change(index: Index, request: dict[str, Any], of_replica: dict[str, Any]) -> dict[str, Any] | None:
    def wanted(updates: Any, member: str) -> int | None:
        return next((one.get(member) for one in updates or () if one["IndexName"] == index.name), None)

    units = _units(
        index.settings.get("ProvisionedThroughput"),
        wanted(of_replica.get("ReplicaGlobalSecondaryIndexSettingsUpdate"), "ProvisionedReadCapacityUnits"),
        wanted(request.get("GlobalTableGlobalSecondaryIndexSettingsUpdate"), "ProvisionedWriteCapacityUnits"),
    )
    return {"Update": {"IndexName": index.name, "ProvisionedThroughput": units}} if units else None


def _units(now: dict[str, Any] | None, reads: int | None, writes: int | None) -> dict[str, int] | None:
    """The throughput with what is wanted; None when that changes nothing."""
    before = {name: (now or {}).get(name) for name in _UNITS}
    after = {name: value or before[name] for name, value in zip(_UNITS, (reads, writes), strict=True)}
    return None if after == before else {name: value for name, value in after.items() if value}
