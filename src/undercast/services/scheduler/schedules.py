"""Operations on schedules."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit import paging, roles
from undercast.kit.call import Call
from undercast.services.scheduler import errors, groups, secrecy, storage, targets
from undercast.services.scheduler.limits import check
from undercast.services.scheduler.model import ACTIVE, DEFAULT_GROUP, ENABLED, Schedule, settings_of

PRINCIPAL = "scheduler.amazonaws.com"


async def create_schedule(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Create a schedule, or find the one that was created with the same token and the same settings."""
    schedule = _draft(call, request)
    await _check(call, schedule)
    existing = await storage.find_schedule(call, schedule.group, schedule.name)
    if existing is None:
        await _plan(call, schedule)
    elif existing.token != schedule.token or (await secrecy.opened(call, existing)).settings != schedule.settings:
        raise errors.ConflictException(f"Schedule {schedule.name} already exists.")
    return {"ScheduleArn": schedule.arn}


async def update_schedule(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Replace all settings of a schedule: what is left out gets its default again."""
    draft = _draft(call, request)
    before = await _find(call, draft.group, draft.name)
    await _check(call, draft, before)
    same = all(before.settings.get(key) == draft.settings.get(key) for key in ("ScheduleExpression", "StartDate"))
    since = before.since if same else draft.since
    await _plan(call, replace(draft, created_at=before.created_at, since=since), again=same)
    return {"ScheduleArn": draft.arn}


async def get_schedule(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """One schedule, with its target."""
    schedule = await _find(call, request.get("GroupName") or DEFAULT_GROUP, request["Name"])
    return (await secrecy.opened(call, schedule)).describe()


async def list_schedules(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Schedules by group and name."""
    group, limit = request.get("GroupName"), request.get("MaxResults") or groups.PAGE
    if group:
        await storage.find_group(call, group)
    after = groups.position(request.get("NextToken"), ["", ""])
    found = await storage.list_schedules(
        call, group, request.get("NamePrefix") or "", request.get("State"), (str(after[0]), str(after[-1])), limit + 1
    )
    shown = found[:limit]
    return {
        "Schedules": [schedule.summary() for schedule in shown],
        "NextToken": paging.encode_token([shown[-1].group, shown[-1].name]) if len(found) > limit else None,
    }


async def delete_schedule(call: Call, request: dict[str, Any]) -> None:
    """Delete a schedule; what it has invoked already goes on."""
    group, token = request.get("GroupName") or DEFAULT_GROUP, request.get("ClientToken")
    arn = call.arn(f"schedule/{group}/{request['Name']}", "scheduler")
    if token and await storage.deleted_with(call, token, arn):
        return
    schedule = await _find(call, group, request["Name"])
    await storage.delete_schedule(call, schedule.group, schedule.name)
    if token:
        await storage.remember_deletion(call, token, arn, call.now + groups.TOKENS_LAST_MS)


def _draft(call: Call, request: dict[str, Any]) -> Schedule:
    settings = settings_of(request)
    group, state = request.get("GroupName") or DEFAULT_GROUP, request.get("State") or ENABLED
    since = settings.get("StartDate")
    return Schedule(
        call.account, call.region, group, request["Name"], state, settings, call.now, call.now,
        call.now if since is None else since, None, request.get("ClientToken") or call.ids.uuid(),
    )  # fmt: skip


async def _find(call: Call, group: str, name: str) -> Schedule:
    schedule = await storage.find_schedule(call, group, name)
    if schedule is None:
        raise errors.ResourceNotFoundException(f"Schedule {name} does not exist.")
    return schedule


async def _check(call: Call, schedule: Schedule, before: Schedule | None = None) -> None:
    check(schedule, call.now, before)
    targets.check(call, schedule.settings["Target"])
    if not await roles.trusts(call, schedule.settings["Target"]["RoleArn"], PRINCIPAL):
        raise errors.ValidationException(
            "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
        )
    group = await storage.find_group(call, schedule.group)
    if group.state != ACTIVE:
        raise errors.ConflictException(f"Schedule group {group.name} is being deleted.")


async def _plan(call: Call, schedule: Schedule, *, again: bool = False) -> None:
    """Keep a schedule and have it fire. One that is planned `again` has fired at the present time already."""
    planned = schedule.planned(call.now + again)
    await storage.save_schedule(call, await secrecy.sealed(call, planned))
    if planned.next_at is not None:
        await call.later(planned.next_at, "fire")
