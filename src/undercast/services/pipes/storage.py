"""All SQL of EventBridge Pipes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.services.pipes import errors
from undercast.services.pipes.model import Pipe

_PIPE = "account, region, name, state, reason, desired, settings, tags, created_at, modified_at, generation"
_OF = "account = ? AND region = ? AND name = ?"


async def get(call: Call, name: str) -> Pipe:
    """A pipe by name. NotFoundException."""
    pipe = await find(call, name)
    if pipe is None:
        raise errors.NotFoundException(f"Pipe {name} does not exist.")
    return pipe


async def find(call: Call, name: str) -> Pipe | None:
    row = await call.db.fetch_one(f"SELECT {_PIPE} FROM pipes_pipes WHERE {_OF}", call.account, call.region, name)
    return _pipe(*row) if row else None


async def list_pipes(call: Call, filters: Mapping[str, Any], after: str, limit: int) -> list[Pipe]:
    """Pipes after a name; `filters` are those of ListPipes."""
    where = ["account = ?", "region = ?", "name > ?"]
    values: list[str | int] = [call.account, call.region, after]
    for parameter, column in (("NamePrefix", "name"), ("SourcePrefix", "source"), ("TargetPrefix", "target")):
        if prefix := filters.get(parameter):
            where.append(f"substr({column}, 1, ?) = ?")
            values += [len(prefix), prefix]
    for parameter, column in (("DesiredState", "desired"), ("CurrentState", "state")):
        if filters.get(parameter):
            where.append(f"{column} = ?")
            values.append(filters[parameter])
    rows = await call.db.fetch(
        f"SELECT {_PIPE} FROM pipes_pipes WHERE {' AND '.join(where)} ORDER BY name LIMIT ?", *values, limit
    )
    return [_pipe(*row) for row in rows]


async def save(call: Call, pipe: Pipe) -> None:
    await call.db.execute(
        f"INSERT INTO pipes_pipes ({_PIPE}, source, target, runner, runs_until) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', 0) "
        "ON CONFLICT (account, region, name) DO UPDATE SET state = excluded.state, reason = excluded.reason, "
        "desired = excluded.desired, settings = excluded.settings, tags = excluded.tags, "
        "modified_at = excluded.modified_at, generation = excluded.generation, target = excluded.target",
        pipe.account, pipe.region, pipe.name, pipe.state, pipe.reason, pipe.desired, _json(pipe.settings),
        _json(pipe.tags), pipe.created_at, pipe.modified_at, pipe.generation, pipe.source, pipe.target,
    )  # fmt: skip


async def delete(call: Call, name: str) -> None:
    await call.db.execute(f"DELETE FROM pipes_pipes WHERE {_OF}", call.account, call.region, name)


async def lease(call: Call, name: str, runner: str, until: int, *, alone: bool) -> bool:
    """Take or keep the right to run a pipe; False when another process has it. `alone`: there is no other."""
    changed = await call.db.execute(
        f"UPDATE pipes_pipes SET runner = ?, runs_until = ? WHERE {_OF} AND (? = 1 OR runner = ? OR runs_until < ?)",
        runner, until, call.account, call.region, name, int(alone), runner, call.now,
    )  # fmt: skip
    return changed > 0


def _pipe(
    account: str, region: str, name: str, state: str, reason: str, desired: str, settings: str, tags: str, *rest: Any
) -> Pipe:
    return Pipe(account, region, name, state, reason, desired, orjson.loads(settings), orjson.loads(tags), *rest)


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
