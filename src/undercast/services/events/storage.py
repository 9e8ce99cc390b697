"""All SQL on buses, rules and targets."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.services.events import errors
from undercast.services.events.model import DEFAULT, Bus, Rule, bus_name

_BUS = "account, region, name, created_at, modified_at, version, settings, policy, tags"
_RULE = (
    "account, region, bus, name, pattern, schedule, state, description, role_arn, managed_by, version, tags"
)  # fmt: skip
_HERE = "account = ? AND region = ?"
_OF_RULE = f"{_HERE} AND bus = ? AND rule = ?"
_MATCHING = "pattern <> '' AND state <> 'DISABLED'"

# --- buses ---


async def find_bus(call: Call, name_or_arn: str | None) -> Bus:
    """A bus of the caller's; the default one is made when it is first asked for. ResourceNotFoundException."""
    name = bus_name(name_or_arn or DEFAULT)
    bus = None
    if not (name_or_arn or "").startswith("arn:") or name_or_arn == call.arn(f"event-bus/{name}", "events"):
        bus = await load_bus(call, name)
        if bus is None and name == DEFAULT:
            bus = Bus(call.account, call.region, name, call.now, call.now, call.ids.sequence(), {}, "", {})
            await add_bus(call, bus)
    if bus is None:
        raise errors.no_bus(name)
    return bus


async def load_bus(call: Call, name: str) -> Bus | None:
    """A bus, or None; none is made."""
    row = await call.db.fetch_one(
        f"SELECT {_BUS} FROM events_buses WHERE {_HERE} AND name = ?", call.account, call.region, name
    )
    return _bus(*row) if row else None


async def list_buses(call: Call, prefix: str, after: str, limit: int) -> list[Bus]:
    rows = await call.db.fetch(
        f"SELECT {_BUS} FROM events_buses WHERE {_HERE} AND name > ? AND substr(name, 1, ?) = ? ORDER BY name LIMIT ?",
        call.account, call.region, after, len(prefix), prefix, limit,
    )  # fmt: skip
    return [_bus(*row) for row in rows]


async def add_bus(call: Call, bus: Bus) -> None:
    await call.db.execute(
        f"INSERT INTO events_buses ({_BUS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, region, name) "
        "DO NOTHING",
        bus.account, bus.region, bus.name, bus.created_at, bus.modified_at, bus.version, _json(bus.settings),
        bus.policy, _json(bus.tags),
    )  # fmt: skip


async def save_bus(call: Call, bus: Bus) -> None:
    await call.db.execute(
        f"UPDATE events_buses SET modified_at = ?, version = ?, settings = ?, policy = ?, tags = ? "
        f"WHERE {_HERE} AND name = ?",
        bus.modified_at, bus.version, _json(bus.settings), bus.policy, _json(bus.tags),
        bus.account, bus.region, bus.name,
    )  # fmt: skip


async def changed(call: Call, rule: Rule) -> None:
    """Note that a rule or its targets are others now: who keeps them reads them again."""
    number = call.ids.sequence()
    await call.db.execute(
        f"UPDATE events_rules SET revision = ? WHERE {_HERE} AND bus = ? AND name = ?",
        number, call.account, call.region, rule.bus, rule.name,
    )  # fmt: skip
    await call.db.execute(
        f"UPDATE events_buses SET version = ? WHERE {_HERE} AND name = ?", number, call.account, call.region, rule.bus
    )


async def delete_bus(call: Call, bus: Bus) -> None:
    await call.db.execute(f"DELETE FROM events_buses WHERE {_HERE} AND name = ?", bus.account, bus.region, bus.name)


# --- rules ---


async def find_rule(call: Call, bus: str, name: str) -> Rule:
    """A rule. ResourceNotFoundException."""
    rule = await load_rule(call, bus, name)
    if rule is None:
        raise errors.no_rule(name, bus)
    return rule


async def load_rule(call: Call, bus: str, name: str) -> Rule | None:
    row = await call.db.fetch_one(
        f"SELECT {_RULE} FROM events_rules WHERE {_HERE} AND bus = ? AND name = ?",
        call.account, call.region, bus, name,
    )  # fmt: skip
    return _rule(row) if row else None


async def list_rules(call: Call, bus: str, prefix: str, after: str, limit: int) -> list[Rule]:
    rows = await call.db.fetch(
        f"SELECT {_RULE} FROM events_rules WHERE {_HERE} AND bus = ? AND name > ? AND substr(name, 1, ?) = ? "
        "ORDER BY name LIMIT ?",
        call.account, call.region, bus, after, len(prefix), prefix, limit,
    )  # fmt: skip
    return [_rule(row) for row in rows]


