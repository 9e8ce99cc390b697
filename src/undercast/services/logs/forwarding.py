"""What subscription filters do: hand the events that match to a function, in batches."""

from __future__ import annotations

import gzip
from base64 import b64encode
from collections.abc import Sequence
from typing import Any

import orjson

from undercast.engines import log_filters
from undercast.kit.call import Call
from undercast.services.logs import storage
from undercast.services.logs.model import Event, Group, Position

_MOST_FILTERS = 2
_LARGEST_PAYLOAD = 200_000  # bytes of an asynchronous event, which Lambda limits


async def forward(call: Call, group: Group, stream: str, stream_id: int, events: Sequence[Event]) -> None:
    """Have a new batch delivered to the group's subscribers. The job names the events; it does not carry them."""
    for filter in await storage.list_filters(call, "subscription", group.name, "", ("", ""), _MOST_FILTERS):
        pattern = log_filters.compile(filter["filterPattern"])
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
    events = [
        event
        for event in await storage.read_batch(call, group_id, stream_id, first, last)
        if chosen is None or event.seq in chosen
    ]
    await _deliver(call.as_service("logs.amazonaws.com"), found[0], stream, events)


async def _deliver(call: Call, filter: dict[str, Any], stream: str, events: list[Event]) -> None:
    if not events:
        return
    pattern = log_filters.compile(filter["filterPattern"])
    message = {
        "messageType": "DATA_MESSAGE",
        "owner": call.account,
        "logGroup": filter["logGroupName"],
        "logStream": stream,
        "subscriptionFilters": [filter["filterName"]],
        "logEvents": [_show(event, pattern, filter["filterPattern"]) for event in events],
    }
    data = b64encode(gzip.compress(orjson.dumps(message), 6, mtime=0))
    if len(data) > _LARGEST_PAYLOAD and len(events) > 1:
        middle = len(events) // 2
        await _deliver(call, filter, stream, events[:middle])
        await _deliver(call, filter, stream, events[middle:])
        return
    await call.deliver(filter["destinationArn"], orjson.dumps({"awslogs": {"data": data.decode()}}))


def _show(event: Event, pattern: log_filters.LogFilter, text: str) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": event.position.event_id, "timestamp": event.at, "message": event.message}
    if text.lstrip().startswith("[") and (fields := pattern.extract(event.message)):
        shown["extractedFields"] = {name.removeprefix("$"): value for name, value in fields.items()}
    return shown
