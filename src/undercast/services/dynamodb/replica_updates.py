"""UpdateTable's ReplicaUpdates: adding, changing and removing replicas of a table."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.engines.dynamodb.keys import KeyBytes
from undercast.kit.call import Call
from undercast.services.dynamodb import changes, encryption, endings, errors, replicas, storage, streams
from undercast.services.dynamodb.model import REPLICATION, Stored, Table

_STEP = 100
# What a replica has for itself: the developer guide, "Global tables: how it works".
_OWN = ("stream", "LatestStreamLabel", "pitr", "copying", "kinesis", "policies", "RestoreSummary", "replica_overrides")
_OVERRIDES = (
    "KMSMasterKeyId", "ProvisionedThroughputOverride", "OnDemandThroughputOverride", "GlobalSecondaryIndexes",
)  # fmt: skip


async def update_replicas(call: Call, table: Table, updates: list[dict[str, Any]]) -> Table:
    """Carry out ReplicaUpdates; the table as it is saved then. ValidationException."""
    for update in updates:
        if len(update) != 1:
            raise errors.ValidationException("Exactly one of Create, Update or Delete must be given in a ReplicaUpdate")
        ((action, wanted),) = update.items()
        if wanted["RegionName"] == table.region:
            raise errors.ValidationException(
                "Cannot add, delete, or update the local region through ReplicaUpdates. Use CreateTable, DeleteTable, "
                "or UpdateTable as required."
            )
        table = await {"Create": _create, "Update": _update, "Delete": _delete}[action](call, table, wanted)
    return table


async def copy_some(call: Call, payload: list[Any]) -> None:
    """Put a page of items into a new replica; after the last it is ACTIVE.

    Changes made meanwhile reach the replica by themselves, and a page is read and written in one transaction.
    """
    name, region, table_id, after = payload
    table = await storage.find_table_or_none(call, name)
    there = call.into(region=region)
    replica = await storage.find_table_or_none(there, name)
    if table is None or replica is None or replica.id != table_id:
        return
    place = KeyBytes(*map(bytes.fromhex, after)) if after else None
    rows = await storage.scan_items(call, table, place, None, _STEP)
    for pk, sk, size, json in rows:
        key = KeyBytes(pk, sk)
        old = await storage.find_item(there, replica, key)
        await changes.change_item(there, replica, key, old, Stored(json, size), REPLICATION)
    if len(rows) == _STEP:
        await call.later(call.now, "copy to replica", [name, region, table_id, [rows[-1][0].hex(), rows[-1][1].hex()]])
        return
    members = [one for one in await replicas.group(call, table) if one.region != region]
    await replicas.save_group(call, [*members, replace(replica, status="ACTIVE")], replicas.VERSION)


async def _create(call: Call, table: Table, wanted: dict[str, Any]) -> Table:
    region = wanted["RegionName"]
    there = call.into(account=table.account, region=region)
    if await storage.find_table_or_none(there, table.name):
        raise errors.ValidationException(
            f"Failed to create a the new replica of table with name: '{table.name}' because one or more replicas "
            "already existed as tables."
        )
    table = await _with_stream(call, table)
    replica = replace(
        table, region=region, id=call.ids.sequence(), status="CREATING", created_at=call.now, tags={},
        indexes=tuple(replace(index, id=call.ids.sequence()) for index in table.indexes),
        settings={name: value for name, value in table.settings.items() if name not in _OWN},
    )  # fmt: skip
    replica = await _with_stream(there, await _overridden(there, replica, wanted))
    await storage.add_table(there, replica)
    if replica.settings.get("ttl"):
        await there.later(call.now, "find expiries", [replica.name, replica.id, None])
    await call.later(call.now, "copy to replica", [table.name, region, replica.id, None])
    members = await replicas.group(call, table)
    return (await replicas.save_group(call, [*members, replica], replicas.VERSION))[table.region]


async def _update(call: Call, table: Table, wanted: dict[str, Any]) -> Table:
    replica = await _find_replica(call, table, wanted["RegionName"])
    replica = await _overridden(call.into(region=replica.region), replica, wanted)
    members = [one for one in await replicas.group(call, table) if one.region != replica.region]
    return (await replicas.save_group(call, [*members, replica], replicas.VERSION))[table.region]


async def _delete(call: Call, table: Table, wanted: dict[str, Any]) -> Table:
    replica = await _find_replica(call, table, wanted["RegionName"])
    await storage.save_table(call, table)
    await endings.end_table(call.into(region=replica.region), replica)
    left = await storage.find_table_or_none(call, table.name)
    assert left is not None
    return left


async def _find_replica(call: Call, table: Table, region: str) -> Table:
    found = [one for one in await replicas.group(call, table) if one.region == region]
    if not found or region == table.region:
        raise errors.ValidationException(
            "Replica specified in the Replica Update or Replica Delete action of the request was not found."
        )
    return found[0]


async def _with_stream(call: Call, table: Table) -> Table:
    """Replicas have a stream with both images; one with less cannot be replicated."""
    if table.stream is None:
        return await streams.open_stream(call, table, "NEW_AND_OLD_IMAGES")
    if table.stream.view != "NEW_AND_OLD_IMAGES":
        raise errors.ValidationException(
            "Table Stream must be enabled with NEW_AND_OLD_IMAGES to add a replica to the table"
        )
    return table


async def _overridden(call: Call, replica: Table, wanted: dict[str, Any]) -> Table:
    """The replica with settings of its own."""
    settings = dict(replica.settings)
    if reads := (wanted.get("ProvisionedThroughputOverride") or {}).get("ReadCapacityUnits"):
        settings["ProvisionedThroughput"] = {**settings["ProvisionedThroughput"], "ReadCapacityUnits": reads}
    if wanted.get("TableClassOverride"):
        settings["TableClassSummary"] = {"TableClass": wanted["TableClassOverride"]}
    if wanted.get("KMSMasterKeyId"):
        specification = {"Enabled": True, "KMSMasterKeyId": wanted["KMSMasterKeyId"]}
        settings["SSEDescription"] = await encryption.describe(call, specification)
    shown = {name: wanted[name] for name in _OVERRIDES if wanted.get(name)}
    if wanted.get("TableClassOverride"):
        shown["ReplicaTableClassSummary"] = settings["TableClassSummary"]
    settings["replica_overrides"] = {**(settings.get("replica_overrides") or {}), **shown}
    return replace(replica, settings=settings)
