"""All SQL of EventBridge Scheduler."""

from __future__ import annotations

from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.services.scheduler import errors
from undercast.services.scheduler.model import DEFAULT_GROUP, Group, Schedule

_GROUP = "account, region, name, state, created_at, modified_at, tags, token"
_SCHEDULE = "account, region, group_name, name, state, settings, created_at, modified_at, since, next_at, token"
_HERE = "account = ? AND region = ?"

# --- groups ---


async def find_group(call: Call, name: str) -> Group:
    """A group by name; the default group is always there. ResourceNotFoundException."""
    row = await call.db.fetch_one(
        f"SELECT {_GROUP} FROM scheduler_groups WHERE {_HERE} AND name = ?", call.account, call.region, name
    )
    if row:
        return _group(*row)
    if name == DEFAULT_GROUP:
        return await _default_group(call)
    raise errors.ResourceNotFoundException(f"Schedule group {name} does not exist.")


async def list_groups(call: Call, prefix: str, after: str, limit: int) -> list[Group]:
    await find_group(call, DEFAULT_GROUP)
    rows = await call.db.fetch(
        f"SELECT {_GROUP} FROM scheduler_groups WHERE {_HERE} AND name > ? AND substr(name, 1, ?) = ? "
        "ORDER BY name LIMIT ?",
        call.account, call.region, after, len(prefix), prefix, limit,
    )  # fmt: skip
    return [_group(*row) for row in rows]


async def save_group(call: Call, group: Group) -> None:
    await call.db.execute(
        f"INSERT INTO scheduler_groups ({_GROUP}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, name) DO UPDATE SET state = excluded.state, modified_at = excluded.modified_at, "
        "tags = excluded.tags",
        group.account, group.region, group.name, group.state, group.created_at, group.modified_at,
        _json(group.tags), group.token,
    )  # fmt: skip


async def delete_group(call: Call, name: str) -> None:
    await call.db.execute(f"DELETE FROM scheduler_groups WHERE {_HERE} AND name = ?", call.account, call.region, name)


async def _default_group(call: Call) -> Group:
    """Every account has it; it is written down when it is first asked for."""
    group = Group(call.account, call.region, DEFAULT_GROUP, "ACTIVE", call.now, call.now, {})
    await save_group(call, group)
    return group


# --- schedules ---


async def find_schedule(call: Call, group: str, name: str) -> Schedule | None:
    row = await call.db.fetch_one(
        f"SELECT {_SCHEDULE} FROM scheduler_schedules WHERE {_HERE} AND group_name = ? AND name = ?",
        call.account, call.region, group, name,
    )  # fmt: skip
    return _schedule(*row) if row else None


async def list_schedules(
    call: Call, group: str | None, prefix: str, state: str | None, after: tuple[str, str], limit: int
) -> list[Schedule]:
    where, owner = _HERE, [call.account, call.region]
    if group:
        where, owner = f"{where} AND group_name = ?", [*owner, group]
    rows = await call.db.fetch(
        f"SELECT {_SCHEDULE} FROM scheduler_schedules WHERE {where} AND (group_name, name) > (?, ?) "
        "AND substr(name, 1, ?) = ? AND (? = '' OR state = ?) ORDER BY group_name, name LIMIT ?",
        *owner, *after, len(prefix), prefix, state or "", state or "", limit,
    )  # fmt: skip
    return [_schedule(*row) for row in rows]


async def save_schedule(call: Call, schedule: Schedule) -> None:
    await call.db.execute(
        f"INSERT INTO scheduler_schedules ({_SCHEDULE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, group_name, name) DO UPDATE SET state = excluded.state, "
        "settings = excluded.settings, modified_at = excluded.modified_at, since = excluded.since, "
        "next_at = excluded.next_at",
        schedule.account, schedule.region, schedule.group, schedule.name, schedule.state, _json(schedule.settings),
        schedule.created_at, schedule.modified_at, schedule.since, schedule.next_at, schedule.token,
    )  # fmt: skip


async def save_next(call: Call, schedule: Schedule) -> None:
    await call.db.execute(
        f"UPDATE scheduler_schedules SET next_at = ? WHERE {_HERE} AND group_name = ? AND name = ?",
        schedule.next_at, schedule.account, schedule.region, schedule.group, schedule.name,
    )  # fmt: skip


async def next_due(call: Call) -> Schedule | None:
    """The schedule that is due first, if its time has come."""
    row = await call.db.fetch_one(
        f"SELECT {_SCHEDULE} FROM scheduler_schedules WHERE {_HERE} AND next_at IS NOT NULL AND next_at <= ? "
        "ORDER BY next_at LIMIT 1",
        call.account, call.region, call.now,
    )  # fmt: skip
    return _schedule(*row) if row else None


async def delete_schedule(call: Call, group: str, name: str) -> None:
    await call.db.execute(
        f"DELETE FROM scheduler_schedules WHERE {_HERE} AND group_name = ? AND name = ?",
        call.account, call.region, group, name,
    )  # fmt: skip


async def delete_some_of_group(call: Call, group: str, limit: int) -> int:
    return await call.db.execute(
        f"DELETE FROM scheduler_schedules WHERE {_HERE} AND group_name = ? AND name IN "
        f"(SELECT name FROM scheduler_schedules WHERE {_HERE} AND group_name = ? ORDER BY name LIMIT ?)",
        call.account, call.region, group, call.account, call.region, group, limit,
    )  # fmt: skip


# --- deletions that may be asked for again ---


async def deleted_with(call: Call, token: str, arn: str) -> bool:
    """Whether a resource was deleted with this token."""
    sql = f"SELECT arn FROM scheduler_deletions WHERE {_HERE} AND token = ? AND expires_at > ?"
    row = await call.db.fetch_one(sql, call.account, call.region, token, call.now)
    return row is not None and row[0] == arn


async def remember_deletion(call: Call, token: str, arn: str, expires_at: int) -> None:
    await call.db.execute(
        f"DELETE FROM scheduler_deletions WHERE {_HERE} AND expires_at <= ?", call.account, call.region, call.now
    )
    await call.db.execute(
        "INSERT INTO scheduler_deletions (account, region, token, arn, expires_at) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, token) DO UPDATE SET arn = excluded.arn, expires_at = excluded.expires_at",
        call.account, call.region, token, arn, expires_at,
    )  # fmt: skip


def _group(account: str, region: str, name: str, state: str, created_at: int, modified_at: int, tags: str, token: str) -> Group:  # fmt: skip
    return Group(account, region, name, state, created_at, modified_at, orjson.loads(tags), token)


def _schedule(account: str, region: str, group: str, name: str, state: str, settings: str, *times_and_token: Any) -> Schedule:  # fmt: skip
    return Schedule(account, region, group, name, state, orjson.loads(settings), *times_and_token)


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
