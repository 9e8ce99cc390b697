"""All SQL of CloudFormation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.services.cloudformation import errors
from undercast.services.cloudformation.model import ChangeSet, Resource, Stack, read_change_set, read_stack

_STACK = "account, region, id, name, status, created_at, deleted_at, facts"
_HERE = "account = ? AND region = ?"
_OF_STACK = "account = ? AND region = ? AND stack_id = ?"

# --- stacks ---


async def find_stack(call: Call, name: str, message: str = "Stack with id {} does not exist") -> Stack:
    """A stack by name, or by id also when it has been deleted. ValidationError."""
    stack = await seek_stack(call, name)
    if stack is None:
        raise errors.ValidationError(message.format(name))
    return stack


async def seek_stack(call: Call, name: str) -> Stack | None:
    """A stack by name, or by id also when it has been deleted."""
    column = "id = ?" if name.startswith("arn:") else "name = ? AND deleted_at = 0"
    row = await call.db.fetch_one(
        f"SELECT {_STACK} FROM cloudformation_stacks WHERE {_HERE} AND {column}", call.account, call.region, name
    )
    return _stack(row) if row else None


async def add_stack(call: Call, stack: Stack) -> None:
    await call.db.execute(
        f"INSERT INTO cloudformation_stacks ({_STACK}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        stack.account, stack.region, stack.id, stack.name, stack.status, stack.created_at, stack.deleted_at,
        stack.facts(),
    )  # fmt: skip


async def save_stack(call: Call, stack: Stack) -> None:
    await call.db.execute(
        f"UPDATE cloudformation_stacks SET status = ?, deleted_at = ?, facts = ? WHERE {_HERE} AND id = ?",
        stack.status, stack.deleted_at, stack.facts(), stack.account, stack.region, stack.id,
    )  # fmt: skip


async def list_stacks(call: Call, after: tuple[int, str], limit: int, *, deleted: bool) -> list[Stack]:
    """Stacks from the newest on, `after` (created_at, id) of the last one seen."""
    rows = await call.db.fetch(
        f"SELECT {_STACK} FROM cloudformation_stacks WHERE {_HERE} AND (created_at < ? OR created_at = ? AND id < ?) "
        f"{'' if deleted else 'AND deleted_at = 0 '}ORDER BY created_at DESC, id DESC LIMIT ?",
        call.account, call.region, after[0], after[0], after[1], limit,
    )  # fmt: skip
    return [_stack(row) for row in rows]


def _stack(row: Sequence[Any]) -> Stack:
    account, region, id, name, status, created_at, deleted_at, facts = row
    return read_stack(
        facts,
        account=account, region=region, id=id, name=name, status=status, created_at=created_at, deleted_at=deleted_at,
    )  # fmt: skip


# --- resources ---


async def resources_of(call: Call, stack_id: str) -> list[Resource]:
    """All resources of a stack, by logical id and age."""
    rows = await call.db.fetch(
        "SELECT logical_id, generation, physical_id, facts FROM cloudformation_resources "
        f"WHERE {_OF_STACK} ORDER BY logical_id, generation",
        call.account, call.region, stack_id,
    )  # fmt: skip
    return [_resource(*row) for row in rows]


async def find_generation(call: Call, stack_id: str, logical_id: str, generation: int) -> Resource | None:
    row = await call.db.fetch_one(
        "SELECT logical_id, generation, physical_id, facts FROM cloudformation_resources "
        f"WHERE {_OF_STACK} AND logical_id = ? AND generation = ?",
        call.account, call.region, stack_id, logical_id, generation,
    )  # fmt: skip
    return _resource(*row) if row else None


async def save_resources(call: Call, stack_id: str, resources: Iterable[Resource]) -> None:
    await call.db.execute_many(
        "INSERT INTO cloudformation_resources (account, region, stack_id, logical_id, generation, physical_id, facts) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, region, stack_id, logical_id, generation) "
        "DO UPDATE SET physical_id = excluded.physical_id, facts = excluded.facts",
        [
            (call.account, call.region, stack_id, one.logical_id, one.generation, one.physical_id, one.facts())
            for one in resources
        ],
    )


async def delete_resources(call: Call, stack_id: str, resources: Iterable[Resource]) -> None:
    await call.db.execute_many(
        f"DELETE FROM cloudformation_resources WHERE {_OF_STACK} AND logical_id = ? AND generation = ?",
        [(call.account, call.region, stack_id, one.logical_id, one.generation) for one in resources],
    )


async def stack_of_physical(call: Call, physical_id: str) -> str | None:
    """The id of a stack that has this resource."""
    row = await call.db.fetch_one(
        f"SELECT stack_id FROM cloudformation_resources WHERE {_HERE} AND physical_id = ? ORDER BY generation DESC",
        call.account, call.region, physical_id,
    )  # fmt: skip
    return row[0] if row else None


def _resource(logical_id: str, generation: int, physical_id: str, facts: str) -> Resource:
    return Resource(logical_id=logical_id, generation=generation, physical_id=physical_id, **orjson.loads(facts))


# --- events ---


async def add_events(call: Call, stack_id: str, events: Sequence[dict[str, Any]]) -> None:
    await call.db.execute_many(
        "INSERT INTO cloudformation_events (account, region, stack_id, seq, event) VALUES (?, ?, ?, ?, ?)",
        [(call.account, call.region, stack_id, call.ids.sequence(), orjson.dumps(event).decode()) for event in events],
    )


async def list_events(call: Call, stack_id: str, before: int, limit: int) -> list[tuple[int, dict[str, Any]]]:
    """Events from the newest on, with their numbers; `before` is the last one seen."""
    rows = await call.db.fetch(
        f"SELECT seq, event FROM cloudformation_events WHERE {_OF_STACK} AND seq < ? ORDER BY seq DESC LIMIT ?",
        call.account, call.region, stack_id, before, limit,
    )  # fmt: skip
    return [(seq, orjson.loads(event)) for seq, event in rows]


# --- exports and imports ---


async def find_export(call: Call, name: str) -> tuple[str, str] | None:
    """An export's stack and value."""
    row = await call.db.fetch_one(
        f"SELECT stack_id, value FROM cloudformation_exports WHERE {_HERE} AND name = ?",
        call.account, call.region, name,
    )  # fmt: skip
    return (row[0], row[1]) if row else None


