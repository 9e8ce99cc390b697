"""Global tables: which tables of an account are replicas of one another, and giving each other's changes.

A change reaches all replicas in the transaction that makes it, so that they never differ.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Any

from undercast.engines.dynamodb import values
from undercast.engines.dynamodb.keys import KeyBytes
from undercast.kit.call import Call
from undercast.services.dynamodb import storage
from undercast.services.dynamodb.model import REPLICATION, Change, Stored, Table

OLD_VERSION, VERSION = "2017.11.29", "2019.11.21"
ChangeItem = Callable[[Call, Table, KeyBytes, Stored | None, Stored | None, str], Awaitable[None]]


async def follow(call: Call, table: Table, change: Change, apply: ChangeItem) -> None:
    """Make a change in all other replicas too. `apply` is `changes.change_item`."""
    if change.principal == REPLICATION:
        return
    new = change.new
    if new and table.settings.get("GlobalTableVersion") == OLD_VERSION:
        new = _stamped(call, table, new)
        await apply(call, table, change.key, change.new, new, REPLICATION)
    for region in table.settings["replicas"]:
        there = call.into(account=table.account, region=region)
        replica = await storage.find_table_or_none(there, table.name)
        if replica is not None:
            old = await storage.find_item(there, replica, change.key)
            await apply(there, replica, change.key, old, new, REPLICATION)


def _stamped(call: Call, table: Table, stored: Stored) -> Stored:
    """With the attributes that global tables of 2017 write into items."""
    seconds, milliseconds = divmod(call.now, 1000)
    stamps: dict[str, dict[str, Any]] = {
        "aws:rep:deleting": {"BOOL": False},
        "aws:rep:updatetime": {"N": f"{seconds}.{milliseconds:03d}001"},
        "aws:rep:updateregion": {"S": table.region},
    }
    return Stored.of(*values.check_item({**stored.item, **stamps}))


async def group(call: Call, table: Table) -> list[Table]:
    """The table and its replicas."""
    found = [table]
    for region in table.settings.get("replicas") or ():
        replica = await storage.find_table_or_none(call.into(account=table.account, region=region), table.name)
        if replica is not None:
            found.append(replica)
    return found


async def save_group(call: Call, tables: Iterable[Table], version: str) -> dict[str, Table]:
    """Make tables replicas of one another, one alone a plain table; the tables by region."""
    members = {table.region: table for table in tables}
    saved = {}
    for region, table in members.items():
        others = [other for other in members.values() if other.region != region]
        settings = {name: value for name, value in table.settings.items() if name not in _OF_GROUPS}
        if others:
            settings |= {"replicas": [other.region for other in others], "GlobalTableVersion": version}
            if version == VERSION:
                settings["Replicas"] = [_describe(other) for other in others]
        saved[region] = replace(table, settings=settings)
        await storage.save_table(call, saved[region])
    return saved


async def leave(call: Call, table: Table) -> None:
    """Take a table that is deleted out of its group."""
    others = [other for other in await group(call, table) if other.region != table.region]
    if others:
        await save_group(call, others, table.settings["GlobalTableVersion"])


_OF_GROUPS = ("replicas", "Replicas", "GlobalTableVersion")


def _describe(replica: Table) -> dict[str, Any]:
    described = {"RegionName": replica.region, "ReplicaStatus": replica.status}
    overrides: dict[str, Any] = replica.settings.get("replica_overrides") or {}
    return described | overrides
