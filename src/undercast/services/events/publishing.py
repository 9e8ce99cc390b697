"""PutEvents, TestEventPattern, and the events of other services."""

from __future__ import annotations

from typing import Any

import orjson

from undercast.engines.depth import is_deeper
from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.service import relaxed
from undercast.services.events import delivery, errors, failover, permissions, storage
from undercast.services.events.model import DEFAULT, Bus, bus_name, compiled, envelope

# AWS raised it from 256 KB in January 2026; the recorded refusal (test_put_event_with_too_big_detail) is older.
_LARGEST_REQUEST = 1_048_576
_DEEPEST = 253  # levels of a detail: an event with it can be written (254)
_NEEDED = ("id", "account", "source", "time", "region", "detail-type")  # of an event that is tested; recorded


class _Refused(Exception):
    """One entry is refused: a code and a message."""


@relaxed
async def put_events(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Send up to ten events; each is accepted or refused by itself."""
    entries = request["Entries"]
    if sum(_size(entry) for entry in entries) > _LARGEST_REQUEST:
        raise errors.ValidationException("Total size of the entries in the request is over the limit.")
    calls = [call]
    if request.get("EndpointId"):
        calls = await failover.calls(call, request["EndpointId"], entries)
    results = [await _put(calls, entry) for entry in entries]
    return {"FailedEntryCount": sum("ErrorCode" in one for one in results), "Entries": results}


async def test_event_pattern(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Whether a pattern matches an event."""
    try:
        event = orjson.loads(request["Event"])
    except orjson.JSONDecodeError:
        event = None
    if not isinstance(event, dict) or not all(isinstance(event.get(name), str) for name in _NEEDED):
        raise errors.not_valid("Event")
    return {"Result": compiled(request["EventPattern"]).matches(event)}


async def _put(calls: list[Call], entry: dict[str, Any]) -> dict[str, Any]:
    try:
        detail = _check(entry)
    except _Refused as refused:
        code, message = refused.args
        return {"ErrorCode": code, "ErrorMessage": message}
    id = calls[0].ids.uuid()
    for call in calls:
        await _accept(call, entry, id, detail)
    return {"EventId": id}


async def _accept(call: Call, entry: dict[str, Any], id: str, detail: dict[str, Any]) -> None:
    name = entry.get("EventBusName") or DEFAULT
    there = call.at(name) if name.startswith("arn:") else call
    bus = await storage.load_bus(there, bus_name(name))
    if there.account != call.account:
        _check_policy(call, bus, name, entry)
    if bus is None:
        return  # recorded: an event for a bus that is not there is accepted (test_put_events_nonexistent_event_bus)
    event = envelope(
        call.account, call.region, id=id, kind=entry["DetailType"], source=entry["Source"],
        time=call.now if entry.get("Time") is None else entry["Time"], resources=entry.get("Resources") or [],
        detail=detail,
    )  # fmt: skip
    came = [] if there is call else [f"arn:aws:events:{call.region}:{call.account}:event-bus/-"]
    await delivery.route(there, bus, event, came, trace=entry.get("TraceHeader") or "")


def _check_policy(call: Call, bus: Bus | None, arn: str, entry: dict[str, Any]) -> None:
    context = {
        "events:source": entry["Source"],
        "events:detail-type": entry["DetailType"],
        "events:eventBusInvocation": "false",
    }
    if bus is None or not permissions.allows(bus, call.account, [call.identity.arn], context):
        raise errors.AccessDeniedException(
            f"User: {call.identity.arn} is not authorized to perform: events:PutEvents on resource: {Arn.parse(arn)} "
            "because no resource-based policy allows the events:PutEvents action"
        )


def _check(entry: dict[str, Any]) -> dict[str, Any]:
    """The detail of an entry that is right. _Refused in the words that were recorded."""
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            reason = f"Parameter {name} is not valid. Reason: {name} is a required argument."
            raise _Refused("InvalidArgument", reason)
    if entry["Source"].startswith("aws."):
        raise _Refused("NotAuthorizedForSourceException", "Not authorized for the source.")
    try:
        detail = orjson.loads(entry["Detail"])
    except orjson.JSONDecodeError:
        detail = None
    if not isinstance(detail, dict) or is_deeper(detail, _DEEPEST):
        raise _Refused("MalformedDetail", "Detail is malformed.")
    return detail


def _size(entry: dict[str, Any]) -> int:
    """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html"""
    size = 0 if entry.get("Time") is None else 14
    for text in (entry.get("Source"), entry.get("DetailType"), entry.get("Detail"), *(entry.get("Resources") or ())):
        if text:
            size += len(text) if text.isascii() else len(text.encode())
    return size
