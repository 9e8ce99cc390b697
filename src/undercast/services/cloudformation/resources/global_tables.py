"""AWS::DynamoDB::GlobalTable: a table and its replicas in other regions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from undercast.services.cloudformation.resources import dynamodb
from undercast.services.cloudformation.resources.handler import (
    Handler,
    HandlerError,
    Made,
    NeedsReplacement,
    Work,
    pick,
)

# What a replica has for itself, as AWS::DynamoDB::Table calls it too.
_OF_REPLICAS = (
    "DeletionProtectionEnabled", "KinesisStreamSpecification", "PointInTimeRecoverySpecification", "ResourcePolicy",
    "TableClass", "Tags",
)  # fmt: skip
_SHARED = (
    "AttributeDefinitions", "BillingMode", "KeySchema", "LocalSecondaryIndexes", "StreamSpecification",
    "TimeToLiveSpecification", "WarmThroughput",
)  # fmt: skip


class GlobalTable(Handler):
    """AWS::DynamoDB::GlobalTable: the table of the stack's region is made like AWS::DynamoDB::Table, then replicated."""

    type = "AWS::DynamoDB::GlobalTable"
    service = "dynamodb"
    properties = frozenset(
        (
            *_SHARED, "GlobalSecondaryIndexes", "Replicas", "SSESpecification", "TableName",
            "WriteOnDemandThroughputSettings", "WriteProvisionedThroughputSettings",
        )
    )  # fmt: skip

    def unsupported(self, properties: Mapping[str, Any]) -> list[str]:
        """Beside what Undercast does not have at all, what it does not have of replicas."""
        known = {*_OF_REPLICAS, "Region", "SSESpecification", "GlobalSecondaryIndexes", "ReadOnDemandThroughputSettings",
                 "ReadProvisionedThroughputSettings"}  # fmt: skip
        of_replicas = {name for one in properties.get("Replicas", ()) for name in one if name not in known}
        return super().unsupported(properties) + sorted(f"Replicas.{name}" for name in of_replicas)

    async def create(self, work: Work) -> Made:
        """The table of this region, then its replicas."""
        local = replace(work, properties=_table(work.properties, work.call.region))
        local.properties["TableName"] = work.name("TableName", 255)
        made = await _TABLE.create(local)
        work.physical_id = made.physical_id
        await _change_replicas(work)
        return await _made(work)

    async def update(self, work: Work) -> Made:
        """The table of this region, then replicas that come, stay and go."""
        if work.changed("TableName"):
            raise NeedsReplacement
        region = work.call.region
        await _TABLE.update(
            replace(work, properties=_table(work.properties, region), before=_table(work.before, region))
        )
        await _change_replicas(work)
        return await _made(work)

    async def delete(self, work: Work) -> None:
        """All replicas, the one of this region last."""
        regions = [one["Region"] for one in work.properties["Replicas"] if one["Region"] != work.call.region]
        updates = [{"Delete": {"RegionName": region}} for region in regions]
        if updates:
            await work.aws.dynamodb.update_table(TableName=work.physical_id, ReplicaUpdates=updates)
        await work.aws.dynamodb.delete_table(TableName=work.physical_id)


_TABLE = dynamodb.Table()
TYPES = (GlobalTable(),)


async def _made(work: Work) -> Made:
    answer = await work.aws.dynamodb.describe_table(TableName=work.physical_id)
    return Made(work.physical_id, _attributes(answer["Table"]))


def _attributes(description: dict[str, Any]) -> dict[str, Any]:
    attributes = {"Arn": description["TableArn"], "TableId": description["TableId"]}
    if "LatestStreamArn" in description:
        attributes["StreamArn"] = description["LatestStreamArn"]
    return attributes


