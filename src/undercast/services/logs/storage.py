"""All SQL of CloudWatch Logs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.services.logs import cipher, errors
from undercast.services.logs.model import Event, Group, Position, Stream

_GROUP = (
    "account, region, name, id, created_at, class, kms_key, retention_days, protected, tags, subscriptions, "
    "metric_filters, expiry_job"
)
_STREAM = "name, id, created_at, first_at, last_at, ingested_at, bytes"
END = "\U0010ffff"  # after every other character, so that a prefix bounds a range of the index
_OF_GROUP = "account = ? AND region = ? AND group_id = ?"


# --- groups ---


async def find_group(call: Call, name: str) -> Group:
    """The group of a name. ResourceNotFoundException when there is none."""
    row = await call.db.fetch_one(
        f"SELECT {_GROUP} FROM logs_groups WHERE account = ? AND region = ? AND name = ?",
        call.account, call.region, name,
    )  # fmt: skip
    if row is None:
        raise errors.no_group()
    return _group(*row)


async def list_groups(call: Call, after: str, limit: int, where: str = "", *values: str | int) -> list[Group]:
    """Groups by name after `after` for which a further condition holds."""
    rows = await call.db.fetch(
        f"SELECT {_GROUP} FROM logs_groups WHERE account = ? AND region = ? AND name > ? {where} ORDER BY name LIMIT ?",
        call.account, call.region, after, *values, limit,
    )  # fmt: skip
    return [_group(*row) for row in rows]


async def add_group(call: Call, group: Group) -> bool:
    """Whether there was none of that name."""
    return await call.db.execute(
        f"INSERT INTO logs_groups ({_GROUP}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        group.account, group.region, group.name, group.id, group.created_at, group.log_class, group.kms_key,
        group.retention_days, int(group.protected), _json(group.tags), group.subscriptions, group.metric_filters,
        group.expiry_job,
    ) > 0  # fmt: skip


async def save_group(call: Call, group: Group) -> None:
    await call.db.execute(
        "UPDATE logs_groups SET kms_key = ?, retention_days = ?, protected = ?, tags = ?, subscriptions = ?, "
        "metric_filters = ?, expiry_job = ? WHERE account = ? AND region = ? AND name = ?",
        group.kms_key, group.retention_days, int(group.protected), _json(group.tags), group.subscriptions,
        group.metric_filters, group.expiry_job, group.account, group.region, group.name,
    )  # fmt: skip


async def delete_group(call: Call, group: Group) -> None:
    await call.db.execute(
        "DELETE FROM logs_groups WHERE account = ? AND region = ? AND name = ?", group.account, group.region, group.name
    )
    await call.db.execute(
        "DELETE FROM logs_filters WHERE account = ? AND region = ? AND kind IN ('metric', 'subscription') "
        "AND group_name = ?",
        group.account, group.region, group.name,
    )  # fmt: skip


async def stored_bytes(call: Call, groups: Sequence[Group]) -> dict[int, int]:
    """The bytes that groups hold, by their id; groups without streams are left out."""
    if not groups:
        return {}
    rows = await call.platform.store.scan(
        "SELECT group_id, SUM(bytes) FROM logs_streams WHERE account = ? AND region = ? "
        f"AND group_id IN ({', '.join('?' * len(groups))}) GROUP BY group_id",
        call.account, call.region, *(group.id for group in groups),
    )  # fmt: skip
    return {group_id: int(total) for group_id, total in rows}


# --- streams ---


async def find_stream(call: Call, group: Group, name: str) -> Stream:
    """The stream of a name. ResourceNotFoundException when there is none."""
    row = await call.db.fetch_one(
        f"SELECT {_STREAM} FROM logs_streams WHERE {_OF_GROUP} AND name = ?",
        group.account, group.region, group.id, name,
    )  # fmt: skip
    if row is None:
        raise errors.no_stream()
    return Stream(*row)


async def list_streams(
    call: Call, group: Group, prefix: str, after: str | None, limit: int, *, descending: bool
) -> list[Stream]:
    beyond = "" if after is None else "AND name < ?" if descending else "AND name > ?"
    rows = await call.db.fetch(
        f"SELECT {_STREAM} FROM logs_streams WHERE {_OF_GROUP} AND name >= ? AND name < ? "
        f"AND substr(name, 1, ?) = ? {beyond} "
        f"ORDER BY name {'DESC' if descending else ''} LIMIT ?",
        group.account, group.region, group.id, prefix, prefix + END, len(prefix), prefix, *([after] if after is not None else []),
        limit,
    )  # fmt: skip
    return [Stream(*row) for row in rows]


async def list_streams_by_time(
    call: Call, group: Group, after: tuple[int, str] | None, limit: int, *, descending: bool
) -> list[Stream]:
    beyond = "" if after is None else f"AND (last_at, name) {'<' if descending else '>'} (?, ?)"
    order = "last_at DESC, name DESC" if descending else "last_at, name"
    rows = await call.db.fetch(
        f"SELECT {_STREAM} FROM logs_streams WHERE {_OF_GROUP} {beyond} ORDER BY {order} LIMIT ?",
        group.account, group.region, group.id, *(after or ()), limit,
    )  # fmt: skip
    return [Stream(*row) for row in rows]


async def add_stream(call: Call, group: Group, stream: Stream) -> bool:
    """Whether there was none of that name."""
    return await call.db.execute(
        f"INSERT INTO logs_streams (account, region, group_id, {_STREAM}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT DO NOTHING",
        group.account, group.region, group.id, stream.name, stream.id, stream.created_at, stream.first_at,
        stream.last_at, stream.ingested_at, stream.bytes,
    ) > 0  # fmt: skip


async def delete_stream(call: Call, group: Group, stream: Stream) -> None:
    await call.db.execute(
        f"DELETE FROM logs_streams WHERE {_OF_GROUP} AND name = ?", group.account, group.region, group.id, stream.name
    )


async def delete_streams(call: Call, group_id: int, limit: int) -> int:
    return await call.db.execute(
        f"DELETE FROM logs_streams WHERE {_OF_GROUP} AND name IN "
        f"(SELECT name FROM logs_streams WHERE {_OF_GROUP} ORDER BY name LIMIT ?)",
        call.account, call.region, group_id, call.account, call.region, group_id, limit,
    )  # fmt: skip


# --- events ---


async def find_target(call: Call, name: str, stream: str) -> tuple[Group, int]:
    """A group and the id of a stream in it, with one look. ResourceNotFoundException for what is not there."""
    row = await call.db.fetch_one(
        f"SELECT {', '.join('g.' + column for column in _GROUP.split(', '))}, s.id FROM logs_groups g "
        "LEFT JOIN logs_streams s ON s.account = g.account AND s.region = g.region AND s.group_id = g.id "
        "AND s.name = ? WHERE g.account = ? AND g.region = ? AND g.name = ?",
        stream, call.account, call.region, name,
    )  # fmt: skip
    if row is None:
        raise errors.no_group()
    if row[-1] is None:
        raise errors.no_stream()
    return _group(*row[:-1]), row[-1]


async def add_events(call: Call, group: Group, stream: str, stream_id: int, events: Sequence[Event], size: int) -> None:
    """Add events that are in order of time, and bring their stream's row up to date."""
    fixed = (group.account, group.region, group.id)
    await call.db.execute_many(
        "INSERT INTO logs_events (account, region, group_id, at, seq, stream_id, ingested_at, message, lock) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(*fixed, event.at, event.seq, stream_id, event.ingested_at, event.message, event.lock) for event in events],
    )
    first, last = events[0].at, events[-1].at
    await call.db.execute(
        "UPDATE logs_streams SET first_at = CASE WHEN first_at = 0 OR first_at > ? THEN ? ELSE first_at END, "
        "last_at = CASE WHEN last_at < ? THEN ? ELSE last_at END, ingested_at = ?, bytes = bytes + ? "
        f"WHERE {_OF_GROUP} AND name = ?",
        first, first, last, last, call.now, size, *fixed, stream,
    )  # fmt: skip


