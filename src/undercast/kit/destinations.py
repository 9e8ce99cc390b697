"""HTTP endpoints that rules and pipes send events to: API destinations, and the stages of APIs.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from undercast.kit import connections, outgoing
from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.outgoing import Answer, Outgoing, with_headers, with_query
from undercast.kit.signing import signed

_TIMEOUT_S = 5  # "Invocation" in the quotas of EventBridge
_DEFAULTS = {
    "User-Agent": "Amazon/EventBridge/ApiDestinations",
    "Content-Type": "application/json; charset=utf-8",
    "Range": "bytes=0-1048575",
    "Accept-Encoding": "gzip,deflate",
}
_BODILESS = ("GET", "HEAD", "OPTIONS")
_SLOTS = "destinations.slots"  # when each API destination may be called next, in this process


@dataclass(frozen=True, slots=True)
class Parameters:
    """What the HttpParameters of a target come to for one event."""

    path: tuple[str, ...]
    headers: Mapping[str, str]
    query: Mapping[str, str]

    @classmethod
    def of(cls, given: Mapping[str, Any], value: Callable[[str], str]) -> Parameters:
        """`value` puts what the event says in place of a path into it."""
        return cls(
            tuple(value(text) for text in given.get("PathParameterValues") or ()),
            {name: value(text) for name, text in (given.get("HeaderParameters") or {}).items()},
            {name: value(text) for name, text in (given.get("QueryStringParameters") or {}).items()},
        )

    def url(self, url: str) -> str:
        """Each `*` in turn is replaced by a path parameter; the query is added."""
        for value in self.path:
            url = url.replace("*", quote(value, safe=""), 1)
        return with_query(url, self.query)


async def call_destination(
    call: Call, connection_arn: str, method: str, endpoint: str, parameters: Parameters, text: str
) -> Answer:
    """Send an event to an API destination. ServiceError (there is no such connection), NotAuthorized, NoAnswer."""
    body = b"" if method in _BODILESS else text.encode()
    headers = with_headers(_DEFAULTS, parameters.headers)
    request = Outgoing(method, parameters.url(endpoint), headers, body)
    return await connections.send(call, connection_arn, request, _TIMEOUT_S)


async def call_stage(
    call: Call, arn: str, parameters: Parameters, text: str, *, role_arn: str | None, principal: str
) -> Answer:
    """Send an event to a method of an API's stage (`arn:aws:execute-api:region:account:api/stage/METHOD/path`), signed
    by a role if there is one. NoAnswer."""
    api, stage, method, *path = Arn.parse(arn).resource.split("/", 3)
    url = f"{call.platform.endpoint_url}/_aws/execute-api/{quote(api)}/{quote(stage)}/{parameters.url(''.join(path))}"
    headers = with_headers({"Content-Type": "application/json"}, parameters.headers)
    body = b"" if method in _BODILESS else text.encode()
    request = Outgoing("POST" if method == "*" else method, url, headers, body)
    if role_arn:
        request = await signed(call.at(arn), request, role_arn, principal, "execute-api")
    return await outgoing.send(call.platform, request, _TIMEOUT_S)


def next_slot(call: Call, arn: str, per_second: int) -> int | None:
    """None when an API destination may be called now, or the time that is kept for this call under its rate."""
    now = call.clock.now()
    slots: dict[str, float] = call.platform.things.setdefault(_SLOTS, {})
    slot = max(float(now), slots.get(arn, 0.0))
    slots[arn] = slot + 1000 / per_second
    return int(slot) if slot > now else None
