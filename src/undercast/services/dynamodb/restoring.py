"""Making a table of what a backup holds, or of what a table held at a moment."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.engines.dynamodb.keys import KeyBytes
from undercast.kit.call import Call
from undercast.services.dynamodb import backup_storage, changes, definitions, encryption, errors, history, storage
from undercast.services.dynamodb.model import Index, Table

_STEP = 100
# What belongs to a table but not to one that is restored from it: the developer guide, "Restoring a table".
_NOT_RESTORED = (
    "stream", "LatestStreamLabel", "ttl", "pitr", "kinesis", "Replicas", "replicas", "GlobalTableVersion",
    "replica_overrides", "copying", "policies", "DeletionProtectionEnabled", "RestoreSummary",
)  # fmt: skip


async def new_table(call: Call, source: Table, request: dict[str, Any], summary: dict[str, Any]) -> Table:
    """An empty table in status CREATING, made like the source with what the request overrides."""
    name = definitions.table_name(request["TargetTableName"], call)
    if await storage.find_table_or_none(call, name):
        raise errors.TableAlreadyExistsException(f"Table already exists: {name}")
    settings = {name: value for name, value in source.settings.items() if name not in _NOT_RESTORED}
    settings |= {"DeletionProtectionEnabled": False, "RestoreSummary": summary, **_capacity(call, request)}
    key = await encryption.describe(call, request.get("SSESpecificationOverride"))
    if key:
        settings["SSEDescription"] = key
    table = replace(
        source, account=call.account, region=call.region, name=name, id=call.ids.sequence(), uuid=call.ids.uuid(),
        status="CREATING", created_at=call.now, indexes=_indexes(call, source, request), settings=settings, tags={},
    )  # fmt: skip
    await storage.add_table(call, table)
    return table


async def start(
    call: Call,
    target: Table,
    source_id: int,
    moment: int,
    *,
    source_table: str = "",
    backup: tuple[str, str] | None = None,
) -> None:
    """Begin to fill a table. `source_table` (a name) or `backup` (its table's name, its label) is released then."""
    payload = {
        "target": target.name, "target_id": target.id, "source_id": source_id, "moment": moment, "after": None,
        "source_table": source_table, "backup": backup,
    }  # fmt: skip
    await call.later(call.now, "restore", payload)


async def restore_some(call: Call, payload: dict[str, Any]) -> None:
    """Put a page of items into the new table; after the last it is ACTIVE."""
    target = await storage.find_table_or_none(call, payload["target"])
    if target is None or target.id != payload["target_id"]:
        await _release(call, payload)
        return
    source = replace(target, id=payload["source_id"])
    after = KeyBytes(*map(bytes.fromhex, payload["after"])) if payload["after"] else None
    found, last = await history.page(call, source, payload["moment"], after, _STEP)
    for key, stored in found:
        await changes.change_item(call, target, key, None, stored)
    if last is not None:
        await call.later(call.now, "restore", {**payload, "after": [last.pk.hex(), last.sk.hex()]})
        return
    await _release(call, payload)
    summary = {**target.settings["RestoreSummary"], "RestoreInProgress": False}
    await storage.save_table(
        call, replace(target, status="ACTIVE", settings={**target.settings, "RestoreSummary": summary})
    )


async def _release(call: Call, payload: dict[str, Any]) -> None:
    if payload["source_table"]:
        await history.release(call, payload["source_table"], payload["source_id"])
    if payload["backup"]:
        table, label = payload["backup"]
        await backup_storage.count_restore(call, table, label, -1)


def _capacity(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    mode, units = request.get("BillingModeOverride"), request.get("ProvisionedThroughputOverride")
    if mode is None and units is None and "OnDemandThroughputOverride" not in request:
        return {}
    definitions.check_capacity({"BillingMode": mode, "ProvisionedThroughput": units})
    settings: dict[str, Any] = {"BillingMode": mode or "PROVISIONED", "ProvisionedThroughput": units}
    if mode == "PAY_PER_REQUEST":
        settings["BillingModeSummary"] = {"BillingMode": mode, "LastUpdateToPayPerRequestDateTime": call.now}
    if request.get("OnDemandThroughputOverride"):
        settings["OnDemandThroughput"] = request["OnDemandThroughputOverride"]
    return settings


def _indexes(call: Call, source: Table, request: dict[str, Any]) -> tuple[Index, ...]:
    """The source's indexes, or those of them that the overrides name."""
    kept = []
    for index in source.indexes:
        overrides = request.get("GlobalSecondaryIndexOverride" if index.is_global else "LocalSecondaryIndexOverride")
        wanted = None if overrides is None else {one["IndexName"]: one for one in overrides}
        if wanted is not None and index.name not in wanted:
            continue
        units = (wanted or {}).get(index.name, {}).get("ProvisionedThroughput")
        settings = {**index.settings, "ProvisionedThroughput": units} if units else index.settings
        kept.append(replace(index, id=call.ids.sequence(), status="ACTIVE", backfilling=False, settings=settings))
    _check_overrides(source, request)
    return tuple(kept)


def _check_overrides(source: Table, request: dict[str, Any]) -> None:
    for member, is_global in (("GlobalSecondaryIndexOverride", True), ("LocalSecondaryIndexOverride", False)):
        for one in request.get(member) or ():
            index = source.index(one["IndexName"])
            if index is None or index.is_global != is_global:
                raise errors.ValidationException(
                    f"One or more parameter values were invalid: Index {one['IndexName']} does not exist in the source"
                )
