"""Targets that are reached by HTTP: API destinations, and the stages of APIs.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from undercast.kit import connections, outgoing
from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.connections import NotAuthorized
from undercast.kit.errors import ServiceError
from undercast.kit.outgoing import Answer, NoAnswer, Outgoing
from undercast.kit.service import waits
from undercast.kit.signing import signed
from undercast.services.events import destination_storage, inputs
from undercast.services.events.failures import PRINCIPAL, Undeliverable
from undercast.services.events.model import Delivery, Destination

_TIMEOUT_S = 5
_DEFAULTS = {
    "User-Agent": "Amazon/EventBridge/ApiDestinations",
    "Content-Type": "application/json; charset=utf-8",
    "Range": "bytes=0-1048575",
    "Accept-Encoding": "gzip,deflate",
}
_BODILESS = ("GET", "HEAD", "OPTIONS")
_AGAIN = (401, 407, 409, 429)  # and 5xx: what is tried again
_LONGEST_RETRY_AFTER_S = 86_400
_SLOTS = "events.slots"  # when each API destination may be called next, in this process
_PATH = re.compile(r"\$(?:\.[\w-]+(?:\[(?:\d+|\*)\])*)*")  # a value that is a path into the event


async def to_destination(call: Call, delivery: Delivery) -> int | None:
    """Call an API destination; when it is called too often already, the time at which it may be."""
    there = call.at(delivery.arn)
    destination = await there.transact(destination_storage.find_by_arn, delivery.arn)
    if destination is None:
        raise Undeliverable("NO_RESOURCE", f"API destination {delivery.arn} does not exist.")
    if not delivery.paced and (slot := _next_slot(call, destination)):
        return slot
    await invoke(there, destination, delivery.payload, _resolved(delivery))
    return None


async def invoke(call: Call, destination: Destination, payload: str, parameters: Mapping[str, Any]) -> Answer:
    """One call of an API destination with its connection. Undeliverable."""
    headers = {**_DEFAULTS, **(parameters.get("HeaderParameters") or {})}
    url = _with_query(_filled(destination.endpoint, parameters), parameters)
    body = b"" if destination.method in _BODILESS else payload.encode()
    answer = await _send_authorized(call, destination, Outgoing(destination.method, url, headers, body))
    _check(answer)
    return answer


@waits
async def invoke_received(call: Call, payload: dict[str, Any]) -> None:
    """The job: what another service delivered to an API destination's ARN. It is tried again as the job says."""
    there = call.at(payload["arn"])
    destination = await there.transact(destination_storage.find_by_arn, payload["arn"])
    if destination is None:
        raise Undeliverable("NO_RESOURCE", f"API destination {payload['arn']} does not exist.")
    if not payload.get("paced") and (slot := _next_slot(call, destination)):
        await call.transact(_put_off, payload, slot)
        return
    await invoke(there, destination, payload["payload"], {})


async def to_stage(call: Call, delivery: Delivery) -> int | None:
    """Call a method of an API's stage: `arn:aws:execute-api:region:account:api/stage/METHOD/path`."""
    api, stage, method, *path = Arn.parse(delivery.arn).resource.split("/", 3)
    parameters = _resolved(delivery)
    base = f"{call.platform.endpoint_url}/_aws/execute-api/{quote(api)}/{quote(stage)}/"
    url = _with_query(base + _filled("".join(path), parameters), parameters)
    headers = {"Content-Type": "application/json", **(parameters.get("HeaderParameters") or {})}
    body = b"" if method in _BODILESS else delivery.payload.encode()
    request = Outgoing("POST" if method == "*" else method, url, headers, body)
    if delivery.target.get("RoleArn"):
        request = await signed(call.at(delivery.arn), request, delivery.target["RoleArn"], PRINCIPAL, "execute-api")
    _check(await _send(call, request))
    return None


SENDERS: dict[str, Callable[[Call, Delivery], Awaitable[int | None]]] = {
    "api-destination": to_destination,
    "execute-api": to_stage,
}


async def _put_off(call: Call, payload: dict[str, Any], at: int) -> None:
    await call.finish_job()
    await call.later(at, "invoke", {**payload, "paced": True})


async def _send_authorized(call: Call, destination: Destination, request: Outgoing) -> Answer:
    """With the connection's authorization; once more with a new token when the server takes no more to the old one."""
    try:
        whole = await connections.authorized(call, destination.connection_arn, request)
        answer = await _send(call, whole)
        if answer.status in (401, 407) and whole.headers.get("Authorization", "").startswith("Bearer "):
            whole = await connections.authorized(call, destination.connection_arn, request, fresh=True)
            answer = await _send(call, whole)
    except NotAuthorized as error:
        raise Undeliverable("SDK_CLIENT_ERROR", str(error), again=True) from error
    except ServiceError as error:
        if isinstance(error, Undeliverable):
            raise
        raise Undeliverable("NO_RESOURCE", error.message) from error
    return answer


async def _send(call: Call, request: Outgoing) -> Answer:
    try:
        return await outgoing.send(call.platform, request, _TIMEOUT_S)
    except NoAnswer as error:
        raise Undeliverable("TIMEOUT" if error.late else "CONNECTION_FAILURE", str(error), again=True) from error


def _check(answer: Answer) -> None:
    if 200 <= answer.status < 300:
        return
    again = answer.status in _AGAIN or answer.status >= 500
    wait = answer.headers.get("retry-after", "")
    pause_s = min(int(wait), _LONGEST_RETRY_AFTER_S) if wait.isdecimal() else 0
    code = "THROTTLING" if answer.status == 429 else "SDK_CLIENT_ERROR"
    text = answer.body[:200].decode("utf-8", "replace")
    raise Undeliverable(code, f"The target answered with status {answer.status}: {text}", again=again, pause_s=pause_s)


def _next_slot(call: Call, destination: Destination) -> int | None:
    """None when the destination may be called now, or the time that is kept for this call under its rate."""
    now = call.clock.now()
    slots: dict[str, float] = call.platform.things.setdefault(_SLOTS, {})
    slot = max(float(now), slots.get(destination.arn, 0.0))
    slots[destination.arn] = slot + 1000 / destination.per_second
    return int(slot) if slot > now else None


def _resolved(delivery: Delivery) -> dict[str, Any]:
    """The target's HTTP parameters, with values of the event in place of the paths into it."""
    given = delivery.target.get("HttpParameters") or {}
    event = orjson.loads(delivery.event)

    def value(text: str) -> str:
        if not _PATH.fullmatch(text):
            return text
        found = inputs.value_at(text, event)
        return found if isinstance(found, str) else orjson.dumps(found).decode()

    found: dict[str, Any] = {"PathParameterValues": [value(text) for text in given.get("PathParameterValues") or ()]}
    for name in ("HeaderParameters", "QueryStringParameters"):
        found[name] = {key: value(text) for key, text in (given.get(name) or {}).items()}
    return found


def _filled(url: str, parameters: Mapping[str, Any]) -> str:
    """Each `*` in turn is replaced by a path parameter."""
    for value in parameters.get("PathParameterValues") or ():
        url = url.replace("*", quote(value, safe=""), 1)
    return url


def _with_query(url: str, parameters: Mapping[str, Any]) -> str:
    query = parameters.get("QueryStringParameters")
    return url + ("&" if "?" in url else "?") + urlencode(query) if query else url
