"""Operations on tables."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit.call import Call
from undercast.services.dynamodb import (
    counts,
    definitions,
    descriptions,
    encryption,
    endings,
    errors,
    features,
    storage,
    tags,
)
from undercast.services.dynamodb.model import Table

_REGIONAL_LIMIT, _TABLE_LIMIT = 80_000, 40_000  # capacity units; AWS's defaults


async def create_table(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Create a table; it can be used at once, though the answer says CREATING as AWS's does."""
    name = definitions.table_name(request.get("TableName"), call)
    features.refuse_unsupported(request)
    table = _read_table(call, name, request)
    if await storage.find_table_or_none(call, name):
        raise errors.ResourceInUseException(f"Table already exists: {name}")
    table = await _with_features(call, table, request)
    await storage.add_table(call, table)
    if request.get("ResourcePolicy"):
        await call.aws.dynamodb.put_resource_policy(ResourceArn=table.arn, Policy=request["ResourcePolicy"])
    return {"TableDescription": descriptions.describe(table, TableStatus="CREATING", **_NEW)}


_NEW = {"WarmThroughput": None}  # what only a table that is ready shows


async def describe_table(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A table; items are counted exactly while they are few, else as of some hours ago."""
    table = await storage.find_known_table(call, request["TableName"])
    status = await encryption.status(call, table)
    return {
        "Table": descriptions.describe(table, await counts.known(call, table), now=call.now, TableStatus=status),
    }


async def delete_table(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete a table; its name is free at once, its items go in the background."""
    table = await storage.find_known_table(call, request["TableName"])
    if table.settings.get("DeletionProtectionEnabled"):
        raise errors.ValidationException(
            f"Resource cannot be deleted as it is currently protected against deletion. "
            f"Disable deletion protection first: {table.arn}"
        )
    await endings.end_table(call, table)
    deleted = {"AttributeDefinitions": None, "KeySchema": None, "CreationDateTime": None, "WarmThroughput": None}
    return {"TableDescription": descriptions.describe(replace(table, status="DELETING"), **deleted)}


async def list_tables(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The names of tables."""
    limit = request.get("Limit") or 100
    names = await storage.list_tables(call, request.get("ExclusiveStartTableName") or "", limit + 1)
    return {"TableNames": names[:limit], "LastEvaluatedTableName": names[limit - 1] if len(names) > limit else None}


async def describe_limits(_call: Call, _request: dict[str, Any]) -> dict[str, Any]:
    """The capacity limits that AWS sets by default."""
    return {
        "AccountMaxReadCapacityUnits": _REGIONAL_LIMIT,
        "AccountMaxWriteCapacityUnits": _REGIONAL_LIMIT,
        "TableMaxReadCapacityUnits": _TABLE_LIMIT,
        "TableMaxWriteCapacityUnits": _TABLE_LIMIT,
    }


async def describe_endpoints(call: Call, _request: dict[str, Any]) -> dict[str, Any]:
    """Where DynamoDB is: here."""
    request = call.request
    address = request.host if request and request.host else call.platform.endpoint_url.partition("//")[2]
    return {"Endpoints": [{"Address": address, "CachePeriodInMinutes": 1440}]}


def _read_table(call: Call, name: str, request: dict[str, Any]) -> Table:
    definitions.check_capacity(request)
    types = definitions.read_attributes(request.get("AttributeDefinitions") or ())
    if not request.get("KeySchema"):
        raise errors.ValidationException("1 validation error detected: Value null at 'keySchema' failed to satisfy "
                                         "constraint: Member must not be null")  # fmt: skip
    key = definitions.read_key(request["KeySchema"], types)
    indexes = definitions.read_indexes(call, request, key, types)
    definitions.check_all_used(types, key, indexes)
    labels = tags.read_tags(request.get("Tags") or [])
    settings = _settings(call, request)
    return Table(
        call.account, call.region, name, call.ids.sequence(), call.ids.uuid(), "ACTIVE", call.now, types, key, indexes,
        settings, labels,
    )  # fmt: skip


def _settings(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    on_demand = request.get("BillingMode") == "PAY_PER_REQUEST"
    settings: dict[str, Any] = {
        "BillingMode": request.get("BillingMode") or "PROVISIONED",
        "DeletionProtectionEnabled": request.get("DeletionProtectionEnabled") or False,
        "WarmThroughput": features.warm(request, on_demand=on_demand),
    }
    if on_demand:
        settings["BillingModeSummary"] = {
            "BillingMode": "PAY_PER_REQUEST", "LastUpdateToPayPerRequestDateTime": call.now,
        }  # fmt: skip
    for name in ("ProvisionedThroughput", "OnDemandThroughput"):
        if request.get(name):
            settings[name] = request[name]
    if request.get("TableClass"):
        settings["TableClassSummary"] = {"TableClass": request["TableClass"]}
    return settings


async def _with_features(call: Call, table: Table, request: dict[str, Any]) -> Table:
    if request.get("StreamSpecification"):
        table = await features.enable_stream(call, table, request["StreamSpecification"])
    key = await encryption.describe(call, request.get("SSESpecification"))
    if key:
        table = replace(table, settings={**table.settings, "SSEDescription": key})
    return table
