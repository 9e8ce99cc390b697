"""What subscription filters do: hand the events that match to a function or a stream, in batches."""

from __future__ import annotations

import gzip
from base64 import b64encode
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import orjson

from undercast.engines import log_filters
from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.services.logs import cipher, storage
from undercast.services.logs.model import Event, Group, Position, group_arn

_MOST_FILTERS = 2
_LONGEST_KEY = 256  # of a record in Kinesis
_LARGEST_PAYLOAD = 200_000  # bytes of an asynchronous event, which Lambda limits

_compiled = lru_cache(maxsize=1024)(log_filters.compile)  # it is wanted for every batch


async def forward(call: Call, group: Group, stream: str, stream_id: int, events: Sequence[Event]) -> None:
    """Have a new batch delivered to the group's subscribers. The job names the events; it does not carry them."""
    for filter in await storage.list_filters(call, "subscription", group.name, "", ("", ""), _MOST_FILTERS):
        pattern = _compiled(filter["filterPattern"])
        matching = [event for event in events if pattern.matches(event.message)]
        if matching:
            chosen = None if len(matching) == len(events) else [event.seq for event in matching]
            await call.later(
                call.now,
                "forward",
                {
                    "group": [group.name, group.id],
                    "stream": [stream, stream_id],
                    "filter": filter["filterName"],
                    "range": [list(matching[0].position), list(matching[-1].position)],
                    "chosen": chosen,
                },
                key=f"{group.id}:{filter['filterName']}:{stream_id}",
            )


async def deliver_batch(call: Call, payload: dict[str, Any]) -> None:
    """Deliver one batch to one filter's destination, unless group or filter are gone by now."""
    name, group_id = payload["group"]
    found = await storage.list_filters(call, "subscription", name, payload["filter"], (name, ""), 1)
    if not found or found[0]["filterName"] != payload["filter"]:
        return
    stream, stream_id = payload["stream"]
    first, last = (Position(*position) for position in payload["range"])
    chosen = payload["chosen"] and set(payload["chosen"])
    batch = await storage.read_batch(call, group_id, stream_id, first, last)
    events = [event for event in batch if chosen is None or event.seq in chosen]
    events = await cipher.opened(call, group_arn(call.account, call.region, name), events)
    await _deliver(call.as_service("logs.amazonaws.com"), found[0], stream, events)


async def _deliver(call: Call, filter: dict[str, Any], stream: str, events: list[Event]) -> None:
    if not events:
        return
    pattern = _compiled(filter["filterPattern"])
    message = {
        "messageType": "DATA_MESSAGE",
        "owner": call.account,
        "logGroup": filter["logGroupName"],
        "logStream": stream,
        "subscriptionFilters": [filter["filterName"]],
        "logEvents": [_show(event, pattern, filter["filterPattern"]) for event in events],
    }
    payload = _payload(filter["destinationArn"], message)
    if len(payload) > _LARGEST_PAYLOAD and len(events) > 1:
        middle = len(events) // 2
        await _deliver(call, filter, stream, events[:middle])
        await _deliver(call, filter, stream, events[middle:])
        return
    await _send(call, filter, stream, payload)


async def _send(call: Call, filter: dict[str, Any], stream: str, payload: bytes) -> None:
    """Hand a batch over. A stream of Kinesis keeps the batches of a log stream in order, unless they are spread."""
    arn = filter["destinationArn"]
    if Arn.parse(arn).service != "kinesis":
        await call.deliver(arn, payload)
        return
    key = stream if filter["distribution"] == "ByLogStream" else call.ids.uuid()
    await call.at(arn).aws.kinesis.put_record(StreamARN=arn, Data=payload, PartitionKey=key[:_LONGEST_KEY])


async def deliver_test(call: Call, arn: str, kind: str) -> None:
    """Send a stream the message with which CloudWatch Logs looks whether it takes any. ServiceError.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
    """
    text = f"CWL CONTROL MESSAGE: Checking health of destination {kind}."
    message = {
        "messageType": "CONTROL_MESSAGE",
        "owner": "CloudwatchLogs",
        "logGroup": "",
        "logStream": "",
        "subscriptionFilters": [],
        "logEvents": [{"id": "", "timestamp": call.now, "message": text}],
    }
    await call.as_service("logs.amazonaws.com").deliver(arn, _payload(arn, message))


def _payload(arn: str, message: dict[str, Any]) -> bytes:
    """A batch as its destination gets it: a function in an event, a stream in compressed bytes."""
    data = gzip.compress(orjson.dumps(message), 6, mtime=0)
    if Arn.parse(arn).service != "lambda":
        return data
    return orjson.dumps({"awslogs": {"data": b64encode(data).decode()}})


def _show(event: Event, pattern: log_filters.LogFilter, text: str) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": event.position.event_id, "timestamp": event.at, "message": event.message}
    if text.lstrip().startswith("[") and (fields := pattern.extract(event.message)):
        shown["extractedFields"] = {name.removeprefix("$"): value for name, value in fields.items()}
    return shown
