"""Where the events of a global endpoint go."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.events import endpoint_storage, errors
from undercast.services.events.model import DEFAULT, bus_name


async def calls(call: Call, id: str, entries: list[dict[str, Any]]) -> list[Call]:
    """The call in each region that gets the events of a PutEvents with this EndpointId. ValidationException."""
    one = await endpoint_storage.find_by_id(call, id)
    if one is None:
        raise errors.not_valid("EndpointId", f"Endpoint {id} does not exist.")
    for entry in entries:
        if bus_name(entry.get("EventBusName") or DEFAULT) != one.bus_name:
            raise errors.not_valid("EventBusName", f"The event bus of this endpoint is {one.bus_name}.")
        entry["EventBusName"] = one.bus_name  # an ARN would name one region
    return [call.into(region=region) for region in one.regions]
