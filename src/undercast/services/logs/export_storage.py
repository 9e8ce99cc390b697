"""All SQL of export tasks."""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson

from undercast.kit.call import Call

_TASK = "id, status, message, created_at, completed_at, task"


class Task(NamedTuple):
    """One export task; `task` holds what was asked for, by the model's names."""

    id: str
    status: str
    message: str
    created_at: int
    completed_at: int
    task: dict[str, Any]

    @property
    def active(self) -> bool:
        return self.status in ("PENDING", "RUNNING")


async def add(call: Call, task: Task) -> None:
    await call.db.execute(
        f"INSERT INTO logs_exports (account, region, {_TASK}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        call.account, call.region, *task[:5], orjson.dumps(task.task).decode(),
    )  # fmt: skip


async def set_status(call: Call, task_id: str, status: str, message: str, completed_at: int) -> None:
    """Change the status of a task that is still active."""
    await call.db.execute(
        "UPDATE logs_exports SET status = ?, message = ?, completed_at = ? WHERE account = ? AND region = ? AND id = ? "
        "AND status IN ('PENDING', 'RUNNING')",
        status, message, completed_at, call.account, call.region, task_id,
    )  # fmt: skip


async def find(call: Call, task_id: str) -> Task | None:
    row = await call.db.fetch_one(
        f"SELECT {_TASK} FROM logs_exports WHERE account = ? AND region = ? AND id = ?",
        call.account, call.region, task_id,
    )  # fmt: skip
    return Task(*row[:5], orjson.loads(row[5])) if row else None  # type: ignore[call-arg]  # in order


async def list_all(call: Call) -> list[Task]:
    """The account's tasks by id; there are few, since one runs at a time."""
    rows = await call.db.fetch(
        f"SELECT {_TASK} FROM logs_exports WHERE account = ? AND region = ? ORDER BY id", call.account, call.region
    )
    return [Task(*row[:5], orjson.loads(row[5])) for row in rows]  # type: ignore[call-arg]  # in order
