"""Events as they come from sources: as enrichments and targets get them, and with their encoded fields read. Pure.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-source.html
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson

from undercast.engines.patterns import Pattern
from undercast.kit.shards import Record, change_event


@dataclass(frozen=True)
class Event:
    """One event of a source. `id` is what reports of failures call it: a message's id, an event's id."""

    id: str
    content: Mapping[str, Any]

    @property
    def names(self) -> tuple[str, ...]:
        """What a report may call it: its id, or its sequence number in a stream."""
        number = self.content.get("sequenceNumber") or (self.content.get("dynamodb") or {}).get("SequenceNumber")
        return (self.id, number) if number else (self.id,)

    @cached_property
    def read(self) -> Mapping[str, Any]:
        """With the body of a message and the data of a record as what they say, where that is JSON.

        "Implicit body data parsing" in https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-input-transformation.html
        """
        if "body" in self.content:
            return {**self.content, "body": _parsed(self.content["body"], self.content["body"])}
        if "data" in self.content:
            return {**self.content, "data": _parsed(b64decode(self.content["data"]), self.content["data"])}
        return self.content

    def passes(self, filters: Sequence[Pattern]) -> bool:
        """Whether any filter matches."""
        return not filters or any(pattern.matches(self.read) for pattern in filters)


def of_message(message: Mapping[str, Any], source_arn: str, region: str) -> Event:
    """A message of a queue."""
    found = {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes") or {},
        "messageAttributes": {
            name: _attribute(value) for name, value in (message.get("MessageAttributes") or {}).items()
        },
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": source_arn,
        "awsRegion": region,
    }
    if message.get("MD5OfMessageAttributes"):
        found["md5OfMessageAttributes"] = message["MD5OfMessageAttributes"]
    return Event(message["MessageId"], found)


def of_record(record: Record, shard: str, source_arn: str, region: str, role: str) -> Event:
    """A record of a stream."""
    if "dynamodb" in record.raw:
        return Event(record.raw["eventID"], change_event(record, source_arn, region))
    id = f"{shard}:{record.sequence}"
    content = {
        "kinesisSchemaVersion": "1.0",
        "partitionKey": record.key,
        "sequenceNumber": record.sequence,
        "data": b64encode(record.raw["Data"]).decode(),
        "approximateArrivalTimestamp": record.at / 1000,
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": id,
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": role,
        "awsRegion": region,
        "eventSourceARN": source_arn,
    }
    return Event(id, content)


def _attribute(value: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"dataType": value["DataType"], "stringListValues": [], "binaryListValues": []}
    if value.get("StringValue") is not None:
        found["stringValue"] = value["StringValue"]
    if value.get("BinaryValue") is not None:
        found["binaryValue"] = b64encode(value["BinaryValue"]).decode()
    return found


def _parsed(text: str | bytes, otherwise: str) -> Any:
    """JSON that is an object or a list as what it says, anything else as it came."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return otherwise
    return found if isinstance(found, dict | list) else otherwise
