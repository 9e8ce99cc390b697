"""From a bus to the targets of the rules that match, now or later, and to the dead-letter queue at the end.

What is in the platform gets an event in the transaction that accepts it; what is outside, and what failed, by jobs.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-event-delivery.html
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any

import orjson

from undercast.kit import roles
from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.kit.service import waits
from undercast.services.events import failures, http_targets, inputs, permissions, routes, senders, storage
from undercast.services.events.failures import Undeliverable
from undercast.services.events.model import DEFAULT, Bus, Delivery, Rule, bus_name, kind_of


async def route(
    call: Call,
    bus: Bus,
    event: dict[str, Any],
    came: Sequence[str] = (),
    *,
    only: Collection[str] = (),
    trace: str = "",
) -> None:
    """Send an event to the targets of every rule of the bus that matches; of the rules `only`, if any are named.

    `came` are the buses it came by, this one not among them. The call is in the bus's account and region.
    """
    matching = (await routes.of(call, bus)).matching(event)
    if not matching:
        return
    text = orjson.dumps(event).decode()
    for rule, targets in matching:
        if not only or rule.arn in only:
            await send_to_targets(call, rule, targets, event, text, [*came, bus.arn], trace)


async def send_to_targets(
    call: Call, rule: Rule, targets: Sequence[dict[str, Any]], event: dict[str, Any], text: str = "",
    came: Sequence[str] = (), trace: str = "",
) -> None:  # fmt: skip
    """Send an event to the targets of a rule."""
    text = text or orjson.dumps(event).decode()
    for target in targets:
        payload = inputs.payload(target, rule, event, text, call.now)
        await _send(call, Delivery(rule.arn, target, text, payload, call.now, list(came), 0, trace))


async def try_again(call: Call, payload: dict[str, Any]) -> None:
    """The job: one more try at a target in the platform."""
    await _send(call, Delivery(**payload))


@waits
async def send_outside(call: Call, payload: dict[str, Any]) -> None:
    """The job: a try at a target that is reached by waiting for its answer."""
    delivery = Delivery(**payload)
    try:
        await _check_role(call, delivery)
        at = await _OUTSIDE[kind_of(delivery.arn)](call, delivery)
    except (ServiceError, KeyError) as error:  # KeyError: Undercast has no such service
        await call.transact(_finish_failed, delivery, error)
        return
    if at:
        await call.transact(_put_off, delivery, at)


async def _send(call: Call, delivery: Delivery) -> None:
    kind = kind_of(delivery.arn)
    if kind in _OUTSIDE:
        await call.later(call.now, "send", delivery._asdict())
        return
    try:
        await _check_role(call, delivery)
        if kind in _CHECKS_FIRST:
            await _INSIDE[kind](call, delivery)
        else:
            async with call.db.savepoint():
                await _INSIDE[kind](call, delivery)
    except (ServiceError, KeyError) as error:  # KeyError: Undercast has no such service
        await failures.handle(call, delivery, error, "retry")


async def _check_role(call: Call, delivery: Delivery) -> None:
    role = delivery.target.get("RoleArn")
    if role and not await roles.trusts(call, role, failures.PRINCIPAL):
        raise Undeliverable(
            "FAILED_TO_ASSUME_ROLE", f"{failures.PRINCIPAL} is not authorized to assume the role {role}."
        )


async def _finish_failed(call: Call, delivery: Delivery, error: ServiceError | KeyError) -> None:
    await call.finish_job()
    await failures.handle(call, delivery, error, "send")


async def _put_off(call: Call, delivery: Delivery, at: int) -> None:
    await call.finish_job()
    await call.later(at, "send", delivery._replace(paced=True)._asdict())


async def _to_bus(call: Call, delivery: Delivery) -> None:
    arn, name = Arn.parse(delivery.arn), bus_name(delivery.arn)
    _check_hop(delivery, arn)
    there = call.at(delivery.arn)
    bus = await storage.load_bus(there, name)
    if bus is None and name != DEFAULT:
        raise Undeliverable("NO_RESOURCE", f"Event bus {name} does not exist.")
    event = orjson.loads(delivery.event)
    sender = Arn.parse(delivery.rule_arn).account
    if bus is None or (sender != arn.account and not _admits(bus, sender, delivery, event)):
        if sender != arn.account:
            raise Undeliverable("NO_PERMISSIONS", f"The policy of event bus {name} does not allow events:PutEvents.")
        return  # a default bus that nothing was ever asked of has no rules
    await route(there, bus, event, delivery.came, trace=delivery.trace)


def _admits(bus: Bus, sender: str, delivery: Delivery, event: dict[str, Any]) -> bool:
    role = delivery.target.get("RoleArn")
    context = {
        "aws:SourceArn": delivery.rule_arn,
        "events:eventBusInvocation": "true",
        "events:source": event["source"],
        "events:detail-type": event["detail-type"],
    }
    return permissions.allows(bus, sender, [role] if role else [], context)


def _check_hop(delivery: Delivery, to: Arn) -> None:
    """An event crosses the border of accounts once and of regions once, and never comes to a bus again."""
    if str(to) in delivery.came:
        raise Undeliverable("INVALID_PARAMETER", "The event came by this event bus already.")
    origin = [Arn.parse(arn) for arn in delivery.came]
    if len({arn.account for arn in origin} | {to.account}) > 2:
        raise Undeliverable("THIRD_ACCOUNT_HOP_DETECTED", "The event crossed from one account to another already.")
    if len({arn.region for arn in origin} | {to.region}) > 2:
        raise Undeliverable("THIRD_REGION_HOP_DETECTED", "The event crossed from one region to another already.")


_INSIDE: dict[str, Callable[[Call, Delivery], Awaitable[None]]] = {**senders.SENDERS, "event-bus": _to_bus}
_OUTSIDE: dict[str, Callable[[Call, Delivery], Awaitable[int | None]]] = http_targets.SENDERS

_CHECKS_FIRST = ("sqs", "archive")  # what these refuse they refuse before they write: there is nothing to undo

KINDS = frozenset({*_INSIDE, *_OUTSIDE} - {"archive"})  # of targets that users can name
