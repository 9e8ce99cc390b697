"""All SQL of IAM on entities and what belongs to them; credentials and settings are in vault.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.services.iam import errors
from undercast.services.iam.model import KINDS, Entity, Kind, missing

_ENTITY = "account, kind, name, path, id, created_at, details"
_OF_ENTITY = ", ".join(f"e.{column.strip()}" for column in _ENTITY.split(","))

# --- entities ---


async def find(call: Call, kind: Kind, name: str) -> Entity:
    """The entity of that name. NoSuchEntity."""
    entity = await seek(call, kind, name)
    if entity is None:
        raise missing(kind, name)
    return entity


async def seek(call: Call, kind: Kind, name: str) -> Entity | None:
    row = await call.db.fetch_one(
        f"SELECT {_ENTITY} FROM iam_entities WHERE account = ? AND kind = ? AND key = ?",
        call.account, kind.name, name.lower(),
    )  # fmt: skip
    return _entity(row) if row else None


async def find_by_id(call: Call, id: str) -> Entity | None:
    row = await call.db.fetch_one(f"SELECT {_ENTITY} FROM iam_entities WHERE account = ? AND id = ?", call.account, id)
    return _entity(row) if row else None


async def list_entities(call: Call, kind: Kind, after: str = "", limit: int = 10_000, prefix: str = "") -> list[Entity]:
    """Entities of a kind by name, whose path begins with `prefix`; one more than `limit`, to know of a next page."""
    rows = await call.db.fetch(
        f"SELECT {_ENTITY} FROM iam_entities WHERE account = ? AND kind = ? AND key > ? AND substr(path, 1, ?) = ? "
        "ORDER BY key LIMIT ?",
        call.account, kind.name, after, len(prefix), prefix, limit + 1,
    )  # fmt: skip
    return [_entity(row) for row in rows]


async def count(call: Call, kind: Kind) -> int:
    row = await call.db.fetch_one(
        "SELECT COUNT(*) FROM iam_entities WHERE account = ? AND kind = ?", call.account, kind.name
    )
    return int(row[0]) if row else 0


async def add(call: Call, kind: Kind, name: str, path: str, **details: Any) -> Entity:
    """Create an entity. EntityAlreadyExists, LimitExceeded."""
    if await seek(call, kind, name):
        raise errors.EntityAlreadyExists(kind.exists.format(name))
    if await count(call, kind) >= kind.limit:
        raise errors.LimitExceeded(f"Cannot exceed quota for {kind.quota}: {kind.limit}")
    id = kind.id_prefix + call.ids.upper(17) if kind.id_prefix else f"{kind.name}:{call.ids.uuid()}"
    kept = {key: value for key, value in details.items() if value is not None}
    entity = Entity(call.account, kind, name, path, id, call.now, kept)
    await call.db.execute(
        f"INSERT INTO iam_entities ({_ENTITY}, key) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        entity.account, kind.name, name, path, id, entity.created_at, _json(entity.details), entity.key,
    )  # fmt: skip
    return entity


async def save(call: Call, entity: Entity) -> None:
    """Store an entity that has changed, also its name."""
    await call.db.execute(
        "UPDATE iam_entities SET key = ?, name = ?, path = ?, details = ? WHERE account = ? AND id = ?",
        entity.key, entity.name, entity.path, _json(entity.details), entity.account, entity.id,
    )  # fmt: skip


async def rename(call: Call, entity: Entity, renamed: Entity) -> None:
    """Store an entity under another name. EntityAlreadyExists."""
    if renamed.key != entity.key and await seek(call, entity.kind, renamed.name):
        raise errors.EntityAlreadyExists(entity.kind.exists.format(renamed.name))
    await save(call, renamed)


async def delete(call: Call, entity: Entity) -> None:
    """Delete an entity, what it is a member of, and its boundary."""
    await call.db.execute("DELETE FROM iam_entities WHERE account = ? AND id = ?", entity.account, entity.id)
    await call.db.execute("DELETE FROM iam_members WHERE account = ? AND member = ?", entity.account, entity.id)
    await call.db.execute("DELETE FROM iam_attachments WHERE account = ? AND owner = ?", entity.account, entity.id)


# --- members: users of groups, roles of instance profiles ---


async def add_member(call: Call, container: Entity, member: Entity) -> None:
    await call.db.execute(
        "INSERT INTO iam_members (account, container, member) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        call.account, container.id, member.id,
    )  # fmt: skip


async def remove_member(call: Call, container: Entity, member: Entity) -> bool:
    """Whether it was one."""
    return await call.db.execute(
        "DELETE FROM iam_members WHERE account = ? AND container = ? AND member = ?",
        call.account, container.id, member.id,
    ) > 0  # fmt: skip


async def members(call: Call, container: Entity, after: str = "", limit: int = 10_000) -> list[Entity]:
    rows = await call.db.fetch(
        f"SELECT {_OF_ENTITY} FROM iam_members m JOIN iam_entities e ON e.account = m.account AND e.id = m.member "
        "WHERE m.account = ? AND m.container = ? AND e.key > ? ORDER BY e.key LIMIT ?",
        call.account, container.id, after, limit + 1,
    )  # fmt: skip
    return [_entity(row) for row in rows]


async def containers(call: Call, member: Entity, after: str = "", limit: int = 10_000) -> list[Entity]:
    """The groups a user is in, or the instance profiles a role is in."""
    rows = await call.db.fetch(
        f"SELECT {_OF_ENTITY} FROM iam_members m JOIN iam_entities e ON e.account = m.account AND e.id = m.container "
        "WHERE m.account = ? AND m.member = ? AND e.key > ? ORDER BY e.key LIMIT ?",
        call.account, member.id, after, limit + 1,
    )  # fmt: skip
    return [_entity(row) for row in rows]


# --- attachments ---


async def attach(call: Call, owner: Entity, usage: str, arn: str) -> None:
    await call.db.execute(
        "INSERT INTO iam_attachments (account, owner, usage, policy_arn, seq) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT DO NOTHING",
        call.account, owner.id, usage, arn, call.ids.sequence(),
    )  # fmt: skip


async def detach(call: Call, owner: Entity, usage: str, arn: str) -> bool:
    """Whether it was attached."""
    return await call.db.execute(
        "DELETE FROM iam_attachments WHERE account = ? AND owner = ? AND usage = ? AND policy_arn = ?",
        call.account, owner.id, usage, arn,
    ) > 0  # fmt: skip


async def attached(call: Call, owner: Entity, usage: str) -> list[str]:
    """ARNs of managed policies, in the order of attaching. There are at most a few dozen."""
    rows = await call.db.fetch(
        "SELECT policy_arn FROM iam_attachments WHERE account = ? AND owner = ? AND usage = ? ORDER BY seq",
        call.account, owner.id, usage,
    )  # fmt: skip
    return [row[0] for row in rows]


async def count_attachments(call: Call, arn: str, usage: str) -> int:
    row = await call.db.fetch_one(
        "SELECT COUNT(*) FROM iam_attachments WHERE account = ? AND policy_arn = ? AND usage = ?",
        call.account, arn, usage,
    )  # fmt: skip
    return int(row[0]) if row else 0


async def holders(call: Call, arn: str, usages: Sequence[str], after: str, limit: int) -> list[Entity]:
    """Who has a managed policy, by id; one more than `limit`."""
    rows = await call.db.fetch(
        f"SELECT DISTINCT {_OF_ENTITY} FROM iam_attachments a JOIN iam_entities e "
        "ON e.account = a.account AND e.id = a.owner WHERE a.account = ? AND a.policy_arn = ? "
        f"AND a.usage IN ({', '.join('?' * len(usages))}) AND e.id > ? ORDER BY e.id LIMIT ?",
        call.account, arn, *usages, after, limit + 1,
    )  # fmt: skip
    return [_entity(row) for row in rows]


async def attached_aws_policies(call: Call) -> set[str]:
    """The ARNs of AWS's policies that something in this account has."""
    rows = await call.db.fetch(
        "SELECT DISTINCT policy_arn FROM iam_attachments WHERE account = ? AND policy_arn LIKE 'arn:aws:iam::aws:%'",
        call.account,
    )
    return {row[0] for row in rows}


