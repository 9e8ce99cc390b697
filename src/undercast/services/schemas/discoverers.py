"""Operations on discoverers, and discovery from events that are given."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.schemas import documents, errors, inference, pages, storage
from undercast.services.schemas.model import DISCOVERED, PRINCIPAL, Discoverer, Registry

_TARGET = "Schemas"


async def create_discoverer(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Learn schemas from the events of a bus from now on."""
    source = request["SourceArn"]
    bus = _bus(source)
    id = f"events-event-bus-{bus}"
    if await storage.load_discoverer(call, id):
        raise errors.ConflictException(f"Discoverer with source {source} already exists.")
    crosses = int(request.get("CrossAccount") is not False)
    made = Discoverer(
        call.account, call.region, id, source, request.get("Description") or "", "STARTED", crosses,
        request.get("Tags") or {},
    )  # fmt: skip
    await _hook(call, made)
    await storage.save_discoverer(call, made)
    await storage.add_registry(call, Registry(call.account, call.region, DISCOVERED))
    return _show(made)


async def describe_discoverer(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A discoverer."""
    return _show(await storage.find_discoverer(call, request["DiscovererId"]))


async def update_discoverer(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change what is given."""
    found = await storage.find_discoverer(call, request["DiscovererId"])
    if request.get("Description") is not None:
        found = replace(found, description=request["Description"])
    if request.get("CrossAccount") is not None:
        found = replace(found, cross_account=int(request["CrossAccount"]))
    await storage.save_discoverer(call, found)
    return _show(found)


async def delete_discoverer(call: Call, request: dict[str, Any]) -> None:
    """Delete a discoverer; what it learnt stays."""
    found = await storage.find_discoverer(call, request["DiscovererId"])
    await _unhook(call, found)
    await storage.delete_discoverer(call, found)


async def start_discoverer(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Learn again."""
    return await _set_state(call, request, "STARTED")


async def stop_discoverer(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Learn no more for now."""
    return await _set_state(call, request, "STOPPED")


async def list_discoverers(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Discoverers by id."""
    after, limit = pages.read(request, "")
    prefixes = request.get("DiscovererIdPrefix") or "", request.get("SourceArnPrefix") or ""
    found = await storage.list_discoverers(call, *prefixes, after, limit + 1)
    return pages.answer("Discoverers", found, limit, _summary, lambda one: one.id)


async def get_discovered_schema(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The schema of events that are given."""
    events = []
    for text in request["Events"]:
        try:
            event = orjson.loads(text)
        except orjson.JSONDecodeError:
            event = None
        if not isinstance(event, dict):
            raise errors.BadRequestException("An event is not a JSON object.")
        if not inference.is_deep(event):
            events.append(event)
    if not events:
        raise errors.BadRequestException("The events are nested too deeply.")
    content = orjson.dumps(inference.describe(events)).decode()
    return {"Content": content if request["Type"] == "OpenApi3" else documents.as_json_schema(content)}


async def _set_state(call: Call, request: dict[str, Any], state: str) -> dict[str, Any]:
    found = await storage.find_discoverer(call, request["DiscovererId"])
    await storage.save_discoverer(call, replace(found, state=state))
    return {"DiscovererId": found.id, "State": state}


async def _hook(call: Call, it: Discoverer) -> None:
    """A rule that sends all events of the bus to the discoverer; AWS calls it so. BadRequestException."""
    there = call.as_service(PRINCIPAL).aws.events
    pattern = orjson.dumps({"source": [{"prefix": ""}]}).decode()
    try:
        await there.put_rule(Name=_rule(it), EventBusName=it.bus, EventPattern=pattern)
        await there.put_targets(Rule=_rule(it), EventBusName=it.bus, Targets=[{"Id": _TARGET, "Arn": it.arn}])
    except ServiceError as error:
        raise errors.BadRequestException(f"{it.source_arn} cannot be used: {error.message}") from error


async def _unhook(call: Call, it: Discoverer) -> None:
    there = call.as_service(PRINCIPAL).aws.events
    try:
        await there.remove_targets(Rule=_rule(it), EventBusName=it.bus, Ids=[_TARGET])
        await there.delete_rule(Name=_rule(it), EventBusName=it.bus)
    except ServiceError as error:
        if error.code != "ResourceNotFoundException":  # the bus or the rule is gone already
            raise


def _rule(it: Discoverer) -> str:
    return f"Schemas-{it.id}"[:64]


def _bus(arn: str) -> str:
    try:
        parsed = Arn.parse(arn)
    except ValueError:
        parsed = Arn("", "", "", "")
    if parsed.service != "events" or not parsed.resource.startswith("event-bus/"):
        raise errors.BadRequestException("SourceArn must be the ARN of an event bus.")
    return parsed.resource.removeprefix("event-bus/")


def _show(it: Discoverer) -> dict[str, Any]:
    return {"Description": it.description or None, **_summary(it)}


def _summary(it: Discoverer) -> dict[str, Any]:
    return {
        "DiscovererArn": it.arn,
        "DiscovererId": it.id,
        "SourceArn": it.source_arn,
        "State": it.state,
        "CrossAccount": bool(it.cross_account),
        "Tags": it.tags,
    }