async def revisions(call: Call, bus: str) -> dict[str, int]:
    """The rules that take part in matching: name -> revision."""
    rows = await call.db.fetch(
        f"SELECT name, revision FROM events_rules WHERE {_HERE} AND bus = ? AND {_MATCHING}",
        call.account, call.region, bus,
    )  # fmt: skip
    return {row[0]: row[1] for row in rows}


async def rules_with_patterns(call: Call, bus: str) -> list[Rule]:
    """The rules that take part in matching."""
    rows = await call.db.fetch(
        f"SELECT {_RULE} FROM events_rules WHERE {_HERE} AND bus = ? AND {_MATCHING}", call.account, call.region, bus
    )
    return [_rule(row) for row in rows]


async def save_rule(call: Call, rule: Rule) -> None:
    """Add or replace a rule."""
    await call.db.execute(
        f"INSERT INTO events_rules ({_RULE}, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0) "
        "ON CONFLICT (account, region, bus, name) DO UPDATE SET pattern = excluded.pattern, "
        "schedule = excluded.schedule, state = excluded.state, description = excluded.description, "
        "role_arn = excluded.role_arn, managed_by = excluded.managed_by, version = excluded.version, "
        "tags = excluded.tags",
        rule.account, rule.region, rule.bus, rule.name, rule.pattern, rule.schedule, rule.state, rule.description,
        rule.role_arn, rule.managed_by, rule.version, _json(rule.tags),
    )  # fmt: skip
    await changed(call, rule)


async def delete_rule(call: Call, rule: Rule) -> None:
    await call.db.execute(
        f"DELETE FROM events_rules WHERE {_HERE} AND bus = ? AND name = ?",
        rule.account, rule.region, rule.bus, rule.name,
    )  # fmt: skip
    await call.db.execute(
        f"DELETE FROM events_targets WHERE {_OF_RULE}", rule.account, rule.region, rule.bus, rule.name
    )
    await changed(call, rule)


# --- targets ---


async def list_targets(call: Call, rule: Rule, after: str = "", limit: int = 1000) -> list[dict[str, Any]]:
    """The targets of a rule as PutTargets got them."""
    rows = await call.db.fetch(
        f"SELECT settings FROM events_targets WHERE {_OF_RULE} AND id > ? ORDER BY id LIMIT ?",
        rule.account, rule.region, rule.bus, rule.name, after, limit,
    )  # fmt: skip
    return [orjson.loads(row[0]) for row in rows]


async def targets_of_bus(call: Call, bus: str) -> dict[str, list[dict[str, Any]]]:
    """All targets of a bus by rule."""
    found: dict[str, list[dict[str, Any]]] = {}
    for rule, settings in await call.db.fetch(
        f"SELECT rule, settings FROM events_targets WHERE {_HERE} AND bus = ? ORDER BY rule, id",
        call.account, call.region, bus,
    ):  # fmt: skip
        found.setdefault(rule, []).append(orjson.loads(settings))
    return found


async def save_target(call: Call, rule: Rule, target: Mapping[str, Any]) -> None:
    await call.db.execute(
        "INSERT INTO events_targets (account, region, bus, rule, id, arn, settings) VALUES (?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, bus, rule, id) DO UPDATE SET arn = excluded.arn, settings = excluded.settings",
        rule.account, rule.region, rule.bus, rule.name, target["Id"], target["Arn"], _json(target),
    )  # fmt: skip


async def delete_target(call: Call, rule: Rule, id: str) -> bool:
    """Whether there was one."""
    deleted = await call.db.execute(
        f"DELETE FROM events_targets WHERE {_OF_RULE} AND id = ?", rule.account, rule.region, rule.bus, rule.name, id
    )
    return deleted > 0


async def rules_with_target(call: Call, bus: str, arn: str, after: str, limit: int) -> list[str]:
    """The names of the rules that have a target."""
    rows = await call.db.fetch(
        f"SELECT DISTINCT rule FROM events_targets WHERE {_HERE} AND bus = ? AND arn = ? AND rule > ? "
        "ORDER BY rule LIMIT ?",
        call.account, call.region, bus, arn, after, limit,
    )  # fmt: skip
    return [row[0] for row in rows]


@lru_cache(maxsize=1024)
def _bus(
    account: str, region: str, name: str, created_at: int, modified_at: int, version: int, settings: str, policy: str,
    tags: str,
) -> Bus:  # fmt: skip
    return Bus(
        account, region, name, created_at, modified_at, version, orjson.loads(settings), policy, orjson.loads(tags)
    )


def _rule(row: Any) -> Rule:
    *values, tags = row
    return Rule(*values, tags=orjson.loads(tags))  # type: ignore[misc]  # the other columns, in order


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