async def read_stream(
    call: Call, group: Group, stream: Stream, since: Position, until: Position, limit: int, *, backwards: bool
) -> list[Event]:
    """Events of a stream after `since` and before `until`, in order of time: the first ones, or the last."""
    rows = await call.platform.store.scan(
        "SELECT at, seq, ingested_at, message, lock FROM logs_events WHERE account = ? AND region = ? AND stream_id = ? "
        f"AND (at, seq) > (?, ?) AND (at, seq) < (?, ?) ORDER BY {_order(backwards)} LIMIT ?",
        group.account, group.region, stream.id, *since, *until, limit,
    )  # fmt: skip
    events = [Event(at, seq, stream.name, *rest) for at, seq, *rest in rows]
    return events[::-1] if backwards else events


async def read_streams(
    call: Call, group: Group, streams: Sequence[Stream], since: Position, until: Position, limit: int,
    *, backwards: bool,
) -> list[Event]:  # fmt: skip
    """Events of a few streams between two positions, in the order of reading."""
    found: list[Event] = []
    for stream in streams:
        found += await read_stream(call, group, stream, since, until, limit, backwards=backwards)
    return sorted(found, key=lambda event: event.position, reverse=backwards)[:limit]


async def read_group(
    call: Call, group: Group, prefix: str, since: Position, until: Position, limit: int, *, backwards: bool
) -> list[Event]:
    """Events of a group's streams between two positions, in the order of reading."""
    chosen = "AND s.name >= ? AND s.name < ? AND substr(s.name, 1, ?) = ?" if prefix else ""
    rows = await call.platform.store.scan(
        "SELECT e.at, e.seq, s.name, e.ingested_at, e.message, e.lock FROM logs_events e JOIN logs_streams s "
        "ON s.account = e.account AND s.region = e.region AND s.group_id = e.group_id AND s.id = e.stream_id "
        "WHERE e.account = ? AND e.region = ? AND e.group_id = ? AND (e.at, e.seq) > (?, ?) AND (e.at, e.seq) < (?, ?) "
        f"{chosen} ORDER BY {_order(backwards, 'e.')} LIMIT ?",
        group.account, group.region, group.id, *since, *until, *_prefix(prefix), limit,
    )  # fmt: skip
    return [Event(*row) for row in rows]


