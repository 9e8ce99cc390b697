"""`/_undercast/events`: server-sent events that say what changed, so that a page knows when to look again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import orjson

from undercast.kit.changes import Change, Changes, Place
from undercast.kit.http import Request, Response

_PAUSE_S = 0.1  # between two messages: what changes in it is told together
_BEAT_S = 15.0  # so that a client that went away is noticed, and proxies keep the stream open


def stream(changes: Changes, request: Request) -> Response:
    """An endless answer. `?account=` and `?region=` narrow it; what is of no account (the clock) is told to all."""
    wanted = dict(request.query)
    headers = [("Content-Type", "text/event-stream"), ("Cache-Control", "no-store"), ("X-Accel-Buffering", "no")]
    if request.method == "HEAD":
        return Response(200, headers)
    return Response(200, headers, _messages(changes, wanted.get("account", ""), wanted.get("region", "")))


async def _messages(changes: Changes, account: str, region: str) -> AsyncIterator[bytes]:
    with changes.listen() as listener:
        yield b"retry: 1000\n\n"
        while not listener.ended:
            try:
                await asyncio.wait_for(listener.woken.wait(), _BEAT_S)
            except TimeoutError:
                yield b":\n\n"
                continue
            for place, change in listener.take().items():
                if (not account or place[1] in (account, "")) and (not region or place[2] in (region, "")):
                    yield _message(place, change)
            await asyncio.sleep(_PAUSE_S)


def _message(place: Place, change: Change) -> bytes:
    service, account, region = place
    told = {
        "service": service,
        "account": account,
        "region": region,
        "operations": sorted(change.operations),
        "things": None if change.things is None else sorted(change.things),
    }
    return b"event: change\ndata: %b\n\n" % orjson.dumps(told)
