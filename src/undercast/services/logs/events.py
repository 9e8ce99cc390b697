"""Operations on log events."""

from __future__ import annotations

import asyncio
from typing import Any

from undercast.engines import log_filters
from undercast.kit import paging
from undercast.kit.call import Call
from undercast.kit.errors import NotImplementedYet
from undercast.kit.service import relaxed, waits
from undercast.services.logs import cipher, forwarding, model, storage
from undercast.services.logs.errors import InvalidParameterException
from undercast.services.logs.model import FIRST, LAST, MOST_EVENTS, Event, Group, Position, Stream
from undercast.services.logs.streams import identified, sequence_token

_CHUNK = 1_000  # events that are read and matched before others get a turn
_MOST_SCANNED = 100_000  # events that one FilterLogEvents looks at: it answers what it has, and a token


@relaxed
async def put_log_events(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Add a batch of events to a stream."""
    if request.get("entity"):
        raise NotImplementedYet("Undercast's logs do not keep the entity of a batch yet; leave it out.")
    batch, stream = request["logEvents"], request["logStreamName"]
    size = model.check_batch(batch)
    group, stream_id = await storage.find_target(call, request["logGroupName"], stream)
    start, end, rejected = model.accept(batch, group, call.now)
    if rejected:
        batch = batch[start:end]
        size = model.check_batch(batch) if batch else 0
    if batch:
        sequence, now = call.ids.sequence, call.now
        events = [Event(event["timestamp"], sequence(), stream, now, event["message"]) for event in batch]
        await storage.add_events(call, group, stream, stream_id, await cipher.sealed(call, group, events), size)
        if group.subscriptions:
            await forwarding.forward(call, group, stream, stream_id, events)
    return {"nextSequenceToken": sequence_token(stream_id), "rejectedLogEventsInfo": rejected}


@waits
async def get_log_events(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Events of one stream in order of time: the latest, the earliest, or those before or after a token."""
    group, stream = await call.transact(_find, identified(call, request), request["logStreamName"])
    since = _since(call, group, request)
    until = LAST if request.get("endTime") is None else Position(request["endTime"], -1)
    backwards, token = not request.get("startFromHead"), request.get("nextToken")
    if token:
        backwards, position = _read_token(token)
        since, until = (since, min(until, position)) if backwards else (max(since, position), until)
    events = await storage.read_stream(
        call, group, stream, since, until, request.get("limit") or MOST_EVENTS, backwards=backwards
    )
    events = await cipher.opened(call, group.arn, events)
    if backwards:
        events = events[len(events) - model.fitting(events[::-1]) :]
    else:
        events = events[: model.fitting(events)]
    forward, backward = _tokens(events, token)
    return {
        "events": [
            {"timestamp": event.at, "message": event.message, "ingestionTime": event.ingested_at} for event in events
        ],
        "nextForwardToken": forward,
        "nextBackwardToken": backward,
    }


@waits
async def filter_log_events(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Events of a group's streams in order of time that match a pattern."""
    names, prefix = request.get("logStreamNames") or [], request.get("logStreamNamePrefix") or ""
    if names and prefix:
        raise InvalidParameterException("LogStreamNames and LogStreamNamePrefix are mutually exclusive parameters.")
    group = await call.transact(storage.find_group, identified(call, request))
    streams = [await call.transact(storage.find_stream, group, name) for name in dict.fromkeys(names)]
    events, token = await _Search(call, group, request).run(streams, prefix)
    return {
        "events": [
            {
                "logStreamName": event.stream,
                "timestamp": event.at,
                "message": event.message,
                "ingestionTime": event.ingested_at,
                "eventId": event.position.event_id,
            }
            for event in events
        ],
        "searchedLogStreams": [],  # "Starting on May 15, 2020, this parameter is deprecated": always empty
        "nextToken": token,
    }


class _Search:
    """One page of FilterLogEvents."""

    def __init__(self, call: Call, group: Group, request: dict[str, Any]) -> None:
        self._call, self._group = call, group
        self._filter = compile_filter(request.get("filterPattern") or "")
        self._limit = request.get("limit") or MOST_EVENTS
        self._since = _since(call, group, request)
        end = request.get("endTime")
        self._until = LAST if end is None else Position(min(end, LAST.at) + 1, -1)
        self._backwards = request.get("startFromHead") is False
        if token := request.get("nextToken"):
            self._go_on(token)

    async def run(self, streams: list[Stream], prefix: str) -> tuple[list[Event], str | None]:
        """The events, and a token when there may be more."""
        found: list[Event] = []
        for _ in range(_MOST_SCANNED // _CHUNK):
            chunk = await cipher.opened(self._call, self._group.arn, await self._read(streams, prefix))
            for event in chunk:
                self._seen(event)
                if self._filter.matches(event.message):
                    found.append(event)
                    if len(found) == self._limit:
                        return self._page(found)
            if len(chunk) < _CHUNK:
                page, token = self._page(found)
                return page, token if len(page) < len(found) else None
            await asyncio.sleep(0)
        return self._page(found)

    async def _read(self, streams: list[Stream], prefix: str) -> list[Event]:
        where = (self._since, self._until, _CHUNK)
        if streams:
            return await storage.read_streams(self._call, self._group, streams, *where, backwards=self._backwards)
        return await storage.read_group(self._call, self._group, prefix, *where, backwards=self._backwards)

    def _page(self, found: list[Event]) -> tuple[list[Event], str]:
        page = found[: model.fitting(found)]
        if len(page) < len(found):
            self._seen(page[-1])
        position = self._until if self._backwards else self._since
        return page, paging.encode_token([self._backwards, *position])

    def _seen(self, event: Event) -> None:
        if self._backwards:
            self._until = event.position
        else:
            self._since = event.position

    def _go_on(self, token: str) -> None:
        try:
            content: Any = paging.decode_token(token)
            self._backwards, position = bool(content[0]), Position(int(content[1]), int(content[2]))
        except (paging.InvalidToken, TypeError, ValueError, LookupError):
            raise _invalid_token() from None
        if self._backwards:
            self._until = min(self._until, position)
        else:
            self._since = max(self._since, position)


def compile_filter(pattern: str) -> log_filters.LogFilter:
    """InvalidParameterException when it is no filter pattern."""
    try:
        return log_filters.compile(pattern)
    except log_filters.InvalidLogFilter as error:
        raise InvalidParameterException(str(error)) from error


async def _find(call: Call, name: str, stream: str) -> tuple[Group, Stream]:
    group = await storage.find_group(call, name)
    return group, await storage.find_stream(call, group, stream)


def _since(call: Call, group: Group, request: dict[str, Any]) -> Position:
    """Where reading begins: at the start time, and not before what the group still keeps."""
    return max(FIRST, Position(max(request.get("startTime") or 0, group.expired_before(call.now)), -1))


def _read_token(token: str) -> tuple[bool, Position]:
    direction, _, rest = token.partition("/")
    try:
        if direction not in ("f", "b") or not rest.endswith("/s"):
            raise ValueError(token)
        return direction == "b", Position.parse(rest.removesuffix("/s"))
    except ValueError:
        raise _invalid_token() from None


def _tokens(events: list[Event], token: str | None) -> tuple[str, str]:
    """Forward and backward. At the end of a stream a token leads to itself."""
    if events:
        first, last = events[0].position, events[-1].position
    else:
        here = _read_token(token)[1] if token else FIRST
        first = last = here
        if token and token.startswith("f/"):
            first = Position(here.at, here.seq + 1)
        elif token:
            last = Position(here.at, max(0, here.seq - 1))
    return f"f/{last.event_id}/s", f"b/{first.event_id}/s"


def _invalid_token() -> InvalidParameterException:
    return InvalidParameterException("The specified nextToken is invalid.")
