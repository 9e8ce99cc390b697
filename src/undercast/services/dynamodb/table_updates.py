"""UpdateTable: capacity, indexes, streams and the other settings of a table that is there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from undercast.kit.call import Call
from undercast.services.dynamodb import (
    definitions,
    descriptions,
    encryption,
    errors,
    features,
    replica_updates,
    replicas,
    storage,
    streams,
)
from undercast.services.dynamodb.model import Index, Table

_CHANGES = (
    "BillingMode", "ProvisionedThroughput", "GlobalSecondaryIndexUpdates", "StreamSpecification", "SSESpecification",
    "ReplicaUpdates", "TableClass", "DeletionProtectionEnabled", "OnDemandThroughput", "WarmThroughput",
)  # fmt: skip


_OF_ALL_REPLICAS = (
    "AttributeDefinitions", "BillingMode", "GlobalSecondaryIndexUpdates", "OnDemandThroughput", "ProvisionedThroughput",
)  # fmt: skip

_FREE_DECREASES, _DECREASE_PAUSE_MS = 4, 3_600_000


async def update_table(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change a table; only a new index takes time, to be filled."""
    if all(request.get(name) is None for name in _CHANGES):
        raise errors.ValidationException(
            "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or "
            "SSESpecification or ReplicaUpdates is required"
        )
    features.refuse_unsupported(request)
    _check(request)
    table = await _apply(call, await storage.find_known_table(call, request["TableName"]), request)
    if table.settings.get("GlobalTableVersion") == replicas.VERSION:
        await _apply_to_replicas(call, table, request)
    return {"TableDescription": descriptions.describe(table, now=call.now, TableStatus="UPDATING")}


async def _apply(call: Call, before: Table, request: dict[str, Any]) -> Table:
    table = before
    for name, change in _STEPS.items():
        if request.get(name) is not None:
            table = await change(call, table, request)
    _check_index_capacity(table)
    if table != before:
        await storage.save_table(call, table)
    return table


async def _apply_to_replicas(call: Call, table: Table, request: dict[str, Any]) -> None:
    """Make the changes that all replicas share: the developer guide, "Global tables settings"."""
    shared = {name: request[name] for name in _OF_ALL_REPLICAS if request.get(name) is not None}
    if not shared.keys() - {"AttributeDefinitions"}:
        return
    for replica in (await replicas.group(call, table))[1:]:
        wanted = shared
        if replica.settings.get("ProvisionedThroughput") == shared.get("ProvisionedThroughput"):
            wanted = {name: value for name, value in shared.items() if name != "ProvisionedThroughput"}
        await _apply(call.into(account=replica.account, region=replica.region), replica, wanted)


def _check(request: Mapping[str, Any]) -> None:
    if request.get("BillingMode") == "PAY_PER_REQUEST" and request.get("ProvisionedThroughput"):
        definitions.check_capacity(request)
    definitions.check_units(request.get("ProvisionedThroughput"))


# --- capacity ---


async def _billing(call: Call, table: Table, request: dict[str, Any]) -> Table:
    if request["BillingMode"] == table.settings.get("BillingMode", "PROVISIONED"):
        return table
    settings = {**table.settings, "BillingMode": request["BillingMode"]}
    if request["BillingMode"] == "PAY_PER_REQUEST":
        settings.pop("ProvisionedThroughput", None)
        settings["BillingModeSummary"] = {
            "BillingMode": "PAY_PER_REQUEST", "LastUpdateToPayPerRequestDateTime": call.now,
        }  # fmt: skip
        indexes = tuple(
            replace(index, settings={k: v for k, v in index.settings.items() if k != "ProvisionedThroughput"})
            for index in table.indexes
        )
        return replace(table, settings=settings, indexes=indexes)
    definitions.check_capacity(request)
    summary = settings.get("BillingModeSummary", {})
    settings["BillingModeSummary"] = {**summary, "BillingMode": "PROVISIONED"}
    settings.pop("OnDemandThroughput", None)
    return replace(table, settings=settings)


