"""Asynchronous invocations: an event is kept with a job, tried up to three times, and then goes where it should.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import Any

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.kit.service import waits
from undercast.runtime import Outcome

from . import destinations, errors, event_storage, names, storage, targets
from .event_storage import Event
from .execution import run
from .model import Version
from .names import Reference

log = logging.getLogger("undercast.lambda")

EVENT_INVOKE = "event-invoke"
LONGEST_AGE_S = 21_600
RETRIES = 2
RETRY_PAUSE_MS = 60_000  # after the first failure; after the second it is twice that
_THROTTLE_PAUSES_MS = (1_000, 300_000)  # the first pause, doubled up to the longest


async def receive_event(call: Call, arn: str, payload: bytes) -> None:
    """Take an event that another service delivers to a function's ARN. ResourceNotFoundException."""
    reference = names.resolve(call, arn)
    await targets.choose(call, reference)
    await enqueue(call, reference, payload, id=call.ids.uuid())


async def enqueue(
    call: Call, reference: Reference, payload: bytes, *, id: str, context: str | None = None, trace: str | None = None
) -> None:
    """Keep an event for the function, in this transaction."""
    event = Event(
        reference.account, reference.region, id, reference.name, reference.qualifier or "", call.now, 0, 0,
        context, trace, payload,
    )  # fmt: skip
    await event_storage.add(call, event)
    there = call.into(account=reference.account, region=reference.region)
    there.service = "lambda"
    await there.later(call.now, "invoke", id)


@dataclass(frozen=True, slots=True)
class _Rules:
    """What the event-invoke configuration of a function says, or the defaults."""

    retries: int
    longest_age_ms: int
    on_success: str | None
    on_failure: str | None

    @classmethod
    def of(cls, config: dict[str, Any] | None) -> _Rules:
        config = config or {}
        retries, age_s = config.get("MaximumRetryAttempts"), config.get("MaximumEventAgeInSeconds")
        targets = config.get("DestinationConfig") or {}
        return cls(
            RETRIES if retries is None else retries,
            1000 * (age_s or LONGEST_AGE_S),
            (targets.get("OnSuccess") or {}).get("Destination"),
            (targets.get("OnFailure") or {}).get("Destination"),
        )


@waits
async def invoke_event(call: Call, id: str) -> None:
    """The job: one try. When it fails, the next try is a job again."""
    found = await call.transact(_load, id)
    if found is None:
        return
    event, version, function, rules = found
    if function.reserved == 0:
        await call.transact(_give_up, event, version, rules, "ZeroReservedConcurrency", None)
        return
    if call.clock.now() - event.sent_at > rules.longest_age_ms:
        await call.transact(_give_up, event, version, rules, "EventAgeExceeded", None)
        return
    try:
        outcome = await run(
            call, event.reference, version, function, event.payload, context=event.context, trace=event.trace,
            request_id=event.id,
        )  # fmt: skip
    except errors.TooManyRequestsException:
        await call.transact(_wait_for_room, event)
        return
    except (errors.RecursiveInvocationException, errors.InvalidRuntimeException) as error:
        log.warning("an event for %s is given up: %s", version.arn, error)
        await call.transact(_give_up, event, version, rules, "RetriesExhausted", None)
        return
    await call.transact(_settle, replace(event, attempts=event.attempts + 1), version, rules, outcome)


async def _load(call: Call, id: str) -> Any:
    event = await event_storage.find(call, id)
    if event is None:
        return None
    try:
        version, function = await targets.choose(call, event.reference)
    except ServiceError as error:  # the function went away, and the event with it
        log.warning("the event %s is dropped: %s", id, error)
        await event_storage.delete(call, id)
        return None
    return event, version, function, _Rules.of(await storage.find_setting(call, event.reference, EVENT_INVOKE))


async def _settle(call: Call, event: Event, version: Version, rules: _Rules, outcome: Outcome) -> None:
    if outcome.error is None:
        await _finish(call, event)
        if rules.on_success:
            record = destinations.record(event, version, "Success", outcome, call.now)
            await destinations.send(call, rules.on_success, record)
    elif event.attempts > rules.retries:
        await _give_up(call, event, version, rules, "RetriesExhausted", outcome)
    else:
        pause = RETRY_PAUSE_MS * event.attempts
        if call.now + pause - event.sent_at > rules.longest_age_ms:
            await _give_up(call, event, version, rules, "EventAgeExceeded", outcome)
            return
        await event_storage.save(call, event)
        await call.later(call.now + pause, "invoke", event.id)
        await call.finish_job()


async def _wait_for_room(call: Call, event: Event) -> None:
    first, longest = _THROTTLE_PAUSES_MS
    await event_storage.save(call, replace(event, throttles=event.throttles + 1))
    await call.later(call.now + min(longest, first * 2 ** min(event.throttles, 20)), "invoke", event.id)
    await call.finish_job()


async def _give_up(
    call: Call, event: Event, version: Version, rules: _Rules, condition: str, outcome: Outcome | None
) -> None:
    await _finish(call, event)
    dead_letter = (version.config.get("DeadLetterConfig") or {}).get("TargetArn")
    if dead_letter:
        await destinations.send_dead_letter(call, dead_letter, event, outcome)
    if rules.on_failure:
        record = destinations.record(event, version, condition, outcome, call.now)
        await destinations.send(call, rules.on_failure, record)


async def _finish(call: Call, event: Event) -> None:
    await event_storage.delete(call, event.id)
    await call.finish_job()
