"""Scheduled rules: a job for each next time, which gives the rule's targets an event and asks for the time after."""

from __future__ import annotations

from typing import Any

from undercast.engines.schedules import Schedule
from undercast.kit.call import Call
from undercast.services.events import delivery, storage
from undercast.services.events.model import DEFAULT, Rule, envelope


async def begin(call: Call, rule: Rule) -> None:
    """Wait for the first time of a rule that was made, changed or enabled. A rate counts from now."""
    if rule.schedule and rule.enabled:
        await _wait(call, rule, after=call.now, since=call.now)


async def tick(call: Call, payload: dict[str, Any]) -> None:
    """The job: it is a rule's time. One that was changed since waits by another job."""
    rule = await storage.load_rule(call, DEFAULT, payload["rule"])
    if rule is None or rule.version != payload["version"]:
        return
    event = envelope(
        rule.account, rule.region, id=call.ids.uuid(), kind="Scheduled Event", source="aws.events", time=payload["at"],
        resources=[rule.arn], detail={},
    )  # fmt: skip
    await delivery.send_to_targets(call, rule, await storage.list_targets(call, rule), event)
    after = Schedule.parse_rule(rule.schedule).resumes_after(payload["at"], call.now)
    await _wait(call, rule, after=after, since=payload["since"])


async def _wait(call: Call, rule: Rule, *, after: int, since: int) -> None:
    at = Schedule.parse_rule(rule.schedule).next_after(after, since)
    if at is not None:
        await call.later(at, "tick", {"rule": rule.name, "version": rule.version, "at": at, "since": since})