async def _throughput(call: Call, table: Table, request: dict[str, Any]) -> Table:
    wanted, now = request["ProvisionedThroughput"], table.settings.get("ProvisionedThroughput")
    if table.on_demand:
        raise definitions.invalid(
            "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"
        )
    if now and all(now[name] == wanted[name] for name in ("ReadCapacityUnits", "WriteCapacityUnits")):
        raise errors.ValidationException(
            "The provisioned throughput for the table will not change. The requested value equals the current value. "
            f"Current ReadCapacityUnits provisioned for the table: {now['ReadCapacityUnits']}. "
            f"Requested ReadCapacityUnits: {wanted['ReadCapacityUnits']}. "
            f"Current WriteCapacityUnits provisioned for the table: {now['WriteCapacityUnits']}. "
            f"Requested WriteCapacityUnits: {wanted['WriteCapacityUnits']}. "
            "Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits."
        )
    return _set(table, ProvisionedThroughput=_dated(call, now, wanted))


def _dated(call: Call, now: Mapping[str, Any] | None, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Throughput with the times at which it rose and fell, and how often it fell today."""
    if now is None:
        return dict(wanted)
    dated = {**now, **wanted}
    if any(value > now.get(name, value) for name, value in wanted.items()):
        dated["LastIncreaseDateTime"] = call.now
    if any(value < now.get(name, value) for name, value in wanted.items()):
        count = descriptions.decreases_today(now, call.now)
        _check_decrease(call, count, now.get("LastDecreaseDateTime", 0))
        dated |= {"LastDecreaseDateTime": call.now, "NumberOfDecreasesToday": count + 1}
    return dated


def _check_decrease(call: Call, count: int, last: int) -> None:
    """https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html#decreasing-provisioned-throughput"""
    if count >= _FREE_DECREASES and call.now < last + _DECREASE_PAUSE_MS:
        raise errors.LimitExceededException(
            "Subscriber limit exceeded: Provisioned throughput decreases are limited within a given UTC day. After the "
            f"first {_FREE_DECREASES} decreases, each subsequent decrease in the same UTC day can be performed at most "
            f"once every {_DECREASE_PAUSE_MS // 1000} seconds. Number of decreases today: {count}."
        )


def _check_index_capacity(table: Table) -> None:
    for index in table.indexes:
        if index.is_global and not table.on_demand and not index.settings.get("ProvisionedThroughput"):
            raise definitions.invalid(f"ProvisionedThroughput is not specified for index: {index.name}")


# --- indexes ---


async def _indexes(call: Call, table: Table, request: dict[str, Any]) -> Table:
    updates = request["GlobalSecondaryIndexUpdates"]
    if any(len(update) != 1 for update in updates):
        raise definitions.invalid("Exactly one of Create, Update or Delete must be given for each index update")
    online = sum("Update" not in update for update in updates)
    if online > 1 or (online and any(index.status == "CREATING" for index in table.indexes)):
        raise errors.LimitExceededException(
            "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"
        )
    for update in updates:
        ((action, wanted),) = update.items()
        table = await _ACTIONS[action](call, table, wanted, request)
    return table


async def _create(call: Call, table: Table, wanted: dict[str, Any], request: dict[str, Any]) -> Table:
    if table.index(wanted["IndexName"]):
        raise errors.ValidationException("Attempting to create an index which already exists")
    types = {**table.attributes, **definitions.read_attributes(request.get("AttributeDefinitions") or ())}
    index = definitions.read_global(call, wanted, types, on_demand=table.on_demand)
    indexes = (*table.indexes, replace(index, status="CREATING", backfilling=True))
    definitions.check_together(indexes)
    definitions.check_all_used(types, table.key, indexes)
    there = call.into(account=table.account, region=table.region)
    await there.later(call.now, "backfill", [table.name, index.id, None])
    return replace(table, attributes=types, indexes=indexes)


async def _update(call: Call, table: Table, wanted: dict[str, Any], _request: dict[str, Any]) -> Table:
    index = _global_index(table, wanted["IndexName"])
    settings = {**index.settings}
    for name in ("ProvisionedThroughput", "OnDemandThroughput", "WarmThroughput"):
        if wanted.get(name):
            definitions.check_units(wanted[name] if name == "ProvisionedThroughput" else None)
            settings[name] = _dated(call, settings.get(name), wanted[name])
    changed = replace(index, settings=settings)
    return replace(table, indexes=tuple(changed if one is index else one for one in table.indexes))


async def _delete(call: Call, table: Table, wanted: dict[str, Any], _request: dict[str, Any]) -> Table:
    index = _global_index(table, wanted["IndexName"])
    indexes = tuple(one for one in table.indexes if one is not index)
    used = {*table.key.names, *(name for one in indexes for name in one.key.names)}
    there = call.into(account=table.account, region=table.region)
    await there.later(call.now, "drain index", index.id)
    types = {name: kind for name, kind in table.attributes.items() if name in used}
    return replace(table, attributes=types, indexes=indexes)


def _global_index(table: Table, name: str) -> Index:
    index = table.index(name)
    if index is None or not index.is_global:
        raise errors.ResourceNotFoundException(f"Requested resource not found: Index: {name} not found")
    return index


_ACTIONS = {"Create": _create, "Update": _update, "Delete": _delete}


# --- the rest ---


async def _stream(call: Call, table: Table, request: dict[str, Any]) -> Table:
    specification = request["StreamSpecification"]
    if not specification["StreamEnabled"]:
        if table.stream is None:
            raise errors.ValidationException(f"Table is already has a disabled stream: TableName: {table.name}")
        return await streams.close_stream(call, table)
    if table.stream:
        raise errors.ValidationException(f"Table already has an enabled stream: TableName: {table.name}")
    return await features.enable_stream(call, table, specification)


async def _encryption(call: Call, table: Table, request: dict[str, Any]) -> Table:
    return _set(table, SSEDescription=await encryption.describe(call, request["SSESpecification"]))


async def _replicas(call: Call, table: Table, request: dict[str, Any]) -> Table:
    return await replica_updates.update_replicas(call, table, request["ReplicaUpdates"])


async def _table_class(call: Call, table: Table, request: dict[str, Any]) -> Table:
    summary = {"TableClass": request["TableClass"], "LastUpdateDateTime": call.now}
    return _set(table, TableClassSummary=summary)


async def _protection(_call: Call, table: Table, request: dict[str, Any]) -> Table:
    return _set(table, DeletionProtectionEnabled=request["DeletionProtectionEnabled"])


async def _on_demand(_call: Call, table: Table, request: dict[str, Any]) -> Table:
    if not table.on_demand:
        raise definitions.invalid("OnDemandThroughput can only be specified when BillingMode is PAY_PER_REQUEST")
    return _set(table, OnDemandThroughput=request["OnDemandThroughput"])


async def _warm(_call: Call, table: Table, request: dict[str, Any]) -> Table:
    now = table.settings.get("WarmThroughput") or {}
    wanted = request["WarmThroughput"]
    for name in ("ReadUnitsPerSecond", "WriteUnitsPerSecond"):
        if wanted.get(name, now.get(name, 0)) < now.get(name, 0):
            raise definitions.invalid(f"Requested {name} for WarmThroughput for table is lower than current value")
    return _set(table, WarmThroughput={**now, **wanted})


def _set(table: Table, **changed: Any) -> Table:
    settings = {name: value for name, value in {**table.settings, **changed}.items() if value is not None}
    return replace(table, settings=settings)


_STEPS: dict[str, Callable[[Call, Table, dict[str, Any]], Awaitable[Table]]] = {
    "BillingMode": _billing,
    "ProvisionedThroughput": _throughput,
    "OnDemandThroughput": _on_demand,
    "WarmThroughput": _warm,
    "GlobalSecondaryIndexUpdates": _indexes,
    "StreamSpecification": _stream,
    "SSESpecification": _encryption,
    "TableClass": _table_class,
    "DeletionProtectionEnabled": _protection,
    "ReplicaUpdates": _replicas,
}
