"""Operations on global tables of version 2017.11.29; those of 2019.11.21 are made with UpdateTable."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.dynamodb import errors, global_storage, replicas, storage
from undercast.services.dynamodb.global_storage import GlobalTable
from undercast.services.dynamodb.model import Table

_LARGEST_PAGE = 100


async def create_global_table(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Make the empty tables of one name in several regions replicas of one another."""
    name = request["GlobalTableName"]
    if await global_storage.find(call, name):
        raise errors.GlobalTableAlreadyExistsException(f"Global table with name: '{name}' already exists.")
    regions = [one["RegionName"] for one in request["ReplicationGroup"]]
    tables = [await _replica(call, name, region) for region in regions]
    _check_alike(tables)
    await replicas.save_group(call, tables, replicas.OLD_VERSION)
    made = GlobalTable(call.account, name, call.now, tuple(regions))
    await global_storage.save(call, made)
    return {"GlobalTableDescription": _describe(made)}


async def describe_global_table(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A global table and its regions."""
    return {"GlobalTableDescription": _describe(await global_storage.find_known(call, request["GlobalTableName"]))}


async def list_global_tables(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The global tables of the account that have a replica in a region."""
    region, limit = request.get("RegionName"), request.get("Limit") or _LARGEST_PAGE
    after = request.get("ExclusiveStartGlobalTableName") or ""
    every = await global_storage.list_after(call, after)
    found = [one for one in every if region is None or region in one.regions]
    listed = [{"GlobalTableName": one.name, "ReplicationGroup": _regions(one)} for one in found[:limit]]
    return {
        "GlobalTables": listed, "LastEvaluatedGlobalTableName": found[limit - 1].name if len(found) > limit else None,
    }  # fmt: skip


async def update_global_table(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Add replicas, or remove them (their tables stay)."""
    found = await global_storage.find_known(call, request["GlobalTableName"])
    regions = list(found.regions)
    for update in request["ReplicaUpdates"]:
        _change(regions, update, found.name)
    before = [await _replica(call, found.name, region, new=False) for region in found.regions]
    after = [await _replica(call, found.name, region, new=region not in found.regions) for region in regions]
    _check_alike(after)
    for table in before:
        if table.region not in regions:
            await replicas.save_group(call, [table], replicas.OLD_VERSION)
    await replicas.save_group(call, after, replicas.OLD_VERSION)
    changed = GlobalTable(found.account, found.name, found.created_at, tuple(regions))
    await global_storage.save(call, changed)
    return {"GlobalTableDescription": _describe(changed)}


def _change(regions: list[str], update: dict[str, Any], name: str) -> None:
    if create := update.get("Create"):
        if create["RegionName"] in regions:
            raise errors.ReplicaAlreadyExistsException(
                f"Failed to create a the new replica of table with name: '{name}' because one or more replicas already "
                "existed as tables."
            )
        regions.append(create["RegionName"])
    if delete := update.get("Delete"):
        if delete["RegionName"] not in regions:
            raise errors.ReplicaNotFoundException(f"Replica of global table '{name}' not found: {delete['RegionName']}")
        regions.remove(delete["RegionName"])


async def _replica(call: Call, name: str, region: str, *, new: bool = True) -> Table:
    there = call.into(region=region)
    table = await storage.find_table_or_none(there, name)
    if table is None:
        raise errors.TableNotFoundException(f"Table not found: {name} in region {region}")
    if new and await storage.scan_items(there, table, None, None, 1):
        raise errors.ValidationException("One or more tables in the replication group are not empty")
    return table


def _check_alike(tables: list[Table]) -> None:
    """What must hold of the tables of a global table: the developer guide, "Requirements for adding a new replica"."""
    for table in tables:
        if table.stream is None or table.stream.view != "NEW_AND_OLD_IMAGES":
            raise errors.ValidationException(
                "One or more of the tables does not have streams enabled with NEW_AND_OLD_IMAGES"
            )
        if table.key != tables[0].key:
            raise errors.ValidationException("The tables of a replication group must have the same key schema")


def _describe(table: GlobalTable) -> dict[str, Any]:
    return {
        "ReplicationGroup": [{**one, "ReplicaStatus": "ACTIVE"} for one in _regions(table)],
        "GlobalTableArn": f"arn:aws:dynamodb::{table.account}:global-table/{table.name}",
        "CreationDateTime": table.created_at,
        "GlobalTableStatus": "ACTIVE",
        "GlobalTableName": table.name,
    }


def _regions(table: GlobalTable) -> list[dict[str, str]]:
    return [{"RegionName": region} for region in table.regions]