async def read_batch(call: Call, group_id: int, stream_id: int, first: Position, last: Position) -> list[Event]:
    """The events of a stream from one position to another, both included, as a batch left them."""
    rows = await call.db.fetch(
        f"SELECT at, seq, ingested_at, message, lock FROM logs_events WHERE {_OF_GROUP} AND stream_id = ? "
        "AND (at, seq) >= (?, ?) AND (at, seq) <= (?, ?) ORDER BY at, seq",
        call.account, call.region, group_id, stream_id, *first, *last,
    )  # fmt: skip
    return [Event(at, seq, "", *rest) for at, seq, *rest in rows]


async def delete_events(call: Call, group_id: int, stream_id: int | None, before: int, limit: int) -> dict[int, int]:
    """Delete the oldest events of a group, or of one of its streams, before a time; bytes by stream that are gone."""
    column, owner = ("group_id", group_id) if stream_id is None else ("stream_id", stream_id)
    rows = await call.db.fetch(
        f"DELETE FROM logs_events WHERE {_OF_GROUP} AND (at, seq) IN (SELECT at, seq FROM logs_events "
        f"WHERE account = ? AND region = ? AND {column} = ? AND at < ? ORDER BY at, seq LIMIT ?) "
        "RETURNING stream_id, message, lock",
        call.account, call.region, group_id, call.account, call.region, owner, before, limit,
    )  # fmt: skip
    gone: dict[int, int] = {}
    for stream, message, lock in rows:
        gone[stream] = gone.get(stream, 0) + cipher.size(message, lock) + 26
    return gone


