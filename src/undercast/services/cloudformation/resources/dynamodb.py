"""AWS::DynamoDB::Table: tables with their indexes, streams and what else hangs on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undercast.kit.errors import ServiceError
from undercast.services.cloudformation.resources.dynamodb_imports import import_table
from undercast.services.cloudformation.resources.handler import (
    Handler,
    HandlerError,
    Made,
    NeedsReplacement,
    Work,
    already_exists,
    document,
    pick,
)

_CREATED_WITH = (
    "AttributeDefinitions", "BillingMode", "DeletionProtectionEnabled", "GlobalSecondaryIndexes", "KeySchema",
    "LocalSecondaryIndexes", "OnDemandThroughput", "ProvisionedThroughput", "TableClass", "WarmThroughput",
)  # fmt: skip
# Changed one by one, as a request for each; AttributeDefinitions go with the indexes that use them.
_CHANGED_ALONE = (("TableClass", "STANDARD"), ("DeletionProtectionEnabled", False))


class Table(Handler):
    """AWS::DynamoDB::Table"""

    type = "AWS::DynamoDB::Table"
    service = "dynamodb"
    properties = frozenset(
        (
            *_CREATED_WITH, "ImportSourceSpecification", "KinesisStreamSpecification",
            "PointInTimeRecoverySpecification", "ResourcePolicy",
            "SSESpecification", "StreamSpecification", "TableName", "Tags", "TimeToLiveSpecification",
        )
    )  # fmt: skip

    def prepares(self, properties: Mapping[str, Any]) -> bool:
        """It may be made of files in S3."""
        return "ImportSourceSpecification" in properties

    async def prepare(self, work: Work) -> bool:
        """Whether the table was made of files."""
        if work.physical_id:
            return False
        await import_table(work, work.name("TableName", 255), _encryption(work.properties))
        return True

    async def create(self, work: Work) -> Made:
        """A table; its name must be free."""
        name = work.name("TableName", 255)
        if work.prepared:
            return await _finish_imported(work, name)
        stream = work.properties.get("StreamSpecification")
        try:
            answer = await work.aws.dynamodb.create_table(
                TableName=name,
                StreamSpecification=_stream(stream) if stream else None,
                SSESpecification=_encryption(work.properties),
                Tags=work.tag_list() or None,
                **pick(work.properties, *_CREATED_WITH),
            )
        except ServiceError as error:
            if error.code == "ResourceInUseException":
                raise already_exists(self.type, name) from None
            raise
        work.physical_id = name
        await set_features(work)
        return Made(name, _attributes(answer["TableDescription"]))

    async def update(self, work: Work) -> Made:
        """What can be changed, one request after the other."""
        if work.changed("KeySchema", "LocalSecondaryIndexes") or _retyped(work):
            raise NeedsReplacement
        description = await _change_capacity(work)
        description = await _change_indexes(work) or description
        for name, default in _CHANGED_ALONE:
            if work.changed(name):
                description = await _update(work, **{name: work.properties.get(name, default)})
        if work.changed("SSESpecification"):
            description = await _update(work, SSESpecification=_encryption(work.properties) or {"Enabled": False})
        description = await _change_stream(work) or description
        await set_features(work)
        await set_tags(work)
        attributes = _attributes(description) if description else work.attributes
        return Made(work.physical_id, attributes)

    async def delete(self, work: Work) -> None:
        """The table with its items."""
        await work.aws.dynamodb.delete_table(TableName=work.physical_id)


TYPES = (Table(),)


async def _finish_imported(work: Work, name: str) -> Made:
    """What an import does not set."""
    work.physical_id = name
    answer = await work.aws.dynamodb.describe_table(TableName=name)
    changes = pick(work.properties, "DeletionProtectionEnabled", "TableClass", "WarmThroughput")
    if work.properties.get("StreamSpecification"):
        changes["StreamSpecification"] = _stream(work.properties["StreamSpecification"])
    description = await _update(work, **changes) if changes else answer["Table"]
    await set_features(work)
    await set_tags(work)
    return Made(name, _attributes(description))


async def _update(work: Work, **changes: Any) -> dict[str, Any]:
    answer = await work.aws.dynamodb.update_table(TableName=work.physical_id, **changes)
    described: dict[str, Any] = answer["TableDescription"]
    return described


def _attributes(description: dict[str, Any]) -> dict[str, Any]:
    attributes = {"Arn": description["TableArn"]}
    if description.get("StreamSpecification"):
        attributes["StreamArn"] = description["LatestStreamArn"]
    return attributes


def _stream(specification: dict[str, Any]) -> dict[str, Any]:
    return {"StreamEnabled": True, "StreamViewType": specification["StreamViewType"]}


def _encryption(properties: dict[str, Any]) -> dict[str, Any] | None:
    given = properties.get("SSESpecification")
    return given and {"Enabled": given["SSEEnabled"], **pick(given, "SSEType", "KMSMasterKeyId")}


def _types(properties: dict[str, Any]) -> dict[str, str]:
    return {one["AttributeName"]: one["AttributeType"] for one in properties.get("AttributeDefinitions", ())}


def _retyped(work: Work) -> bool:
    """Whether a key attribute of the table has another type."""
    before, after = _types(work.before), _types(work.properties)
    return any(before[key["AttributeName"]] != after.get(key["AttributeName"]) for key in work.properties["KeySchema"])


async def _change_capacity(work: Work) -> dict[str, Any] | None:
    """Billing mode and throughput, of the table and of the indexes that stay."""
    changes: dict[str, Any] = {}
    if work.changed("BillingMode"):
        changes["BillingMode"] = work.properties.get("BillingMode", "PROVISIONED")
    for name in ("ProvisionedThroughput", "OnDemandThroughput", "WarmThroughput"):
        if work.changed(name) and work.properties.get(name):
            changes[name] = work.properties[name]
    before, after = _indexes(work.before), _indexes(work.properties)
    updates = []
    for name in before.keys() & after.keys():
        wanted = {
            part: after[name][part]
            for part in ("ProvisionedThroughput", "OnDemandThroughput", "WarmThroughput")
            if after[name].get(part) and after[name][part] != before[name].get(part)
        }
        if wanted:
            updates.append({"Update": {"IndexName": name, **wanted}})
    if updates:
        changes["GlobalSecondaryIndexUpdates"] = updates
    return await _update(work, **changes) if changes else None


def _indexes(properties: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["IndexName"]: one for one in properties.get("GlobalSecondaryIndexes", ())}


async def _change_indexes(work: Work) -> dict[str, Any] | None:
    """Add or remove one global index, as AWS allows in one update."""
    before, after = _indexes(work.before), _indexes(work.properties)
    changed = [n for n in before.keys() & after.keys() if any(before[n][part] != after[n][part] for part in ("KeySchema", "Projection"))]  # fmt: skip
    gone, new = [name for name in before if name not in after], [name for name in after if name not in before]
    if changed:
        raise HandlerError("Cannot update GSI's properties other than Provisioned Throughput and Contributor Insights "
                           "Specification. You can create a new GSI with a different name.")  # fmt: skip
    if len(gone) + len(new) > 1:
        raise HandlerError("Cannot perform more than one GSI creation or deletion in a single update")
    if gone:
        return await _update(work, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": gone[0]}}])
    if not new:
        return None
    create = pick(after[new[0]], "IndexName", "KeySchema", "Projection", "ProvisionedThroughput", "OnDemandThroughput",
                  "WarmThroughput")  # fmt: skip
    return await _update(
        work,
        AttributeDefinitions=work.properties["AttributeDefinitions"],
        GlobalSecondaryIndexUpdates=[{"Create": create}],
    )


async def _change_stream(work: Work) -> dict[str, Any] | None:
    before, after = work.before.get("StreamSpecification"), work.properties.get("StreamSpecification")
    if (before or {}).get("StreamViewType") == (after or {}).get("StreamViewType"):
        return None
    description = None
    if before:
        description = await _update(work, StreamSpecification={"StreamEnabled": False})
    if after:
        description = await _update(work, StreamSpecification=_stream(after))
    return description


# --- what has operations of its own ---


async def set_features(work: Work) -> None:
    """Time to live, recovery, Kinesis stream and policy as they are wanted."""
    await _set_ttl(work)
    await _set_recovery(work)
    await _set_kinesis(work)
    await _set_policy(work)


async def _set_ttl(work: Work) -> None:
    if not work.changed("TimeToLiveSpecification"):
        return
    before, after = (one.get("TimeToLiveSpecification") or {} for one in (work.before, work.properties))
    if before.get("Enabled") and before.get("AttributeName") != after.get("AttributeName"):
        off = {"Enabled": False, "AttributeName": before["AttributeName"]}
        await work.aws.dynamodb.update_time_to_live(TableName=work.physical_id, TimeToLiveSpecification=off)
        before = {}
    if after and bool(after.get("Enabled")) != bool(before.get("Enabled")):
        await work.aws.dynamodb.update_time_to_live(TableName=work.physical_id, TimeToLiveSpecification=after)


async def _set_recovery(work: Work) -> None:
    if work.changed("PointInTimeRecoverySpecification"):
        wanted = work.properties.get("PointInTimeRecoverySpecification") or {"PointInTimeRecoveryEnabled": False}
        await work.aws.dynamodb.update_continuous_backups(
            TableName=work.physical_id, PointInTimeRecoverySpecification=wanted
        )


async def _set_kinesis(work: Work) -> None:
    before, after = (one.get("KinesisStreamSpecification") or {} for one in (work.before, work.properties))
    if before == after:
        return
    if before:
        await work.aws.dynamodb.disable_kinesis_streaming_destination(
            TableName=work.physical_id, StreamArn=before["StreamArn"]
        )
    if after:
        precision = pick(after, "ApproximateCreationDateTimePrecision")
        await work.aws.dynamodb.enable_kinesis_streaming_destination(
            TableName=work.physical_id, StreamArn=after["StreamArn"],
            EnableKinesisStreamingConfiguration=precision or None,
        )  # fmt: skip


async def _set_policy(work: Work) -> None:
    if not work.changed("ResourcePolicy"):
        return
    arn = work.call.arn(f"table/{work.physical_id}", "dynamodb")
    policy = work.properties.get("ResourcePolicy")
    if policy:
        await work.aws.dynamodb.put_resource_policy(ResourceArn=arn, Policy=document(policy["PolicyDocument"]))
    else:
        await work.aws.dynamodb.delete_resource_policy(ResourceArn=arn)


async def set_tags(work: Work) -> None:
    """The tags that are wanted, and no others."""
    arn = work.call.arn(f"table/{work.physical_id}", "dynamodb")
    if stale := work.stale_tags():
        await work.aws.dynamodb.untag_resource(ResourceArn=arn, TagKeys=stale)
    if tags := work.tag_list():
        await work.aws.dynamodb.tag_resource(ResourceArn=arn, Tags=tags)
