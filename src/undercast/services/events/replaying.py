"""The job that replays archived events, a piece at a time, each piece in one transaction with how far it came."""

from __future__ import annotations

import orjson

from undercast.kit.call import Call
from undercast.services.events import archive_storage, delivery, storage
from undercast.services.events.model import Replay

_PIECE = 100  # events that one job replays


async def replay(call: Call, name: str) -> None:
    """Send the next events to the bus."""
    found = await archive_storage.find_replay(call, name)
    if found is None or not found.under_way:
        return
    if found.state == "CANCELLING":
        await archive_storage.save_replay(call, found._replace(state="CANCELLED", ended_at=call.now))
        return
    events = await archive_storage.read(call, found, _PIECE)
    bus = await storage.load_bus(call, found.bus)
    if bus is None:
        await archive_storage.save_replay(call, found._replace(state="FAILED", ended_at=call.now))
        return
    for _, _, text in events:
        event = {**orjson.loads(text), "replay-name": found.name}
        await delivery.route(call, bus, event, only=frozenset(found.filter_arns))
    await _save(call, found, events)


async def _save(call: Call, found: Replay, events: list[tuple[int, int, str]]) -> None:
    if events:
        found = found._replace(state="RUNNING", last_time=events[-1][0], last_seq=events[-1][1])
    if len(events) < _PIECE:
        await archive_storage.save_replay(call, found._replace(state="COMPLETED", ended_at=call.now))
        return
    await archive_storage.save_replay(call, found)
    await call.later(call.now, "replay", found.name)
