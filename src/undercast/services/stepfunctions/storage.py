"""The SQL of machines, revisions, versions, aliases and activities. That of executions is in execution_storage.py."""

from __future__ import annotations

from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.services.stepfunctions.model import Activity, Alias, Machine, Revision, Version

_HERE = "account = ? AND region = ?"
_MACHINE = "name, type, revision, versions, tags, created_at"
_REVISION = "id, machine, number, definition, role, settings, created_at"
_VERSION = "machine, number, revision, description, created_at"
_ALIAS = "machine, name, description, routing, created_at, updated_at"
_ACTIVITY = "name, tags, created_at"

# --- machines ---


async def find_machine(call: Call, name: str) -> Machine | None:
    row = await call.db.fetch_one(
        f"SELECT {_MACHINE} FROM stepfunctions_machines WHERE {_HERE} AND name = ?", call.account, call.region, name
    )
    return _machine(row) if row else None


async def list_machines(call: Call, after: str, limit: int) -> list[Machine]:
    rows = await call.db.fetch(
        f"SELECT {_MACHINE} FROM stepfunctions_machines WHERE {_HERE} AND name > ? ORDER BY name LIMIT ?",
        call.account, call.region, after, limit,
    )  # fmt: skip
    return [_machine(row) for row in rows]


async def save_machine(call: Call, machine: Machine) -> None:
    await call.db.execute(
        f"INSERT INTO stepfunctions_machines (account, region, {_MACHINE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, name) DO UPDATE SET revision = excluded.revision, "
        "versions = excluded.versions, tags = excluded.tags",
        call.account, call.region, machine.name, machine.type, machine.revision, machine.versions,
        _json(machine.tags), machine.created_at,
    )  # fmt: skip


async def delete_machine(call: Call, name: str) -> None:
    """Forget a machine, its versions and aliases. Revisions that executions still use stay until they go."""
    here = (call.account, call.region, name)
    await call.db.execute(f"DELETE FROM stepfunctions_machines WHERE {_HERE} AND name = ?", *here)
    for table in ("versions", "aliases"):
        await call.db.execute(f"DELETE FROM stepfunctions_{table} WHERE {_HERE} AND machine = ?", *here)
    await delete_unused_revisions(call, name)


# --- revisions ---


async def find_revision(call: Call, id: str) -> Revision:
    row = await call.db.fetch_one(
        f"SELECT {_REVISION} FROM stepfunctions_revisions WHERE {_HERE} AND id = ?", call.account, call.region, id
    )
    assert row is not None, "revisions go after all that name them"
    return _revision(row)


async def add_revision(call: Call, revision: Revision) -> None:
    await call.db.execute(
        f"INSERT INTO stepfunctions_revisions (account, region, {_REVISION}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        call.account, call.region, revision.id, revision.machine, revision.number, revision.definition, revision.role,
        _json(revision.settings), revision.created_at,
    )  # fmt: skip


async def delete_unused_revisions(call: Call, machine: str) -> None:
    """Those that neither the machine nor a version nor an execution names."""
    used = " AND NOT EXISTS ".join(
        f"(SELECT 1 FROM stepfunctions_{table} o WHERE o.account = r.account AND o.region = r.region "
        f"AND o.revision = r.id{same})"
        for table, same in (
            ("machines", " AND o.name = r.machine"),
            ("versions", " AND o.machine = r.machine"),
            ("executions", ""),
        )
    )
    await call.db.execute(
        f"DELETE FROM stepfunctions_revisions WHERE {_HERE} AND id IN (SELECT r.id FROM stepfunctions_revisions r "
        f"WHERE r.account = ? AND r.region = ? AND r.machine = ? AND NOT EXISTS {used})",
        call.account, call.region, call.account, call.region, machine,
    )  # fmt: skip


# --- versions ---


async def find_version(call: Call, machine: str, number: int) -> Version | None:
    row = await call.db.fetch_one(
        f"SELECT {_VERSION} FROM stepfunctions_versions WHERE {_HERE} AND machine = ? AND number = ?",
        call.account, call.region, machine, number,
    )  # fmt: skip
    return Version(*row) if row else None


async def find_version_of_revision(call: Call, machine: str, revision: str) -> Version | None:
    row = await call.db.fetch_one(
        f"SELECT {_VERSION} FROM stepfunctions_versions WHERE {_HERE} AND machine = ? AND revision = ? "
        "ORDER BY number DESC LIMIT 1",
        call.account, call.region, machine, revision,
    )  # fmt: skip
    return Version(*row) if row else None


async def list_versions(call: Call, machine: str, before: int, limit: int) -> list[Version]:
    """The newest first."""
    rows = await call.db.fetch(
        f"SELECT {_VERSION} FROM stepfunctions_versions WHERE {_HERE} AND machine = ? AND number < ? "
        "ORDER BY number DESC LIMIT ?",
        call.account, call.region, machine, before, limit,
    )  # fmt: skip
    return [Version(*row) for row in rows]


async def count_versions(call: Call, machine: str) -> int:
    sql = f"SELECT COUNT(*) FROM stepfunctions_versions WHERE {_HERE} AND machine = ?"
    rows = await call.db.fetch(sql, call.account, call.region, machine)
    return int(rows[0][0])


async def add_version(call: Call, version: Version) -> None:
    await call.db.execute(
        f"INSERT INTO stepfunctions_versions (account, region, {_VERSION}) VALUES (?, ?, ?, ?, ?, ?, ?)",
        call.account, call.region, version.machine, version.number, version.revision, version.description,
        version.created_at,
    )  # fmt: skip


