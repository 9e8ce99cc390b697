"""API destinations and stages of APIs, as enrichments and targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from undercast.kit import connections, outgoing
from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.connections import NotAuthorized
from undercast.kit.outgoing import Answer, NoAnswer, Outgoing
from undercast.services.pipes.items import Failed, Item
from undercast.services.pipes.model import Pipe
from undercast.services.pipes.templates import resolved

_TIMEOUT_S = 5  # of API destinations and of enrichments, as EventBridge's quotas say
_BODILESS = ("GET", "HEAD", "OPTIONS")
_SLOTS = "pipes.slots"  # when each API destination may be called next, in this process


async def post(call: Call, pipe: Pipe, arn: str, item: Item, parameters: Mapping[str, Any]) -> bytes:
    """Send an event; what came back. ServiceError, Failed."""
    there = call.as_role(pipe.role, "pipe").at(arn)
    to = _to_destination if Arn.parse(arn).service == "events" else _to_stage
    try:
        answer = await to(there, arn, item, _Parameters(parameters, item.read))
    except NoAnswer as error:
        raise Failed(f"{arn} did not answer: {error}") from error
    except NotAuthorized as error:
        raise Failed(str(error)) from error
    if not 200 <= answer.status < 300:
        text = answer.body[:500].decode("utf-8", "replace")
        raise Failed(f"{arn} answered with status {answer.status}: {text}")
    return answer.body


class _Parameters:
    """HTTP parameters, with values of the event in place of the paths into it."""

    def __init__(self, given: Mapping[str, Any], event: Any) -> None:
        self._path = [resolved(text, event) for text in given.get("PathParameterValues") or ()]
        self.headers = {key: resolved(text, event) for key, text in (given.get("HeaderParameters") or {}).items()}
        self._query = {key: resolved(text, event) for key, text in (given.get("QueryStringParameters") or {}).items()}

    def url(self, url: str) -> str:
        """Each `*` in turn is replaced by a path parameter."""
        for value in self._path:
            url = url.replace("*", quote(value, safe=""), 1)
        return url + ("&" if "?" in url else "?") + urlencode(self._query) if self._query else url


async def _to_destination(call: Call, arn: str, item: Item, parameters: _Parameters) -> Answer:
    found = await call.aws.events.describe_api_destination(Name=Arn.parse(arn).resource.split("/")[1])
    await _wait_for_slot(call, arn, found["InvocationRateLimitPerSecond"])
    method = found["HttpMethod"]
    headers = {
        "User-Agent": "Amazon/EventBridge/ApiDestinations",
        "Content-Type": "application/json; charset=utf-8",
        **parameters.headers,
    }
    body = b"" if method in _BODILESS else item.text.encode()
    request = Outgoing(method, parameters.url(found["InvocationEndpoint"]), headers, body)
    whole = await connections.authorized(call, found["ConnectionArn"], request)
    answer = await outgoing.send(call.platform, whole, _TIMEOUT_S)
    if answer.status in (401, 407) and whole.headers.get("Authorization", "").startswith("Bearer "):
        whole = await connections.authorized(call, found["ConnectionArn"], request, fresh=True)
        answer = await outgoing.send(call.platform, whole, _TIMEOUT_S)
    return answer


async def _to_stage(call: Call, arn: str, item: Item, parameters: _Parameters) -> Answer:
    """`arn:aws:execute-api:region:account:api/stage/METHOD/path`"""
    api, stage, method, *path = Arn.parse(arn).resource.split("/", 3)
    base = f"{call.platform.endpoint_url}/_aws/execute-api/{quote(api)}/{quote(stage)}/"
    headers = {"Content-Type": "application/json", **parameters.headers}
    body = b"" if method in _BODILESS else item.text.encode()
    verb = "POST" if method == "*" else method
    request = Outgoing(verb, parameters.url(base + "".join(path)), headers, body)
    return await outgoing.send(call.platform, request, _TIMEOUT_S)


async def _wait_for_slot(call: Call, arn: str, per_second: int) -> None:
    """Wait until the destination may be called under its rate."""
    slots: dict[str, float] = call.platform.things.setdefault(_SLOTS, {})
    now = call.clock.now()
    at = max(now - 1000.0, slots.get(arn, 0.0))  # a second's calls may come together
    slots[arn] = at + 1000 / per_second
    if at > now:
        await call.clock.sleep_until(int(at) + 1)