async def forget_bytes(call: Call, group_id: int, gone: dict[int, int]) -> None:
    await call.db.execute_many(
        f"UPDATE logs_streams SET bytes = bytes - ? WHERE {_OF_GROUP} AND id = ?",
        [(size, call.account, call.region, group_id, stream_id) for stream_id, size in gone.items()],
    )


async def oldest_event_at(call: Call, group_id: int) -> int | None:
    row = await call.db.fetch_one(
        f"SELECT at FROM logs_events WHERE {_OF_GROUP} ORDER BY at, seq LIMIT 1", call.account, call.region, group_id
    )
    return row[0] if row else None


# --- filters ---

_FILTER = "group_name, name, pattern, created_at, settings"


async def put_filter(call: Call, kind: str, group: str, name: str, pattern: str, settings: dict[str, Any]) -> bool:
    """Add or replace a filter; whether it is new."""
    key = (call.account, call.region, kind, group, name)
    known = await call.db.execute(
        "UPDATE logs_filters SET pattern = ?, settings = ? "
        "WHERE account = ? AND region = ? AND kind = ? AND group_name = ? AND name = ?",
        pattern, _json(settings), *key,
    )  # fmt: skip
    if known:
        return False
    await call.db.execute(
        f"INSERT INTO logs_filters (account, region, kind, {_FILTER}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        *key, pattern, call.now, _json(settings),
    )  # fmt: skip
    return True


async def delete_filter(call: Call, kind: str, group: str, name: str) -> bool:
    return await call.db.execute(
        "DELETE FROM logs_filters WHERE account = ? AND region = ? AND kind = ? AND group_name = ? AND name = ?",
        call.account, call.region, kind, group, name,
    ) > 0  # fmt: skip


async def list_filters(
    call: Call, kind: str, group: str | None, prefix: str, after: Sequence[str], limit: int
) -> list[dict[str, Any]]:
    """Filters by group and name, as their members are called in the model."""
    of_group = "" if group is None else "AND group_name = ?"
    rows = await call.db.fetch(
        f"SELECT {_FILTER} FROM logs_filters WHERE account = ? AND region = ? AND kind = ? {of_group} "
        "AND (group_name, name) > (?, ?) AND substr(name, 1, ?) = ? ORDER BY group_name, name LIMIT ?",
        call.account, call.region, kind, *([] if group is None else [group]), *after, len(prefix), prefix, limit,
    )  # fmt: skip
    return [
        {"logGroupName": row[0], "filterName": row[1], "filterPattern": row[2], "creationTime": row[3],
         **orjson.loads(row[4])}
        for row in rows
    ]  # fmt: skip


# --- resource policies ---


async def put_policy(call: Call, name: str, document: str) -> None:
    await call.db.execute(
        "INSERT INTO logs_policies (account, region, name, document, updated_at) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, name) DO UPDATE SET document = excluded.document, updated_at = excluded.updated_at",
        call.account, call.region, name, document, call.now,
    )  # fmt: skip


async def delete_policy(call: Call, name: str) -> bool:
    return (
        await call.db.execute(
            "DELETE FROM logs_policies WHERE account = ? AND region = ? AND name = ?", call.account, call.region, name
        )
        > 0
    )


async def list_policies(call: Call) -> list[tuple[str, str, int]]:
    rows = await call.db.fetch(
        "SELECT name, document, updated_at FROM logs_policies WHERE account = ? AND region = ? ORDER BY name",
        call.account, call.region,
    )  # fmt: skip
    return [(name, document, updated_at) for name, document, updated_at in rows]


def _prefix(prefix: str) -> tuple[str | int, ...]:
    return (prefix, prefix + END, len(prefix), prefix) if prefix else ()


def _order(backwards: bool, table: str = "") -> str:
    return f"{table}at DESC, {table}seq DESC" if backwards else f"{table}at, {table}seq"


@lru_cache(maxsize=4096)
def _group(*row: Any) -> Group:
    fixed, (protected, tags, *counts) = row[:8], row[8:]
    return Group(*fixed, bool(protected), orjson.loads(tags), *counts)  # type: ignore[call-arg]  # its fields in order


def _json(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
