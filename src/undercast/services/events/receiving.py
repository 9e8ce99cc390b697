"""Events of other services for a bus, and what they send to API destinations."""

from __future__ import annotations

import orjson

from undercast.kit.call import Call
from undercast.services.events import delivery, storage
from undercast.services.events.model import bus_name


async def receive_event(call: Call, arn: str, payload: bytes) -> None:
    """Take a whole event that a service delivers to a bus, or what an API destination is to be sent."""
    if ":api-destination/" in arn:
        await call.later(call.now, "invoke", {"arn": arn, "payload": payload.decode()})
        return
    bus = await storage.load_bus(call, bus_name(arn))
    if bus:  # a default bus that nothing was ever asked of has no rules
        await delivery.route(call, bus, orjson.loads(payload))
