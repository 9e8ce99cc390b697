"""All SQL on archives, what they hold, and replays."""

from __future__ import annotations

from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.services.events.model import Archive, Replay, epoch

_ARCHIVE = "account, region, name, id, bus, created_at, description, pattern, retention_days"
_REPLAY = (
    "account, region, name, archive, archive_id, bus, description, filter_arns, from_time, to_time, state, started_at, "
    "ended_at, last_time, last_seq"
)
_HERE = "account = ? AND region = ?"
_NAMED = f"{_HERE} AND name > ? AND substr(name, 1, ?) = ?"
_OF_ARCHIVE = f"{_HERE} AND archive_id = ?"


async def find(call: Call, name: str) -> Archive | None:
    row = await call.db.fetch_one(
        f"SELECT {_ARCHIVE} FROM events_archives WHERE {_HERE} AND name = ?", call.account, call.region, name
    )
    return Archive(*row) if row else None


async def list_archives(call: Call, prefix: str, bus: str, after: str, limit: int) -> list[Archive]:
    rows = await call.db.fetch(
        f"SELECT {_ARCHIVE} FROM events_archives WHERE {_NAMED} AND (? = '' OR bus = ?) ORDER BY name LIMIT ?",
        call.account, call.region, after, len(prefix), prefix, bus, bus, limit,
    )  # fmt: skip
    return [Archive(*row) for row in rows]


async def save(call: Call, archive: Archive) -> None:
    """Add or replace an archive."""
    await call.db.execute(
        f"INSERT INTO events_archives ({_ARCHIVE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, name) DO UPDATE SET description = excluded.description, "
        "pattern = excluded.pattern, retention_days = excluded.retention_days",
        *archive,
    )


async def delete(call: Call, archive: Archive) -> None:
    await call.db.execute(
        f"DELETE FROM events_archives WHERE {_HERE} AND name = ?", archive.account, archive.region, archive.name
    )


# --- what they hold ---


async def add_event(call: Call, archive: Archive, event: str) -> None:
    await call.db.execute(
        "INSERT INTO events_archived (account, region, archive_id, time, seq, stored_at, size, event) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        archive.account, archive.region, archive.id, epoch(orjson.loads(event)["time"]), call.ids.sequence(), call.now,
        len(event.encode()), event,
    )  # fmt: skip


async def measure(call: Call, archive: Archive) -> tuple[int, int]:
    """How many events an archive holds, and their bytes; counted beside the writer."""
    ((count, size),) = await call.platform.store.scan(
        f"SELECT COUNT(*), COALESCE(SUM(size), 0) FROM events_archived WHERE {_OF_ARCHIVE}",
        archive.account, archive.region, archive.id,
    )  # fmt: skip
    return count, int(size)


async def read(call: Call, replay: Replay, limit: int) -> list[tuple[int, int, str]]:
    """The next events of a replay: time, place and event."""
    rows = await call.db.fetch(
        f"SELECT time, seq, event FROM events_archived WHERE {_OF_ARCHIVE} AND (time, seq) > (?, ?) AND time >= ? "
        "AND time <= ? ORDER BY time, seq LIMIT ?",
        replay.account, replay.region, replay.archive_id, replay.last_time, replay.last_seq, replay.from_time,
        replay.to_time, limit,
    )  # fmt: skip
    return [(row[0], row[1], row[2]) for row in rows]


async def delete_oldest(call: Call, archive_id: int, stored_before: int, limit: int) -> int:
    """Delete some events that were stored before a time; how many."""
    return await call.db.execute(
        f"DELETE FROM events_archived WHERE {_OF_ARCHIVE} AND (time, seq) IN (SELECT time, seq FROM events_archived "
        f"WHERE {_OF_ARCHIVE} AND stored_at < ? ORDER BY stored_at LIMIT ?)",
        call.account, call.region, archive_id, call.account, call.region, archive_id, stored_before, limit,
    )  # fmt: skip


async def oldest_stored_at(call: Call, archive_id: int) -> int | None:
    row = await call.db.fetch_one(
        f"SELECT stored_at FROM events_archived WHERE {_OF_ARCHIVE} ORDER BY stored_at LIMIT 1",
        call.account, call.region, archive_id,
    )  # fmt: skip
    return row[0] if row else None


# --- replays ---


async def find_replay(call: Call, name: str) -> Replay | None:
    row = await call.db.fetch_one(
        f"SELECT {_REPLAY} FROM events_replays WHERE {_HERE} AND name = ?", call.account, call.region, name
    )
    return _replay(row) if row else None


async def list_replays(call: Call, prefix: str, archive: str, state: str, after: str, limit: int) -> list[Replay]:
    rows = await call.db.fetch(
        f"SELECT {_REPLAY} FROM events_replays WHERE {_NAMED} AND (? = '' OR archive = ?) AND (? = '' OR state = ?) "
        "ORDER BY name LIMIT ?",
        call.account, call.region, after, len(prefix), prefix, archive, archive, state, state, limit,
    )  # fmt: skip
    return [_replay(row) for row in rows]


async def count_running(call: Call) -> int:
    row = await call.db.fetch_one(
        f"SELECT COUNT(*) FROM events_replays WHERE {_HERE} AND ended_at = 0", call.account, call.region
    )
    return int(row[0]) if row else 0


async def save_replay(call: Call, replay: Replay) -> None:
    """Add a replay, or save how far it is."""
    values = (*replay[:7], orjson.dumps(replay.filter_arns).decode(), *replay[8:])
    await call.db.execute(
        f"INSERT INTO events_replays ({_REPLAY}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, name) DO UPDATE SET state = excluded.state, ended_at = excluded.ended_at, "
        "last_time = excluded.last_time, last_seq = excluded.last_seq",
        *values,
    )


def _replay(row: Any) -> Replay:
    return Replay._make([*row[:7], orjson.loads(row[7]), *row[8:]])
