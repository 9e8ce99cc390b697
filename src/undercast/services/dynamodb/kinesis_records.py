"""Putting the changes of items into Kinesis data streams, in order, in the background.

What a record is: the developer guide, "Working with DynamoDB Streams and Kinesis Data Streams".
"""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import orjson

from undercast.engines.dynamodb import values
from undercast.kit.call import Call
from undercast.services.dynamodb.model import REPLICATION, Change, Table


async def follow(call: Call, table: Table, change: Change, destinations: dict[str, str]) -> None:
    """Have a change put into the table's data streams."""
    if change.old == change.new:
        return
    there = call.into(account=table.account, region=table.region)
    for arn, precision in destinations.items():
        body = record(table, change, call.ids.uuid(), call.now, precision)
        partition = b64encode(change.key.pk[:192]).decode()  # at most 256 characters
        await there.later(call.now, "put to kinesis", [arn, partition, body], key=f"dynamodb {table.id} {arn}")


async def put_record(call: Call, payload: list[Any]) -> None:
    """Put one record; it is tried again for about a day, as AWS does, then it is lost."""
    arn, partition, body = payload
    await call.aws.kinesis.put_record(StreamARN=arn, PartitionKey=partition, Data=body.encode())


def record(table: Table, change: Change, event_id: str, now: int, precision: str) -> str:
    """A change as JSON. Both images, whatever the table's own stream shows."""
    keys = table.key.pick(change.some.item)
    in_micros = precision == "MICROSECOND"
    told: dict[str, Any] = {
        "ApproximateCreationDateTime": now * 1000 if in_micros else now,
        "Keys": keys,
        **({"NewImage": orjson.Fragment(change.new.json)} if change.new else {}),
        **({"OldImage": orjson.Fragment(change.old.json)} if change.old else {}),
        "SizeBytes": values.item_size(keys) + sum(one.size for one in (change.new, change.old) if one),
        **({"ApproximateCreationDateTimePrecision": precision} if in_micros else {}),
    }
    by_service = change.principal and change.principal != REPLICATION
    user = {"type": "Service", "principalId": change.principal} if by_service else None
    whole = {
        "awsRegion": table.region, "eventID": event_id, "eventName": change.event, "userIdentity": user,
        "recordFormat": "application/json", "tableName": table.name, "dynamodb": told, "eventSource": "aws:dynamodb",
    }  # fmt: skip
    return orjson.dumps(whole, default=lambda value: b64encode(value).decode()).decode()