async def delete_version(call: Call, machine: str, number: int) -> None:
    await call.db.execute(
        f"DELETE FROM stepfunctions_versions WHERE {_HERE} AND machine = ? AND number = ?",
        call.account, call.region, machine, number,
    )  # fmt: skip
    await delete_unused_revisions(call, machine)


# --- aliases ---


async def find_alias(call: Call, machine: str, name: str) -> Alias | None:
    row = await call.db.fetch_one(
        f"SELECT {_ALIAS} FROM stepfunctions_aliases WHERE {_HERE} AND machine = ? AND name = ?",
        call.account, call.region, machine, name,
    )  # fmt: skip
    return _alias(row) if row else None


async def list_aliases(call: Call, machine: str, after: str = "", limit: int = 10_000) -> list[Alias]:
    rows = await call.db.fetch(
        f"SELECT {_ALIAS} FROM stepfunctions_aliases WHERE {_HERE} AND machine = ? AND name > ? ORDER BY name LIMIT ?",
        call.account, call.region, machine, after, limit,
    )  # fmt: skip
    return [_alias(row) for row in rows]


async def save_alias(call: Call, alias: Alias) -> None:
    await call.db.execute(
        f"INSERT INTO stepfunctions_aliases (account, region, {_ALIAS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, machine, name) DO UPDATE SET description = excluded.description, "
        "routing = excluded.routing, updated_at = excluded.updated_at",
        call.account, call.region, alias.machine, alias.name, alias.description, _json(alias.routing),
        alias.created_at, alias.updated_at,
    )  # fmt: skip


async def delete_alias(call: Call, machine: str, name: str) -> None:
    await call.db.execute(
        f"DELETE FROM stepfunctions_aliases WHERE {_HERE} AND machine = ? AND name = ?",
        call.account, call.region, machine, name,
    )  # fmt: skip


# --- activities ---


async def find_activity(call: Call, name: str) -> Activity | None:
    row = await call.db.fetch_one(
        f"SELECT {_ACTIVITY} FROM stepfunctions_activities WHERE {_HERE} AND name = ?", call.account, call.region, name
    )
    return _activity(row) if row else None


async def list_activities(call: Call, after: str, limit: int) -> list[Activity]:
    rows = await call.db.fetch(
        f"SELECT {_ACTIVITY} FROM stepfunctions_activities WHERE {_HERE} AND name > ? ORDER BY name LIMIT ?",
        call.account, call.region, after, limit,
    )  # fmt: skip
    return [_activity(row) for row in rows]


async def save_activity(call: Call, activity: Activity) -> None:
    await call.db.execute(
        f"INSERT INTO stepfunctions_activities (account, region, {_ACTIVITY}) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, name) DO UPDATE SET tags = excluded.tags",
        call.account, call.region, activity.name, _json(activity.tags), activity.created_at,
    )  # fmt: skip


async def delete_activity(call: Call, name: str) -> None:
    await call.db.execute(
        f"DELETE FROM stepfunctions_activities WHERE {_HERE} AND name = ?", call.account, call.region, name
    )


async def add_activity_task(call: Call, activity: str, token: str, execution: int, input: str) -> None:
    await call.db.execute(
        "INSERT INTO stepfunctions_activity_tasks (account, region, activity, id, token, execution, input) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        call.account, call.region, activity, call.ids.sequence(), token, execution, input,
    )  # fmt: skip


async def take_activity_task(call: Call, activity: str) -> tuple[str, str] | None:
    """The token and input of the oldest task; it is gone then."""
    row = await call.db.fetch_one(
        "DELETE FROM stepfunctions_activity_tasks WHERE account = ? AND region = ? AND activity = ? AND id = "
        f"(SELECT id FROM stepfunctions_activity_tasks WHERE {_HERE} AND activity = ? ORDER BY id LIMIT 1 "
        "FOR UPDATE SKIP LOCKED) RETURNING token, input",
        call.account, call.region, activity, call.account, call.region, activity,
    )  # fmt: skip
    return (row[0], row[1]) if row else None


async def has_activity_task(call: Call, activity: str) -> bool:
    sql = f"SELECT 1 FROM stepfunctions_activity_tasks WHERE {_HERE} AND activity = ? LIMIT 1"
    return bool(await call.db.fetch(sql, call.account, call.region, activity))


async def delete_activity_task(call: Call, execution: int, token: str) -> None:
    await call.db.execute(
        f"DELETE FROM stepfunctions_activity_tasks WHERE {_HERE} AND execution = ? AND token = ?",
        call.account, call.region, execution, token,
    )  # fmt: skip


def _machine(row: Any) -> Machine:
    name, type, revision, versions, tags, created_at = row
    return Machine(name, type, revision, versions, orjson.loads(tags), created_at)


def _revision(row: Any) -> Revision:
    id, machine, number, definition, role, settings, created_at = row
    return Revision(id, machine, number, definition, role, orjson.loads(settings), created_at)


def _alias(row: Any) -> Alias:
    machine, name, description, routing, created_at, updated_at = row
    pairs = tuple((number, weight) for number, weight in orjson.loads(routing))
    return Alias(machine, name, description, pairs, created_at, updated_at)


def _activity(row: Any) -> Activity:
    name, tags, created_at = row
    return Activity(name, orjson.loads(tags), created_at)


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
