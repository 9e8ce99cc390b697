"""Operations on replays: archived events sent to their bus again, in the order of their times."""

from __future__ import annotations

from typing import Any

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.services.events import archive_storage, errors, pages
from undercast.services.events.model import Archive, Replay, bus_name

_MOST = 10  # replays at once


async def start_replay(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Begin to send the events of a span of time to the archive's bus."""
    name = request["ReplayName"]
    archive = await _archive(call, request["EventSourceArn"])
    _check(call, request, archive)
    if await archive_storage.find_replay(call, name):
        raise errors.ResourceAlreadyExistsException(f"Replay {name} already exists.")
    if await archive_storage.count_running(call) >= _MOST:
        raise errors.LimitExceededException()
    replay = Replay(
        call.account, call.region, name, archive.name, archive.id, archive.bus, request.get("Description") or "",
        request["Destination"].get("FilterArns") or [], request["EventStartTime"], request["EventEndTime"], "STARTING",
        call.now, 0, 0, 0,
    )  # fmt: skip
    await archive_storage.save_replay(call, replay)
    await call.later(call.now, "replay", name)
    return {"ReplayArn": replay.arn, "State": replay.state, "ReplayStartTime": replay.started_at}


async def cancel_replay(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Stop a replay that is under way."""
    replay = await _find(call, request["ReplayName"])
    if replay.state not in ("STARTING", "RUNNING"):
        raise errors.IllegalStatusException(f"Replay {replay.name} is not in a valid state for this operation.")
    replay = replay._replace(state="CANCELLING")
    await archive_storage.save_replay(call, replay)
    return {"ReplayArn": replay.arn, "State": replay.state}


async def describe_replay(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A replay and how far it is."""
    replay = await _find(call, request["ReplayName"])
    destination = {"Arn": call.arn(f"event-bus/{replay.bus}", "events"), "FilterArns": replay.filter_arns or None}
    return {
        **_show(replay),
        "ReplayArn": replay.arn,
        "Description": replay.description or None,
        "Destination": {name: value for name, value in destination.items() if value},
    }


async def list_replays(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Replays by name."""
    size, prefix = pages.limit(request), request.get("NamePrefix") or ""
    source, state = request.get("EventSourceArn"), request.get("State") or ""
    archive = Arn.parse(source).resource.partition("/")[2] if source else ""
    found = await archive_storage.list_replays(call, prefix, archive, state, pages.after(request), size + 1)
    return pages.answer("Replays", found, size, _show, lambda replay: replay.name)


async def _find(call: Call, name: str) -> Replay:
    replay = await archive_storage.find_replay(call, name)
    if replay is None:
        raise errors.ResourceNotFoundException(f"Replay {name} does not exist.")
    return replay


async def _archive(call: Call, arn: str) -> Archive:
    kind, _, name = Arn.parse(arn).resource.partition("/")
    archive = await archive_storage.find(call, name) if kind == "archive" else None
    if archive is None or archive.arn != arn:
        raise errors.not_valid("EventSourceArn", f"Archive {name} does not exist.")
    return archive


def _check(call: Call, request: dict[str, Any], archive: Archive) -> None:
    bus = request["Destination"]["Arn"]
    if not bus.startswith("arn:") or ":event-bus/" not in bus:
        raise errors.not_valid("Destination.Arn", "Must contain an event bus ARN.")
    if bus != call.arn(f"event-bus/{archive.bus}", "events") or bus_name(bus) != archive.bus:
        raise errors.not_valid("Destination.Arn", "Cross event bus replay is not permitted.")
    if request["EventStartTime"] >= request["EventEndTime"]:
        raise errors.not_valid("EventEndTime", "EventStartTime must be before EventEndTime.")


def _show(replay: Replay) -> dict[str, Any]:
    return {
        "ReplayName": replay.name,
        "EventSourceArn": f"arn:aws:events:{replay.region}:{replay.account}:archive/{replay.archive}",
        "State": replay.state,
        "EventStartTime": replay.from_time,
        "EventEndTime": replay.to_time,
        "EventLastReplayedTime": replay.last_time or None,
        "ReplayStartTime": replay.started_at,
        "ReplayEndTime": replay.ended_at or None,
    }
