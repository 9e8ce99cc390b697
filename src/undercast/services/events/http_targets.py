"""Targets that are reached by HTTP: API destinations, and the stages of APIs."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import orjson

from undercast.kit import destinations
from undercast.kit.call import Call
from undercast.kit.connections import NotAuthorized
from undercast.kit.destinations import Parameters
from undercast.kit.errors import ServiceError
from undercast.kit.outgoing import Answer, NoAnswer
from undercast.services.events import destination_storage, inputs
from undercast.services.events.failures import PRINCIPAL, Undeliverable
from undercast.services.events.model import Delivery

_AGAIN = (401, 407, 409, 429)  # and 5xx: what is tried again
_LONGEST_RETRY_AFTER_S = 86_400
_PATH = re.compile(r"\$(?:\.[\w-]+(?:\[(?:\d+|\*)\])*)*")  # a value that is a path into the event


async def to_destination(call: Call, delivery: Delivery) -> int | None:
    """Call an API destination; when it is called too often already, the time at which it may be. Undeliverable."""
    there = call.at(delivery.arn)
    destination = await there.transact(destination_storage.find_by_arn, delivery.arn)
    if destination is None:
        raise Undeliverable("NO_RESOURCE", f"API destination {delivery.arn} does not exist.")
    if not delivery.paced and (slot := destinations.next_slot(call, destination.arn, destination.per_second)):
        return slot
    try:
        answer = await destinations.call_destination(
            there, destination.connection_arn, destination.method, destination.endpoint, _parameters(delivery),
            delivery.payload,
        )  # fmt: skip
    except NotAuthorized as error:
        raise Undeliverable("SDK_CLIENT_ERROR", str(error), again=True) from error
    except ServiceError as error:
        raise Undeliverable("NO_RESOURCE", error.message) from error
    except NoAnswer as error:
        raise _unanswered(error) from error
    _check(answer)
    return None


async def to_stage(call: Call, delivery: Delivery) -> None:
    """Call a method of an API's stage. Undeliverable."""
    try:
        answer = await destinations.call_stage(
            call, delivery.arn, _parameters(delivery), delivery.payload, role_arn=delivery.target.get("RoleArn"),
            principal=PRINCIPAL,
        )  # fmt: skip
    except NoAnswer as error:
        raise _unanswered(error) from error
    _check(answer)


SENDERS: dict[str, Callable[[Call, Delivery], Awaitable[int | None]]] = {
    "api-destination": to_destination,
    "execute-api": to_stage,
}


def _unanswered(error: NoAnswer) -> Undeliverable:
    return Undeliverable("TIMEOUT" if error.late else "CONNECTION_FAILURE", str(error), again=True)


def _check(answer: Answer) -> None:
    if 200 <= answer.status < 300:
        return
    again = answer.status in _AGAIN or answer.status >= 500
    wait = answer.headers.get("retry-after", "")
    pause_s = min(int(wait), _LONGEST_RETRY_AFTER_S) if wait.isdecimal() else 0
    code = "THROTTLING" if answer.status == 429 else "SDK_CLIENT_ERROR"
    text = answer.body[:200].decode("utf-8", "replace")
    raise Undeliverable(code, f"The target answered with status {answer.status}: {text}", again=again, pause_s=pause_s)


def _parameters(delivery: Delivery) -> Parameters:
    """The target's HTTP parameters, with values of the event in place of the paths into it."""
    event = orjson.loads(delivery.event)

    def value(text: str) -> str:
        if not _PATH.fullmatch(text):
            return text
        found = inputs.value_at(text, event)
        return found if isinstance(found, str) else orjson.dumps(found).decode()

    return Parameters.of(delivery.target.get("HttpParameters") or {}, value)