# --- inline policies ---


async def put_inline(call: Call, owner: Entity, name: str, document: str) -> None:
    await call.db.execute(
        "INSERT INTO iam_inline_policies (account, owner, name, document) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (account, owner, name) DO UPDATE SET document = excluded.document",
        call.account, owner.id, name, document,
    )  # fmt: skip


async def delete_inline(call: Call, owner: Entity, name: str) -> bool:
    """Whether it was there."""
    return await call.db.execute(
        "DELETE FROM iam_inline_policies WHERE account = ? AND owner = ? AND name = ?", call.account, owner.id, name
    ) > 0  # fmt: skip


async def inline(call: Call, owner: Entity, after: str = "", limit: int = 10_000) -> list[tuple[str, str]]:
    """Names and documents, by name; one more than `limit`."""
    rows = await call.db.fetch(
        "SELECT name, document FROM iam_inline_policies WHERE account = ? AND owner = ? AND name > ? "
        "ORDER BY name LIMIT ?",
        call.account, owner.id, after, limit + 1,
    )  # fmt: skip
    return [(name, document) for name, document in rows]


async def find_inline(call: Call, owner: Entity, name: str) -> str | None:
    row = await call.db.fetch_one(
        "SELECT document FROM iam_inline_policies WHERE account = ? AND owner = ? AND name = ?",
        call.account, owner.id, name,
    )  # fmt: skip
    return row[0] if row else None


# --- versions of managed policies: number, time, document ---


async def add_version(call: Call, policy: Entity, number: int, document: str) -> None:
    await call.db.execute(
        "INSERT INTO iam_policy_versions (account, policy, number, created_at, document) VALUES (?, ?, ?, ?, ?)",
        call.account, policy.id, number, call.now, document,
    )  # fmt: skip


async def versions(call: Call, policy: Entity) -> list[tuple[int, int, str]]:
    """All versions, newest first; there are at most five."""
    rows = await call.db.fetch(
        "SELECT number, created_at, document FROM iam_policy_versions WHERE account = ? AND policy = ? "
        "ORDER BY number DESC",
        call.account, policy.id,
    )  # fmt: skip
    return [(number, created_at, document) for number, created_at, document in rows]


async def delete_version(call: Call, policy: Entity, number: int) -> None:
    await call.db.execute(
        "DELETE FROM iam_policy_versions WHERE account = ? AND policy = ? AND number = ?",
        call.account, policy.id, number,
    )  # fmt: skip


def _entity(row: Sequence[Any]) -> Entity:
    account, kind, name, path, id, created_at, details = row
    return Entity(account, KINDS[kind], name, path, id, created_at, orjson.loads(details))


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
