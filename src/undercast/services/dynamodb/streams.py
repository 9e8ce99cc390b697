"""What DynamoDB tells its streams: that a table's stream is opened or closed, and every change of an item.

The streams themselves are kept and read by the service dynamodbstreams; both are in one transaction. What is delivered
is described in dynamodbstreams/receiving.py.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import orjson

from undercast.engines.dynamodb import values
from undercast.kit.call import Call
from undercast.services.dynamodb.model import REPLICATION, Change, Stored, Stream, Table

_OLD, _NEW = ("OLD_IMAGE", "NEW_AND_OLD_IMAGES"), ("NEW_IMAGE", "NEW_AND_OLD_IMAGES")


async def open_stream(call: Call, table: Table, view: str) -> Table:
    """The table with a new stream; the caller saves it. `LatestStreamLabel` stays when the stream is closed."""
    label = _label(call.now)
    opened = replace(
        table, settings={**table.settings, "stream": {"label": label, "view": view}, "LatestStreamLabel": label}
    )
    schema = [{"AttributeName": table.key.hash, "KeyType": "HASH"}]
    if table.key.range is not None:
        schema.append({"AttributeName": table.key.range, "KeyType": "RANGE"})
    told = {"open": {"StreamViewType": view, "KeySchema": schema}}
    await call.deliver(_destination(opened, label), orjson.dumps(told))
    return opened


async def close_stream(call: Call, table: Table) -> Table:
    """The table without its stream; the caller saves it. What the stream holds can be read for 24 hours."""
    if table.stream is None:
        return table
    await call.deliver(_destination(table, table.stream.label), b'{"close":true}')
    return replace(table, settings={name: value for name, value in table.settings.items() if name != "stream"})


async def add_record(call: Call, table: Table, stream: Stream, change: Change) -> None:
    """Put a change into the table's stream."""
    await call.deliver(_destination(table, stream.label), record(table, stream.view, change))


def record(table: Table, view: str, change: Change) -> bytes:
    """A record as JSON, made of the JSON that items are kept as."""
    keys = table.key.pick(change.some.item)
    size = values.item_size(keys)
    body = b'{"eventName":"%b","Keys":%b' % (change.event.encode(), values.encode(keys))
    for name, image in ((b"NewImage", _if(view in _NEW, change.new)), (b"OldImage", _if(view in _OLD, change.old))):
        if image is not None:
            body += b',"%b":%b' % (name, image.json)
            size += image.size
    if change.principal and change.principal != REPLICATION:
        user = orjson.dumps({"PrincipalId": change.principal, "Type": "Service"})
        body += b',"userIdentity":' + user
    return body + b',"SizeBytes":%d}' % size


def _if(wanted: bool, image: Stored | None) -> Stored | None:
    return image if wanted else None


def _destination(table: Table, label: str) -> str:
    return f"arn:aws:dynamodbstreams:{table.region}:{table.account}:table/{table.name}/stream/{label}"


def _label(now: int) -> str:
    """`2024-11-18T14:36:44.149`"""
    return datetime.fromtimestamp(now / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{now % 1000:03d}"
