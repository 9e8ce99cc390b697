"""Events of other services for a bus."""

from __future__ import annotations

import orjson

from undercast.kit.call import Call
from undercast.services.events import delivery, storage
from undercast.services.events.model import bus_name


async def receive_event(call: Call, arn: str, payload: bytes) -> None:
    """Take a whole event that a service delivers to a bus."""
    bus = await storage.load_bus(call, bus_name(arn))
    if bus:  # a default bus that nothing was ever asked of has no rules
        await delivery.route(call, bus, orjson.loads(payload))
