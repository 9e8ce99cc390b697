"""Records of streams as functions, filters and destinations get them. Pure."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from undercast.engines.patterns import Pattern
from undercast.kit.shards import Batch, Record, change_event

from .model import zulu


def event(batch: Batch, source_arn: str, region: str, role: str) -> dict[str, Any]:
    """The event of one invocation. https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html"""
    found: dict[str, Any] = {"Records": [show(one, batch.shard, source_arn, region, role) for one in batch.records]}
    if batch.window:
        found |= {
            "window": {"start": _seconds(batch.window.start), "end": _seconds(batch.window.end)},
            "state": batch.window.state,
            "shardId": batch.shard,
            "eventSourceARN": source_arn,
            "isFinalInvokeForWindow": batch.final,
            "isWindowTerminatedEarly": False,
        }
    return found


def show(record: Record, shard: str, source_arn: str, region: str, role: str) -> dict[str, Any]:
    """One record. Recorded: test_create_kinesis_event_source_mapping, test_dynamodb_event_source_mapping."""
    if "dynamodb" in record.raw:
        return change_event(record, source_arn, region)
    return {
        "kinesis": _kinesis(record) | {"data": b64encode(record.raw["Data"]).decode()},
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{shard}:{record.sequence}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": role,
        "awsRegion": region,
        "eventSourceARN": source_arn,
    }


def wanted(record: Record, source_arn: str, region: str, filters: Sequence[Pattern]) -> bool:
    """Whether any filter matches: a change as it is, of a Kinesis record what it says and its data.

    https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis-filtering.html
    """
    if not filters:
        return True
    if "dynamodb" in record.raw:
        found = change_event(record, source_arn, region)
    else:
        found = _kinesis(record) | {"data": _data(record.raw["Data"])}
    return any(pattern.matches(found) for pattern in filters)


def batch_info(batch: Batch, source_arn: str) -> dict[str, Any]:
    """What a record of a failure says of the batch (recorded: test_dynamodb_report_batch_item_failure_scenarios).

    https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
    """
    first, last = batch.records[0], batch.records[-1]
    changes = "dynamodb" in first.raw
    name, time = ("DDBStreamBatchInfo", _seconds) if changes else ("KinesisBatchInfo", zulu)
    return {
        name: {
            "shardId": batch.shard,
            "startSequenceNumber": first.sequence,
            "endSequenceNumber": last.sequence,
            "approximateArrivalOfFirstRecord": time(first.at),
            "approximateArrivalOfLastRecord": time(last.at),
            "batchSize": len(batch.records),
            "streamArn": source_arn.partition("/consumer/")[0],
        }
    }


def _kinesis(record: Record) -> dict[str, Any]:
    return {
        "kinesisSchemaVersion": "1.0",
        "partitionKey": record.key,
        "sequenceNumber": record.sequence,
        "approximateArrivalTimestamp": record.at / 1000,
    }


def _data(data: bytes) -> Any:
    """JSON that is an object or a list as what it says, anything else as text."""
    text = data.decode("utf-8", "replace")
    try:
        parsed = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    return parsed if isinstance(parsed, dict | list) else text


def _seconds(at: int) -> str:
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