def _replicas(properties: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The replicas by region."""
    return {one["Region"]: one for one in properties.get("Replicas", ())}


def _table(properties: Mapping[str, Any], region: str) -> dict[str, Any]:
    """The properties as those of AWS::DynamoDB::Table in one region."""
    replica = _replicas(properties).get(region)
    if replica is None:
        raise HandlerError(f"A global table must have a replica in the region of its stack: {region}")
    table = pick(properties, *_SHARED) | pick(replica, *_OF_REPLICAS)
    table.setdefault("BillingMode", "PROVISIONED")
    of_indexes = {one["IndexName"]: one for one in replica.get("GlobalSecondaryIndexes", ())}
    table |= _capacity(table["BillingMode"], properties, replica)
    if properties.get("GlobalSecondaryIndexes"):
        table["GlobalSecondaryIndexes"] = [
            pick(index, "IndexName", "KeySchema", "Projection", "WarmThroughput")
            | _capacity(table["BillingMode"], index, of_indexes.get(index["IndexName"], {}))
            for index in properties["GlobalSecondaryIndexes"]
        ]
    if properties.get("SSESpecification"):
        table["SSESpecification"] = properties["SSESpecification"] | (replica.get("SSESpecification") or {})
    return table


def _capacity(mode: str, shared: Mapping[str, Any], replica: Mapping[str, Any]) -> dict[str, Any]:
    """Throughput of a table or an index: a global table says for reads what each replica has, for writes what all have.

    Where AWS would scale by itself, the capacity is the least that it may be.
    """
    if mode == "PROVISIONED":
        reads, writes = (
            replica.get("ReadProvisionedThroughputSettings"),
            shared.get("WriteProvisionedThroughputSettings"),
        )
        units = {"ReadCapacityUnits": _units(reads, "Read"), "WriteCapacityUnits": _units(writes, "Write")}
        return {"ProvisionedThroughput": units}
    limits = (shared.get("WriteOnDemandThroughputSettings") or {}) | (
        replica.get("ReadOnDemandThroughputSettings") or {}
    )
    return {"OnDemandThroughput": limits} if limits else {}


def _units(settings: Mapping[str, Any] | None, kind: str) -> int:
    settings = settings or {}
    scaling = settings.get(f"{kind}CapacityAutoScalingSettings") or {}
    return int(settings.get(f"{kind}CapacityUnits") or scaling.get("SeedCapacity") or scaling.get("MinCapacity") or 5)


async def _change_replicas(work: Work) -> None:
    """Make the replicas of other regions those that are wanted, with what each has for itself."""
    before, after = _replicas(work.before), _replicas(work.properties)
    here = work.call.region
    gone = [{"Delete": {"RegionName": region}} for region in before if region not in after and region != here]
    new = [
        {"Create": _creation(work.properties, one)} for region, one in after.items() if region not in (*before, here)
    ]
    for update in (*gone, *new):
        await work.aws.dynamodb.update_table(TableName=work.physical_id, ReplicaUpdates=[update])
    for region in after:
        if region != here:
            await _set_features(work, region, before.get(region), after[region])


def _creation(properties: Mapping[str, Any], replica: Mapping[str, Any]) -> dict[str, Any]:
    creation: dict[str, Any] = {"RegionName": replica["Region"], **pick(replica, TableClassOverride="TableClass")}
    key = (replica.get("SSESpecification") or {}).get("KMSMasterKeyId")
    if key:
        creation["KMSMasterKeyId"] = key
    if properties.get("BillingMode", "PROVISIONED") == "PROVISIONED" and "ReadProvisionedThroughputSettings" in replica:
        reads = _units(replica["ReadProvisionedThroughputSettings"], "Read")
        creation["ProvisionedThroughputOverride"] = {"ReadCapacityUnits": reads}
    return creation


async def _set_features(work: Work, region: str, before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> None:
    """What a replica has beside its items: recovery, a Kinesis stream, a policy, protection, tags."""
    there = replace(
        work, call=work.call.into(region=region), properties=pick(after, *_OF_REPLICAS),
        before=pick(before or {}, *_OF_REPLICAS), before_tags=work.before_tags if before else {},
    )  # fmt: skip
    if there.changed("DeletionProtectionEnabled") and (before or after.get("DeletionProtectionEnabled")):
        await there.aws.dynamodb.update_table(
            TableName=work.physical_id, DeletionProtectionEnabled=after.get("DeletionProtectionEnabled", False)
        )
    await dynamodb.set_features(there)
    await dynamodb.set_tags(there)