async def exports_of(call: Call, stack_id: str) -> dict[str, str]:
    rows = await call.db.fetch(
        f"SELECT name, value FROM cloudformation_exports WHERE {_OF_STACK}", call.account, call.region, stack_id
    )
    return {row[0]: row[1] for row in rows}


async def list_exports(call: Call, after: str, limit: int) -> list[tuple[str, str, str]]:
    """Name, stack and value, by name."""
    rows = await call.db.fetch(
        f"SELECT name, stack_id, value FROM cloudformation_exports WHERE {_HERE} AND name > ? ORDER BY name LIMIT ?",
        call.account, call.region, after, limit,
    )  # fmt: skip
    return [(name, stack_id, value) for name, stack_id, value in rows]


async def set_exports(call: Call, stack_id: str, exports: dict[str, str]) -> None:
    """Replace what a stack exports."""
    await call.db.execute(f"DELETE FROM cloudformation_exports WHERE {_OF_STACK}", call.account, call.region, stack_id)
    await call.db.execute_many(
        "INSERT INTO cloudformation_exports (account, region, name, stack_id, value) VALUES (?, ?, ?, ?, ?)",
        [(call.account, call.region, name, stack_id, value) for name, value in exports.items()],
    )


async def importers(call: Call, name: str) -> list[str]:
    """The names of the stacks that import an export."""
    rows = await call.db.fetch(
        "SELECT s.name FROM cloudformation_imports i JOIN cloudformation_stacks s "
        "ON s.account = i.account AND s.region = i.region AND s.id = i.stack_id "
        "WHERE i.account = ? AND i.region = ? AND i.name = ? ORDER BY s.name",
        call.account, call.region, name,
    )  # fmt: skip
    return [one for (one,) in rows]


async def add_import(call: Call, name: str, stack_id: str) -> None:
    await call.db.execute(
        "INSERT INTO cloudformation_imports (account, region, name, stack_id) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (account, region, name, stack_id) DO NOTHING",
        call.account, call.region, name, stack_id,
    )  # fmt: skip


async def set_imports(call: Call, stack_id: str, names: Iterable[str]) -> None:
    """Replace what a stack imports."""
    await call.db.execute(f"DELETE FROM cloudformation_imports WHERE {_OF_STACK}", call.account, call.region, stack_id)
    await call.db.execute_many(
        "INSERT INTO cloudformation_imports (account, region, name, stack_id) VALUES (?, ?, ?, ?)",
        [(call.account, call.region, name, stack_id) for name in names],
    )


# --- change sets ---

_CHANGE_SET = "id, stack_id, name, created_at, facts"


async def seek_change_set(call: Call, stack_id: str, name: str) -> ChangeSet | None:
    """A change set by its ARN, or by its name in a stack."""
    if name.startswith("arn:"):
        where = "id = ?"
        values: tuple[str, ...] = (name,)
    else:
        where, values = "stack_id = ? AND name = ?", (stack_id, name)
    row = await call.db.fetch_one(
        f"SELECT {_CHANGE_SET} FROM cloudformation_change_sets WHERE {_HERE} AND {where} ORDER BY created_at DESC",
        call.account, call.region, *values,
    )  # fmt: skip
    return _change_set(row) if row else None


