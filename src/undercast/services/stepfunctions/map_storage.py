"""The SQL of map runs and of what their children will be given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from undercast.engines.states.payloads import json_bytes
from undercast.kit.call import Call

_HERE = "account = ? AND region = ?"
_MAP_RUN = "id, execution, frame, serial, machine, status, started_at, stopped_at, items, batches, begun, content"

_STATUSES = ("succeeded", "failed", "timedOut", "aborted")


@dataclass(slots=True)
class MapRun:
    """The children of a distributed Map. `items` -1: they are not read yet."""

    id: str
    execution: int
    frame: int
    serial: int
    machine: str  # of its children: "name/label"
    status: str
    started_at: int
    stopped_at: int | None
    items: int
    batches: int
    begun: int
    concurrency: int = 0
    tolerated_count: int | None = None
    tolerated_percentage: float | None = None
    path: str = ""  # of the children's machine in the definition
    express: bool = False  # what its children are to AWS: here they are as durable as any
    executions: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_STATUSES, 0))  # by how they ended
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_STATUSES, 0))  # of items
    running_items: int = 0
    written: int = 0
    redrives: int = 0
    redriven_at: int | None = None

    @property
    def ended(self) -> int:
        return sum(self.executions.values())


_KEPT = (
    "concurrency", "tolerated_count", "tolerated_percentage", "path", "express", "executions", "counts", "running_items", "written",
    "redrives", "redriven_at",
)  # fmt: skip


async def find_map_run(call: Call, id: str, *, hold: bool = False) -> MapRun | None:
    """With `hold`, nobody else changes it before this transaction ends."""
    lock = "FOR UPDATE" if hold else ""
    row = await call.db.fetch_one(
        f"SELECT {_MAP_RUN} FROM stepfunctions_map_runs WHERE {_HERE} AND id = ? {lock}", call.account, call.region, id
    )
    return _map_run(row) if row else None


async def list_map_runs(
    call: Call, execution: int, after: tuple[int, str] = (-1, ""), limit: int = 10_000
) -> list[MapRun]:
    rows = await call.db.fetch(
        f"SELECT {_MAP_RUN} FROM stepfunctions_map_runs WHERE {_HERE} AND execution = ? AND (started_at, id) > (?, ?) "
        "ORDER BY started_at, id LIMIT ?",
        call.account, call.region, execution, *after, limit,
    )  # fmt: skip
    return [_map_run(row) for row in rows]


async def save_map_run(call: Call, run: MapRun) -> None:
    content = orjson.dumps({name: getattr(run, name) for name in _KEPT})
    await call.db.execute(
        f"INSERT INTO stepfunctions_map_runs (account, region, {_MAP_RUN}) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, region, id) DO UPDATE SET "
        "status = excluded.status, stopped_at = excluded.stopped_at, items = excluded.items, serial = excluded.serial, "
        "batches = excluded.batches, begun = excluded.begun, content = excluded.content",
        call.account, call.region, run.id, run.execution, run.frame, run.serial, run.machine, run.status, run.started_at,
        run.stopped_at, run.items, run.batches, run.begun, content,
    )  # fmt: skip


async def add_items(call: Call, map_run: str, start: int, contents: Sequence[dict[str, Any]]) -> None:
    await call.db.execute_many(
        "INSERT INTO stepfunctions_map_items (account, region, map_run, position, content) VALUES (?, ?, ?, ?, ?)",
        [
            (call.account, call.region, map_run, position, json_bytes(one))
            for position, one in enumerate(contents, start)
        ],
    )


async def list_items(call: Call, map_run: str, start: int, limit: int) -> list[tuple[int, dict[str, Any]]]:
    rows = await call.db.fetch(
        f"SELECT position, content FROM stepfunctions_map_items WHERE {_HERE} AND map_run = ? AND position >= ? "
        "ORDER BY position LIMIT ?",
        call.account, call.region, map_run, start, limit,
    )  # fmt: skip
    return [(position, orjson.loads(content)) for position, content in rows]


async def delete_items(call: Call, map_run: str) -> None:
    await call.db.execute(
        f"DELETE FROM stepfunctions_map_items WHERE {_HERE} AND map_run = ?", call.account, call.region, map_run
    )


def _map_run(row: Any) -> MapRun:
    *columns, content = row
    return MapRun(*columns, **orjson.loads(content))


async def parent_of(call: Call, run: MapRun) -> tuple[str, str]:
    """The machine and name of the execution whose map it runs."""
    row = await call.db.fetch_one(
        f"SELECT machine, name FROM stepfunctions_executions WHERE {_HERE} AND number = ?",
        call.account, call.region, run.execution,
    )  # fmt: skip
    assert row is not None, "map runs go with their execution"
    return row[0], row[1]
