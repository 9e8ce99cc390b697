"""Tables and indexes as clients see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undercast.engines.dynamodb.keys import KeySchema
from undercast.services.dynamodb.model import Index, Table

_DAY_MS = 24 * 3600 * 1000

Counts = dict[int, tuple[int, int]]  # items and bytes, by the id of a table or index


def describe(table: Table, counts: Counts | None = None, *, now: int | None = None, **changed: Any) -> dict[str, Any]:
    """A TableDescription as of `now` (milliseconds). Members that are `changed` replace what is known."""
    items, size = (counts or {}).get(table.id, (0, 0))
    settings = table.settings
    described = {
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": kind} for name, kind in table.attributes.items()
        ],
        "TableName": table.name,
        "KeySchema": _key(table.key),
        "TableStatus": table.status,
        "CreationDateTime": table.created_at,
        "ProvisionedThroughput": _throughput(settings, now),
        "TableSizeBytes": size,
        "ItemCount": items,
        "TableArn": table.arn,
        "TableId": table.uuid,
        "DeletionProtectionEnabled": settings.get("DeletionProtectionEnabled", False),
        "LocalSecondaryIndexes": [_index(table, i, counts, now) for i in table.indexes if not i.is_global] or None,
        "GlobalSecondaryIndexes": [_index(table, i, counts, now) for i in table.indexes if i.is_global] or None,
        **{name: settings[name] for name in _AS_KEPT if name in settings},
        **_stream(table),
    }
    return {**described, **changed}


_AS_KEPT = ("BillingModeSummary", "SSEDescription", "TableClassSummary", "OnDemandThroughput", "WarmThroughput",
            "RestoreSummary", "Replicas", "GlobalTableVersion")  # fmt: skip


def _index(table: Table, index: Index, counts: Counts | None, now: int | None) -> dict[str, Any]:
    items, size = (counts or {}).get(index.id, (0, 0))
    described: dict[str, Any] = {
        "IndexName": index.name,
        "KeySchema": _key(index.key),
        "Projection": {"ProjectionType": index.projection, "NonKeyAttributes": list(index.include) or None},
        "IndexSizeBytes": size,
        "ItemCount": items,
        "IndexArn": f"{table.arn}/index/{index.name}",
    }
    if index.is_global:
        described["IndexStatus"] = index.status
        described["Backfilling"] = True if index.backfilling else None
        described["ProvisionedThroughput"] = _throughput(index.settings, now)
        described["OnDemandThroughput"] = index.settings.get("OnDemandThroughput")
        described["WarmThroughput"] = index.settings.get("WarmThroughput")
    return described


def _throughput(settings: Any, now: int | None) -> dict[str, Any]:
    units = settings.get("ProvisionedThroughput") or {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
    return {**units, "NumberOfDecreasesToday": decreases_today(units, now)}


def decreases_today(units: Mapping[str, Any], now: int | None) -> int:
    """How often throughput was decreased on the day (UTC) of `now`; None: the day of the last decrease."""
    last = units.get("LastDecreaseDateTime")
    if last is None or (now is not None and last // _DAY_MS != now // _DAY_MS):
        return 0
    return int(units.get("NumberOfDecreasesToday", 0))


def _stream(table: Table) -> dict[str, Any]:
    """The latest stream stays named when it is off; only the specification goes."""
    stream, last = table.stream, table.settings.get("LatestStreamLabel")
    described = {}
    if last:
        described = {"LatestStreamLabel": last, "LatestStreamArn": f"{table.arn}/stream/{last}"}
    if stream:
        described["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": stream.view}
    return described


def _key(key: KeySchema) -> list[dict[str, str]]:
    schema = [{"AttributeName": key.hash, "KeyType": "HASH"}]
    if key.range is not None:
        schema.append({"AttributeName": key.range, "KeyType": "RANGE"})
    return schema
