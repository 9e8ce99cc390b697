"""Operations on backups."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.services.dynamodb import backup_jobs, backup_storage, descriptions, errors, history, restoring, storage
from undercast.services.dynamodb.backup_storage import Backup

_LARGEST_PAGE = 100


async def create_backup(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Keep a table as it is now; it is copied in the background."""
    table = await storage.find_table_or_none(call, request["TableName"])
    if table is None:
        raise errors.TableNotFoundException(f"Table not found: {request['TableName']}")
    if table.status != "ACTIVE":
        raise errors.TableInUseException(f"Table is being created or deleted: {table.name}")
    backup = backup_jobs.new_backup(call, table, request["BackupName"], call.ids.sequence(), "USER")
    await backup_storage.add(call, backup)
    moment = await history.hold(call, table)
    await call.later(call.now, "back up", [table.name, backup.label, moment, None])
    return {"BackupDetails": _details(backup)}


async def describe_backup(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A backup and its table as it was."""
    return {"BackupDescription": _describe(await _find(call, request["BackupArn"]))}


async def list_backups(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Backups of a table or of all tables, from a time to another."""
    limit = request.get("Limit") or _LARGEST_PAGE
    start = request.get("ExclusiveStartBackupArn")
    after = _names(start) if start else ("", "")
    found: list[Backup] = []
    name = (request.get("TableName") or "").rpartition("/")[2]
    while len(found) <= limit:
        some = await backup_storage.list_of(call, name, after, _LARGEST_PAGE)
        found += [backup for backup in some if _is_wanted(backup, request)]
        if len(some) < _LARGEST_PAGE:
            break
        after = (some[-1].table_name, some[-1].label)
    listed = found[:limit]
    return {
        "BackupSummaries": [_summary(backup) for backup in listed],
        "LastEvaluatedBackupArn": listed[-1].arn if len(found) > limit else None,
    }


async def delete_backup(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete a backup; its items go in the background."""
    backup = await _find(call, request["BackupArn"])
    if backup.status == "CREATING" or backup.restores:
        raise errors.BackupInUseException(f"Backup is being used by another operation: {backup.arn}")
    await backup_jobs.delete(call, backup)
    return {"BackupDescription": _describe(replace(backup, status="DELETED"))}


async def restore_table_from_backup(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A new table of what a backup holds."""
    backup = await _find(call, request["BackupArn"])
    if backup.status != "AVAILABLE":
        raise errors.BackupInUseException(f"Backup is being created: {backup.arn}")
    summary = {
        "SourceBackupArn": backup.arn, "SourceTableArn": backup.table.arn, "RestoreDateTime": backup.created_at,
        "RestoreInProgress": True,
    }  # fmt: skip
    target = await restoring.new_table(call, backup.table, request, summary)
    await backup_storage.count_restore(call, backup.table_name, backup.label, 1)
    moment = call.ids.sequence()
    await restoring.start(call, target, backup.id, moment, backup=(backup.table_name, backup.label))
    return {"TableDescription": descriptions.describe(target)}


async def _find(call: Call, arn: str) -> Backup:
    backup = await backup_storage.find(call, *_names(arn))
    if backup is None or not arn.endswith(backup.arn.partition(":")[2]):
        raise errors.BackupNotFoundException(f"Backup not found: {arn}")
    return backup


def _names(arn: str) -> tuple[str, str]:
    try:
        parts = Arn.parse(arn).resource.split("/")
    except ValueError:
        parts = []
    if len(parts) != 4 or (parts[0], parts[2]) != ("table", "backup"):
        raise errors.ValidationException(f"Invalid BackupArn: {arn}")
    return parts[1], parts[3]


def _is_wanted(backup: Backup, request: dict[str, Any]) -> bool:
    kind = request.get("BackupType", "ALL")
    since, until = request.get("TimeRangeLowerBound", 0), request.get("TimeRangeUpperBound", 2**62)
    return kind in ("ALL", backup.type) and since <= backup.created_at < until


def _details(backup: Backup) -> dict[str, Any]:
    return {
        "BackupArn": backup.arn,
        "BackupName": backup.name,
        "BackupSizeBytes": backup.size,
        "BackupStatus": backup.status,
        "BackupType": backup.type,
        "BackupCreationDateTime": backup.created_at,
        "BackupExpiryDateTime": backup.expires_at or None,
    }


def _summary(backup: Backup) -> dict[str, Any]:
    table = {"TableName": backup.table_name, "TableId": backup.table.uuid, "TableArn": backup.table.arn}
    return table | _details(backup)


def _describe(backup: Backup) -> dict[str, Any]:
    table = descriptions.describe(backup.table)
    source = {
        **{name: table[name] for name in ("TableName", "TableId", "TableArn", "KeySchema")},
        "ProvisionedThroughput": _units(table["ProvisionedThroughput"]),
        "TableSizeBytes": backup.size,
        "ItemCount": backup.items,
        "TableCreationDateTime": backup.table.created_at,
        "BillingMode": backup.table.settings.get("BillingMode"),
    }
    features = {
        "LocalSecondaryIndexes": _indexes(table, "LocalSecondaryIndexes"),
        "GlobalSecondaryIndexes": _indexes(table, "GlobalSecondaryIndexes"),
        "StreamDescription": table.get("StreamSpecification"),
        "SSEDescription": table.get("SSEDescription"),
    }
    return {"BackupDetails": _details(backup), "SourceTableDetails": source, "SourceTableFeatureDetails": features}


def _indexes(table: dict[str, Any], member: str) -> list[dict[str, Any]] | None:
    shown = []
    for index in table.get(member) or ():
        described = {name: index[name] for name in ("IndexName", "KeySchema", "Projection")}
        if "ProvisionedThroughput" in index:
            described["ProvisionedThroughput"] = _units(index["ProvisionedThroughput"])
        shown.append(described)
    return shown or None


def _units(throughput: dict[str, Any]) -> dict[str, int]:
    return {name: throughput[name] for name in ("ReadCapacityUnits", "WriteCapacityUnits")}
