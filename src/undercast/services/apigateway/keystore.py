"""All SQL of API keys, usage plans and usage."""

from __future__ import annotations

from undercast.kit.call import Call
from undercast.services.apigateway import errors
from undercast.services.apigateway.storage import CHANNEL, Document, _list, dump, load

_MINE = "account = ? AND region = ?"


# --- keys ---


async def save_key(call: Call, key: Document) -> None:
    """Add or change a key."""
    await call.db.execute(
        "INSERT INTO apigateway_keys (account, region, id, name, value, document) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, id) DO UPDATE SET name = excluded.name, document = excluded.document",
        call.account, call.region, key["id"], key.get("name") or "", key["value"], dump(key),
    )  # fmt: skip
    call.notify(CHANNEL)


async def find_key(call: Call, key_id: str, missing: Exception | None = None) -> Document:
    row = await call.db.fetch_one(
        f"SELECT document FROM apigateway_keys WHERE {_MINE} AND id = ?", call.account, call.region, key_id
    )
    if row is None:
        raise missing or errors.NotFoundException("Invalid API Key identifier specified")
    return load(row[0])


async def find_key_by_value(call: Call, value: str) -> Document | None:
    row = await call.db.fetch_one(
        f"SELECT document FROM apigateway_keys WHERE {_MINE} AND value = ?", call.account, call.region, value
    )
    return load(row[0]) if row else None


async def list_keys(call: Call, name: str, after: str, limit: int) -> list[Document]:
    """Keys by id whose names begin with `name`."""
    rows = await call.db.fetch(
        f"SELECT document FROM apigateway_keys WHERE {_MINE} AND id > ? AND substr(name, 1, ?) = ? ORDER BY id LIMIT ?",
        call.account, call.region, after, len(name), name, limit,
    )  # fmt: skip
    return [load(row[0]) for row in rows]


async def delete_key(call: Call, key_id: str) -> None:
    for table, column in (("keys", "id"), ("plan_keys", "key_id")):
        await call.db.execute(
            f"DELETE FROM apigateway_{table} WHERE {_MINE} AND {column} = ?", call.account, call.region, key_id
        )
    call.notify(CHANNEL)


# --- plans ---


async def save_plan(call: Call, plan: Document) -> None:
    """Add or change a plan."""
    await call.db.execute(
        "INSERT INTO apigateway_plans (account, region, id, document) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (account, region, id) DO UPDATE SET document = excluded.document",
        call.account, call.region, plan["id"], dump(plan),
    )  # fmt: skip
    call.notify(CHANNEL)


async def find_plan(call: Call, plan_id: str) -> Document:
    row = await call.db.fetch_one(
        f"SELECT document FROM apigateway_plans WHERE {_MINE} AND id = ?", call.account, call.region, plan_id
    )
    if row is None:
        raise errors.NotFoundException("Invalid Usage Plan ID specified")
    return load(row[0])


async def list_plans(call: Call, after: str, limit: int) -> list[Document]:
    return await _list(call, "apigateway_plans", after, limit)


async def delete_plan(call: Call, plan_id: str) -> None:
    for table, column in (("plans", "id"), ("plan_keys", "plan_id"), ("usage", "plan_id")):
        await call.db.execute(
            f"DELETE FROM apigateway_{table} WHERE {_MINE} AND {column} = ?", call.account, call.region, plan_id
        )
    call.notify(CHANNEL)


# --- which keys are in which plans ---


async def link(call: Call, plan_id: str, key_id: str) -> None:
    await call.db.execute(
        "INSERT INTO apigateway_plan_keys (account, region, plan_id, key_id) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        call.account, call.region, plan_id, key_id,
    )  # fmt: skip
    call.notify(CHANNEL)


async def unlink(call: Call, plan_id: str, key_id: str) -> bool:
    deleted = await call.db.execute(
        f"DELETE FROM apigateway_plan_keys WHERE {_MINE} AND plan_id = ? AND key_id = ?",
        call.account, call.region, plan_id, key_id,
    )  # fmt: skip
    call.notify(CHANNEL)
    return deleted > 0


async def keys_of_plan(call: Call, plan_id: str) -> list[Document]:
    rows = await call.db.fetch(
        "SELECT k.document FROM apigateway_plan_keys p JOIN apigateway_keys k ON k.account = p.account "
        "AND k.region = p.region AND k.id = p.key_id WHERE p.account = ? AND p.region = ? AND p.plan_id = ? ORDER BY k.id",
        call.account, call.region, plan_id,
    )  # fmt: skip
    return [load(row[0]) for row in rows]


async def plans_of_key(call: Call, key_id: str) -> list[Document]:
    rows = await call.db.fetch(
        "SELECT q.document FROM apigateway_plan_keys p JOIN apigateway_plans q ON q.account = p.account "
        "AND q.region = p.region AND q.id = p.plan_id WHERE p.account = ? AND p.region = ? AND p.key_id = ?",
        call.account, call.region, key_id,
    )  # fmt: skip
    return [load(row[0]) for row in rows]


# --- usage ---


async def use(call: Call, plan_id: str, key_id: str, day: str, since: str, limit: int) -> bool:
    """Count one request on `day`, unless the days from `since` have used up `limit` (and what was granted)."""
    row = await call.db.fetch_one(
        f"SELECT COALESCE(SUM(used - granted), 0) FROM apigateway_usage WHERE {_MINE} AND plan_id = ? AND key_id = ? "
        "AND day >= ?",
        call.account, call.region, plan_id, key_id, since,
    )  # fmt: skip
    if row is not None and int(row[0]) >= limit:
        return False
    await _add_usage(call, plan_id, key_id, day, 1, 0)
    return True


async def grant(call: Call, plan_id: str, key_id: str, day: str, more: int) -> None:
    await _add_usage(call, plan_id, key_id, day, 0, more)


async def usage(call: Call, plan_id: str, key_id: str, since: str, until: str) -> dict[str, dict[str, tuple[int, int]]]:
    """Used and granted by key and day; `key_id` '' for all keys."""
    rows = await call.db.fetch(
        f"SELECT key_id, day, used, granted FROM apigateway_usage WHERE {_MINE} AND plan_id = ? "
        "AND (key_id = ? OR ? = '') AND day >= ? AND day <= ? ORDER BY key_id, day",
        call.account, call.region, plan_id, key_id, key_id, since, until,
    )  # fmt: skip
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for key, day, used, granted in rows:
        found.setdefault(key, {})[day] = (used, granted)
    return found


async def _add_usage(call: Call, plan_id: str, key_id: str, day: str, used: int, granted: int) -> None:
    await call.db.execute(
        "INSERT INTO apigateway_usage (account, region, plan_id, key_id, day, used, granted) VALUES (?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, plan_id, key_id, day) DO UPDATE SET "
        "used = apigateway_usage.used + excluded.used, granted = apigateway_usage.granted + excluded.granted",
        call.account, call.region, plan_id, key_id, day, used, granted,
    )  # fmt: skip
