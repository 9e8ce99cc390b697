"""The SQL of executions: they, their frames, history, watchers."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import orjson

from undercast.engines.states.payloads import json_bytes
from undercast.kit.call import Call
from undercast.services.stepfunctions import integrations
from undercast.services.stepfunctions.frames import DONE, PENDING, READY, Frame, Frames
from undercast.services.stepfunctions.model import RUNNING, Execution

_HERE = "account = ? AND region = ?"
_EXECUTION = (
    "machine, name, number, revision, version, alias, status, started_at, stopped_at, input, output, error, cause, trace, "
    "events, redrives, redriven_at, parent, map_run, position, test_case, redrive_token"
)
_PARENT = 17  # the column
_LOCK = ("", "FOR UPDATE")
_OUTCOMES = {one.__name__: one for one in (integrations.Done, integrations.Submitted, integrations.Failed)}
_FRAME = "id, parent, position, status, content"
_MANY = 100  # frames that are read at once

# --- executions ---


async def find_execution(call: Call, machine: str, name: str, *, hold: bool = False) -> Execution | None:
    """With `hold`, nobody else changes it or what is below it before this transaction ends."""
    row = await call.db.fetch_one(
        f"SELECT {_EXECUTION} FROM stepfunctions_executions WHERE {_HERE} AND machine = ? AND name = ? {_LOCK[hold]}",
        call.account, call.region, machine, name,
    )  # fmt: skip
    return _execution(row) if row else None


async def find_by_number(call: Call, number: int, *, hold: bool = False) -> Execution | None:
    """`hold` as above."""
    row = await call.db.fetch_one(
        f"SELECT {_EXECUTION} FROM stepfunctions_executions WHERE {_HERE} AND number = ? {_LOCK[hold]}",
        call.account, call.region, number,
    )  # fmt: skip
    return _execution(row) if row else None


async def find_running(call: Call, machine: str, limit: int = 1) -> list[Execution]:
    rows = await call.db.fetch(
        f"SELECT {_EXECUTION} FROM stepfunctions_executions WHERE {_HERE} AND machine = ? AND status = ? "
        "ORDER BY started_at, number LIMIT ?",
        call.account, call.region, machine, RUNNING, limit,
    )  # fmt: skip
    return [_execution(row) for row in rows]


async def list_executions(
    call: Call, where: dict[str, Any], redriven: bool | None, before: Sequence[int], limit: int
) -> list[Execution]:
    """The newest first, of those whose columns have these values."""
    redrives = {None: "", True: " AND redrives > 0", False: " AND redrives = 0"}[redriven]
    rows = await call.db.fetch(
        f"SELECT {_EXECUTION} FROM stepfunctions_executions WHERE {_HERE} "
        + "".join(f"AND {column} = ? " for column in where)
        + f"AND (started_at, number) < (?, ?){redrives} ORDER BY started_at DESC, number DESC LIMIT ?",
        call.account, call.region, *where.values(), *before, limit,
    )  # fmt: skip
    return [_execution(row) for row in rows]


async def list_children(call: Call, map_run: str, after: int, limit: int) -> list[Execution]:
    """The executions of a map run, in the order of their items."""
    rows = await call.db.fetch(
        f"SELECT {_EXECUTION} FROM stepfunctions_executions WHERE {_HERE} AND map_run = ? AND position > ? "
        "ORDER BY position LIMIT ?",
        call.account, call.region, map_run, after, limit,
    )  # fmt: skip
    return [_execution(row) for row in rows]


async def add_execution(call: Call, one: Execution) -> bool:
    """Whether there was none of its name. Who looked first would, on PostgreSQL, conflict with all that begin beside it:
    a serializable transaction that reads an index guards the whole page."""
    added = await call.db.execute(
        f"INSERT INTO stepfunctions_executions (account, region, {_EXECUTION}) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, machine, name) DO NOTHING",
        call.account, call.region, one.machine, one.name, one.number, one.revision, one.version, one.alias, one.status,
        one.started_at, one.stopped_at, one.input, one.output, one.error, one.cause, one.trace, one.events, one.redrives,
        one.redriven_at, orjson.dumps(one.parent).decode() if one.parent else None, one.map_run, one.position,
        one.test_case, one.redrive_token,
    )  # fmt: skip
    return added > 0


async def save_execution(call: Call, one: Execution) -> None:
    """What changes of an execution."""
    await call.db.execute(
        "UPDATE stepfunctions_executions SET status = ?, stopped_at = ?, output = ?, error = ?, cause = ?, events = ?, "
        f"redrives = ?, redriven_at = ?, redrive_token = ? WHERE {_HERE} AND machine = ? AND name = ?",
        one.status, one.stopped_at, one.output, one.error, one.cause, one.events, one.redrives, one.redriven_at,
        one.redrive_token, call.account, call.region, one.machine, one.name,
    )  # fmt: skip


async def find_old(call: Call, before: int, limit: int) -> list[Execution]:
    """Executions that ended before a time."""
    rows = await call.db.fetch(
        f"SELECT {_EXECUTION} FROM stepfunctions_executions WHERE {_HERE} AND stopped_at < ? ORDER BY stopped_at LIMIT ?",
        call.account, call.region, before, limit,
    )  # fmt: skip
    return [_execution(row) for row in rows]


async def delete_execution(call: Call, one: Execution) -> None:
    """Forget an execution, its history and what it left for a redrive."""
    await call.db.execute(
        f"DELETE FROM stepfunctions_map_items WHERE {_HERE} AND map_run IN "
        f"(SELECT id FROM stepfunctions_map_runs WHERE {_HERE} AND execution = ?)",
        call.account, call.region, call.account, call.region, one.number,
    )  # fmt: skip
    for table in ("frames", "history", "outcomes", "watchers", "map_runs"):
        await call.db.execute(
            f"DELETE FROM stepfunctions_{table} WHERE {_HERE} AND execution = ?", call.account, call.region, one.number
        )
    await call.db.execute(
        f"DELETE FROM stepfunctions_executions WHERE {_HERE} AND machine = ? AND name = ?",
        call.account, call.region, one.machine, one.name,
    )  # fmt: skip


async def begins_sweeping(call: Call) -> bool:
    """Whether nobody sweeps this account and region yet; from now on somebody does."""
    added = await call.db.execute(
        "INSERT INTO stepfunctions_sweeps (account, region) VALUES (?, ?) ON CONFLICT (account, region) DO NOTHING",
        call.account, call.region,
    )  # fmt: skip
    return added > 0


# --- history ---


async def add_events(call: Call, execution: int, events: Iterable[dict[str, Any]]) -> None:
    rows = [(call.account, call.region, execution, event["id"], json_bytes(event)) for event in events]
    await call.db.execute_many(
        "INSERT INTO stepfunctions_history (account, region, execution, id, content) VALUES (?, ?, ?, ?, ?)", rows
    )


async def list_events(call: Call, execution: int, start: int, limit: int, *, backwards: bool) -> list[dict[str, Any]]:
    """Events from one on, or from one back."""
    compare, order = ("<=", "DESC") if backwards else (">=", "ASC")
    rows = await call.db.fetch(
        f"SELECT content FROM stepfunctions_history WHERE {_HERE} AND execution = ? AND id {compare} ? "
        f"ORDER BY id {order} LIMIT ?",
        call.account, call.region, execution, start, limit,
    )  # fmt: skip
    return [orjson.loads(row[0]) for row in rows]


# --- frames ---


class StoredFrames(Frames):
    """The frames of an execution, read when they are needed and written by `save`."""

    def __init__(self, call: Call, execution: int) -> None:
        super().__init__(call.ids.sequence)
        self._call = call
        self._execution = execution
        self._new: set[int] = set()
        self._changed: set[int] = set()
        self._read_to: dict[int, int] = {}  # the last position that was read of a frame's pending children

    def add(self, frames: Sequence[Frame]) -> None:
        super().add(frames)
        self._new.update(frame.id for frame in frames)

    def changed(self, frame: Frame) -> None:
        self._changed.add(frame.id)

    async def find(self, id: int) -> Frame | None:
        if id not in self._frames:
            await self._read("id = ?", id)
        return self._frames.get(id)

    async def ready(self, limit: int) -> list[Frame]:
        """Frames that an earlier turn left to this one."""
        return await self._read(f"status = ? ORDER BY id LIMIT {limit}", READY)

    async def all(self) -> list[Frame]:
        await self._read("id >= ?", 0)
        return sorted(self._frames.values(), key=lambda frame: frame.id)

    async def children(self, parent: int) -> list[Frame]:
        await self._read("parent = ?", parent)
        return await super().children(parent)

    async def next_pending(self, parent: int) -> Frame | None:
        found = await super().next_pending(parent)
        if found is None:
            where = f"parent = ? AND status = ? AND position > ? ORDER BY position LIMIT {_MANY}"
            rows = await self._read(where, parent, PENDING, self._read_to.get(parent, -1))
            if rows:
                self._read_to[parent] = rows[-1].position
                self._pending[parent] = deque(rows)
                found = await super().next_pending(parent)
        return found

    async def remove_below(self, parent: int) -> None:
        """What is DONE has nothing below it any more."""
        for frame in await self.children(parent):
            if frame.status != DONE:
                await self.remove_below(frame.id)
            del self._frames[frame.id]
            self._new.discard(frame.id)
            self._changed.discard(frame.id)
        await self._delete("AND parent = ?", parent)

    async def remove_all(self) -> None:
        self._frames.clear()
        self._new.clear()
        self._changed.clear()
        await self._delete("")

    async def save(self) -> None:
        """Write what is new or changed."""
        here = (self._call.account, self._call.region, self._execution)
        new = [self._frames[id] for id in sorted(self._new)]
        if new:
            await self._call.db.execute_many(
                f"INSERT INTO stepfunctions_frames (account, region, execution, {_FRAME}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [(*here, one.id, one.parent, one.position, one.status, one.content()) for one in new],
            )
        changed = [self._frames[id] for id in sorted(self._changed - self._new)]
        if changed:
            await self._call.db.execute_many(
                f"UPDATE stepfunctions_frames SET status = ?, content = ? WHERE {_HERE} AND execution = ? AND id = ?",
                [(one.status, one.content(), *here, one.id) for one in changed],
            )
        self._new.clear()
        self._changed.clear()

    async def _read(self, where: str, *values: Any) -> list[Frame]:
        rows = await self._call.db.fetch(
            f"SELECT {_FRAME} FROM stepfunctions_frames WHERE {_HERE} AND execution = ? AND {where}",
            self._call.account, self._call.region, self._execution, *values,
        )  # fmt: skip
        found = []
        for id, parent, position, status, content in rows:
            if id not in self._frames:
                self._frames[id] = Frame.of(id, parent, position, status, content)
                found.append(self._frames[id])
        return found

    async def _delete(self, where: str, *values: Any) -> None:
        await self._call.db.execute(
            f"DELETE FROM stepfunctions_frames WHERE {_HERE} AND execution = ? {where}",
            self._call.account, self._call.region, self._execution, *values,
        )  # fmt: skip


# --- tasks that are done, whose executions do not know it yet ---


async def note_outcome(call: Call, where: Sequence[int], outcome: integrations.Outcome) -> bool:
    """Whether none was noted of this execution, frame and serial."""
    added = await call.db.execute(
        "INSERT INTO stepfunctions_outcomes (account, region, execution, frame, serial, kind, content) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, region, execution, frame, serial) DO NOTHING",
        call.account, call.region, *where, type(outcome).__name__, json_bytes(asdict(outcome)),
    )  # fmt: skip
    return added > 0


async def take_outcome(call: Call, where: Sequence[int]) -> integrations.Outcome | None:
    row = await call.db.fetch_one(
        f"DELETE FROM stepfunctions_outcomes WHERE {_HERE} AND execution = ? AND frame = ? AND serial = ? "
        "RETURNING kind, content",
        call.account, call.region, *where,
    )  # fmt: skip
    return _OUTCOMES[row[0]](**orjson.loads(row[1])) if row else None


# --- who waits for an execution to end ---


async def add_watcher(call: Call, watched: str, execution: int, frame: int, serial: int) -> None:
    await call.db.execute(
        "INSERT INTO stepfunctions_watchers (account, region, watched, execution, frame, serial) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (account, region, watched, execution, frame) DO UPDATE SET "
        "serial = excluded.serial",
        call.account, call.region, watched, execution, frame, serial,
    )  # fmt: skip


async def take_watchers(call: Call, watched: str) -> list[tuple[int, int, int]]:
    """Execution, frame and serial of those who wait; they are gone then."""
    rows = await call.db.fetch(
        f"DELETE FROM stepfunctions_watchers WHERE {_HERE} AND watched = ? RETURNING execution, frame, serial",
        call.account, call.region, watched,
    )  # fmt: skip
    return [(execution, frame, serial) for execution, frame, serial in rows]


def _execution(row: Any) -> Execution:
    execution = Execution(*row)
    execution.parent = orjson.loads(row[_PARENT]) if row[_PARENT] else None
    return execution