async def list_change_sets(call: Call, stack_id: str) -> list[ChangeSet]:
    """A stack's change sets, oldest first."""
    rows = await call.db.fetch(
        f"SELECT {_CHANGE_SET} FROM cloudformation_change_sets WHERE {_OF_STACK} ORDER BY created_at, id",
        call.account, call.region, stack_id,
    )  # fmt: skip
    return [_change_set(row) for row in rows]


async def save_change_set(call: Call, one: ChangeSet) -> None:
    await call.db.execute(
        f"INSERT INTO cloudformation_change_sets (account, region, {_CHANGE_SET}) VALUES (?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, id) DO UPDATE SET facts = excluded.facts",
        call.account, call.region, one.id, one.stack_id, one.name, one.created_at, one.facts(),
    )  # fmt: skip


async def delete_change_set(call: Call, change_set_id: str) -> None:
    await call.db.execute(
        f"DELETE FROM cloudformation_change_sets WHERE {_HERE} AND id = ?", call.account, call.region, change_set_id
    )


def _change_set(row: Sequence[Any]) -> ChangeSet:
    id, stack_id, name, created_at, facts = row
    return read_change_set(facts, id=id, stack_id=stack_id, name=name, created_at=created_at)


# --- answers from outside ---


async def add_callback(call: Call, token: str, stack_id: str, logical_id: str) -> None:
    await call.db.execute(
        "INSERT INTO cloudformation_callbacks (account, region, token, stack_id, logical_id) VALUES (?, ?, ?, ?, ?)",
        call.account, call.region, token, stack_id, logical_id,
    )  # fmt: skip


async def find_callback(call: Call, token: str) -> tuple[str, str] | None:
    """The stack and the resource that wait for an answer with this token."""
    row = await call.db.fetch_one(
        f"SELECT stack_id, logical_id FROM cloudformation_callbacks WHERE {_HERE} AND token = ?",
        call.account, call.region, token,
    )  # fmt: skip
    return (row[0], row[1]) if row else None


async def forget_callbacks(call: Call, stack_id: str, logical_id: str) -> None:
    for table in ("cloudformation_callbacks", "cloudformation_signals"):
        await call.db.execute(
            f"DELETE FROM {table} WHERE {_HERE} AND stack_id = ? AND logical_id = ?",
            call.account, call.region, stack_id, logical_id,
        )  # fmt: skip


async def add_signal(call: Call, stack_id: str, logical_id: str, signal: tuple[str, str, str, str]) -> None:
    """Keep a signal (unique id, status, reason, data); one with an id that is there is the same signal again."""
    await call.db.execute(
        "INSERT INTO cloudformation_signals (account, region, stack_id, logical_id, unique_id, status, reason, data) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, stack_id, logical_id, unique_id) DO NOTHING",
        call.account, call.region, stack_id, logical_id, *signal,
    )  # fmt: skip


async def signals_of(call: Call, stack_id: str, logical_id: str) -> list[tuple[str, str, str, str]]:
    """Unique id, status, reason and data of what arrived."""
    rows = await call.db.fetch(
        "SELECT unique_id, status, reason, data FROM cloudformation_signals "
        f"WHERE {_OF_STACK} AND logical_id = ? ORDER BY unique_id",
        call.account, call.region, stack_id, logical_id,
    )  # fmt: skip
    return [tuple(row) for row in rows]


# --- macros ---


async def find_macro(call: Call, name: str) -> str | None:
    """The function of a macro."""
    row = await call.db.fetch_one(
        f"SELECT function_name FROM cloudformation_macros WHERE {_HERE} AND name = ?", call.account, call.region, name
    )
    return row[0] if row else None


async def add_macro(call: Call, name: str, function_name: str) -> None:
    await call.db.execute(
        "INSERT INTO cloudformation_macros (account, region, name, function_name) VALUES (?, ?, ?, ?)",
        call.account, call.region, name, function_name,
    )  # fmt: skip


async def set_macro(call: Call, name: str, function_name: str) -> None:
    await call.db.execute(
        f"UPDATE cloudformation_macros SET function_name = ? WHERE {_HERE} AND name = ?",
        function_name, call.account, call.region, name,
    )  # fmt: skip


async def delete_macro(call: Call, name: str) -> None:
    await call.db.execute(
        f"DELETE FROM cloudformation_macros WHERE {_HERE} AND name = ?", call.account, call.region, name
    )
