"""Schedules that are due: each becomes an invocation, a job that is tried until the retry policy gives up.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import orjson

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.kit.service import MustWait, exponential, waits
from undercast.services.scheduler import secrecy, storage, targets
from undercast.services.scheduler.model import Schedule

log = logging.getLogger("undercast.scheduler")

_AT_ONCE = 100  # schedules that one job fires
_PAUSE_S = exponential(1, 900)
_LONGEST_BODY = 250_000


async def fire(call: Call, _payload: None) -> None:
    """The job: fire what is due, in the order of time, and come back for the next."""
    fired: dict[str, Schedule] = {}
    for _ in range(_AT_ONCE):
        schedule = await storage.next_due(call)
        if schedule is None:
            break
        after = schedule.fired(call.now)
        await _invoke_later(call, schedule, last=after.next_at is None)
        await storage.save_next(call, after)
        fired[schedule.arn] = after
    else:
        await call.later(call.now, "fire")
    for schedule in fired.values():
        if schedule.next_at is not None and schedule.next_at > call.now:
            await call.later(schedule.next_at, "fire")


async def invoke(call: Call, invocation: dict[str, Any]) -> None:
    """The job: one attempt, in the transaction that keeps what becomes of it."""
    try:
        async with call.db.savepoint():
            await _attempt(call, invocation)
    except MustWait:
        await call.later(call.now, "invoke outside", invocation)
    except ServiceError as error:
        await _failed(call, invocation, error)
    else:
        await _completed(call, invocation)


@waits
async def invoke_outside(call: Call, invocation: dict[str, Any]) -> None:
    """The job for operations that wait themselves."""
    try:
        await _attempt(call, invocation)
    except ServiceError as error:
        await call.transact(_failed, invocation, error)
    else:
        await call.transact(_completed, invocation)


async def _invoke_later(call: Call, schedule: Schedule, *, last: bool) -> None:
    assert schedule.next_at is not None
    at = schedule.next_at + int(call.ids.fraction() * schedule.window_ms)
    invocation = {
        "group": schedule.group, "name": schedule.name, "version": schedule.modified_at, "arn": schedule.arn,
        "target": schedule.settings["Target"], "scheduled_at": schedule.next_at, "begun_at": at, "attempt": 1,
        "id": call.ids.hex(16), "last": last and schedule.deletes_itself,
    }  # fmt: skip
    # One after the other, as long as nothing but the schedule says when.
    await call.later(at, "invoke", invocation, key="" if schedule.window_ms else schedule.arn)


async def _attempt(call: Call, invocation: dict[str, Any]) -> None:
    target = await call.transact(secrecy.opened_target, invocation["arn"], invocation["target"])
    await targets.send(call, target, targets.invocation(call, target, _input(call, invocation, target)))


async def _completed(call: Call, invocation: dict[str, Any]) -> None:
    """A schedule that asks for it goes after its last invocation, unless it was changed meanwhile."""
    if invocation["last"]:
        schedule = await storage.find_schedule(call, invocation["group"], invocation["name"])
        if schedule and schedule.modified_at == invocation["version"]:
            await storage.delete_schedule(call, schedule.group, schedule.name)
    await call.finish_job()


async def _failed(call: Call, invocation: dict[str, Any], error: ServiceError) -> None:
    policy, attempt = invocation["target"]["RetryPolicy"], invocation["attempt"]
    again_at = call.now + int(1000 * _PAUSE_S(attempt))
    if attempt > policy["MaximumRetryAttempts"]:
        exhausted = "MaximumRetryAttempts"
    elif again_at - invocation["begun_at"] > 1000 * policy["MaximumEventAgeInSeconds"]:
        exhausted = "MaximumEventAgeInSeconds"
    else:
        following = {**invocation, "attempt": attempt + 1}  # the id is that of the invocation, whatever its attempts
        await call.later(again_at, "invoke", following)
        await call.finish_job()
        return
    log.warning("%s: its target failed %d times: %s", invocation["arn"], attempt, error)
    await _give_up(call, invocation, error, exhausted)
    await _completed(call, invocation)


async def _give_up(call: Call, invocation: dict[str, Any], error: ServiceError, exhausted: str) -> None:
    """Put what failed into the dead-letter queue. One that cannot take it loses it."""
    queue_arn = (invocation["target"].get("DeadLetterConfig") or {}).get("Arn")
    if not queue_arn:
        return
    queue = Arn.parse(queue_arn)
    there = call.as_role(invocation["target"]["RoleArn"], "scheduler").at(queue_arn)
    try:
        target = await secrecy.opened_target(call, invocation["arn"], invocation["target"])
        tried = targets.invocation(call, target, _input(call, invocation, target))
        await there.aws.sqs.send_message(
            QueueUrl=f"{call.platform.endpoint_url}/{queue.account}/{queue.resource}",
            MessageBody=tried.text[:_LONGEST_BODY],
            MessageAttributes=_attributes(invocation, tried, error, exhausted),
        )
    except ServiceError as refusal:
        log.warning("%s: %s did not take the dead letter: %s", invocation["arn"], queue_arn, refusal)


def _attributes(
    invocation: dict[str, Any], tried: targets.Invocation, error: ServiceError, exhausted: str
) -> dict[str, dict[str, str]]:
    texts = {
        "ERROR_CODE": error.query_code or error.code,
        "ERROR_MESSAGE": error.message or error.code,
        "EXECUTION_ID": invocation["id"],
        "EXHAUSTED_RETRY_CONDITION": exhausted,
        "IS_PAYLOAD_TRUNCATED": str(len(tried.text) > _LONGEST_BODY).lower(),
        "RETRY_ATTEMPTS": str(invocation["attempt"] - 1),
        "SCHEDULED_TIME": _zulu(invocation["scheduled_at"]),
        "SCHEDULE_ARN": invocation["arn"],
        "TARGET_ARN": tried.arn,
    }
    return {name: {"DataType": "String", "StringValue": text} for name, text in texts.items()}


def _input(call: Call, invocation: dict[str, Any], target: dict[str, Any]) -> str:
    """The input with its context attributes, or the notification that AWS sends when there is none."""
    text: str | None = target.get("Input")
    if text is None:
        return "{}" if ":aws-sdk:" in target["Arn"] else _notification(call, invocation)
    for name, value in {
        "schedule-arn": invocation["arn"],
        "scheduled-time": _zulu(invocation["scheduled_at"]),
        "execution-id": invocation["id"],
        "attempt-number": str(invocation["attempt"]),
    }.items():
        text = text.replace(f"<aws.scheduler.{name}>", value)
    return text


def _notification(call: Call, invocation: dict[str, Any]) -> str:
    arn = Arn.parse(invocation["arn"])
    return orjson.dumps(
        {
            "version": "0",
            "id": call.ids.uuid(),
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler",
            "account": arn.account,
            "time": _zulu(invocation["scheduled_at"]),
            "region": arn.region,
            "resources": [invocation["arn"]],
            "detail": "{}",
        }
    ).decode()


def _zulu(ms: int) -> str:
    return datetime.fromtimestamp(ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
