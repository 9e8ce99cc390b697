"""All SQL of Kinesis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import orjson

from undercast.kit.arn import Arn
from undercast.kit.call import Call

from . import errors
from .model import Routing, Shard, Stream, arrival, shard_id

_STREAM = "account, region, name, id, created_at, mode, retention_hours, next_shard, settings, tags"
_SHARD = "number, first_hash, last_hash, opened, closed, parent, adjacent"
_OF_STREAM = "account = ? AND region = ? AND stream_id = ?"
_ROUTINGS = 10_000

# --- streams ---


async def find(call: Call, request: dict[str, Any], *, hold: bool = False) -> Stream:
    """The stream that StreamARN or StreamName names. ResourceNotFoundException, InvalidArgumentException.

    `hold`: nobody else changes it before this transaction ends.
    """
    arn, name, account, region = request.get("StreamARN"), request.get("StreamName"), call.account, call.region
    if arn:
        parsed = Arn.parse(arn)
        named = parsed.resource.removeprefix("stream/")
        if name and name != named:
            raise errors.InvalidArgumentException("StreamName and StreamARN do not name the same stream.")
        name, account, region = named, parsed.account, parsed.region
    if not name:
        raise errors.InvalidArgumentException("Either StreamName or StreamARN must be provided.")
    stream = await find_by_name(call, name, account, region, hold=hold)
    if stream is None:
        raise errors.no_stream(name, account)
    return stream


async def find_by_name(
    call: Call, name: str, account: str = "", region: str = "", *, hold: bool = False
) -> Stream | None:
    lock = " FOR UPDATE" if hold else ""
    row = await call.db.fetch_one(
        f"SELECT {_STREAM} FROM kinesis_streams WHERE account = ? AND region = ? AND name = ?{lock}",
        account or call.account, region or call.region, name,
    )  # fmt: skip
    return _stream(row) if row else None


async def list_streams(call: Call, after: str, limit: int) -> list[Stream]:
    rows = await call.db.fetch(
        f"SELECT {_STREAM} FROM kinesis_streams WHERE account = ? AND region = ? AND name > ? ORDER BY name LIMIT ?",
        call.account, call.region, after, limit,
    )  # fmt: skip
    return [_stream(row) for row in rows]


async def add_stream(call: Call, stream: Stream) -> None:
    await call.db.execute(
        f"INSERT INTO kinesis_streams ({_STREAM}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        stream.account, stream.region, stream.name, stream.id, stream.created_at, stream.mode, stream.retention_hours,
        stream.next_shard, _json(stream.settings), _json(stream.tags),
    )  # fmt: skip


async def save_stream(call: Call, stream: Stream) -> None:
    await call.db.execute(
        "UPDATE kinesis_streams SET mode = ?, retention_hours = ?, next_shard = ?, settings = ?, tags = ? "
        "WHERE account = ? AND region = ? AND name = ?",
        stream.mode, stream.retention_hours, stream.next_shard, _json(stream.settings), _json(stream.tags),
        stream.account, stream.region, stream.name,
    )  # fmt: skip


async def delete_stream(call: Call, stream: Stream) -> None:
    """The stream and its consumers. Its shards are closed, so that nobody adds to them; a job drains them."""
    of = (stream.account, stream.region, stream.id)
    await call.db.execute(f"UPDATE kinesis_shards SET closed = last WHERE {_OF_STREAM} AND closed IS NULL", *of)
    await call.db.execute(
        "DELETE FROM kinesis_streams WHERE account = ? AND region = ? AND name = ?",
        stream.account, stream.region, stream.name,
    )  # fmt: skip
    await call.db.execute(f"DELETE FROM kinesis_consumers WHERE {_OF_STREAM}", *of)


async def count_streams(call: Call, mode: str) -> int:
    row = await call.db.fetch_one(
        "SELECT count(*) FROM kinesis_streams WHERE account = ? AND region = ? AND mode = ?",
        call.account, call.region, mode,
    )  # fmt: skip
    return int(row[0]) if row else 0


async def count_open_shards(call: Call, stream: Stream | None = None, mode: str = "") -> int:
    """Of a stream, or of all streams of a mode."""
    if stream:
        which, values = "stream_id = ?", (stream.account, stream.region, stream.id)
    else:
        which = (
            "stream_id IN (SELECT id FROM kinesis_streams s WHERE s.account = kinesis_shards.account "
            "AND s.region = kinesis_shards.region AND s.mode = ?)"
        )
        values = (call.account, call.region, mode)  # type: ignore[assignment]
    row = await call.db.fetch_one(
        f"SELECT count(*) FROM kinesis_shards WHERE account = ? AND region = ? AND {which} AND closed IS NULL", *values
    )
    return int(row[0]) if row else 0


async def account_settings(call: Call) -> dict[str, int]:
    """Of the account in the region; empty before any were made."""
    row = await call.db.fetch_one(
        "SELECT settings FROM kinesis_accounts WHERE account = ? AND region = ?", call.account, call.region
    )
    return dict(orjson.loads(row[0])) if row else {}


async def save_account_settings(call: Call, settings: dict[str, int]) -> None:
    await call.db.execute(
        "INSERT INTO kinesis_accounts (account, region, settings) VALUES (?, ?, ?) "
        "ON CONFLICT (account, region) DO UPDATE SET settings = excluded.settings",
        call.account, call.region, _json(settings),
    )  # fmt: skip


# --- shards ---


async def find_shard(call: Call, stream: Stream, number: int) -> Shard:
    """ResourceNotFoundException, also when its last record is gone with it."""
    row = await call.db.fetch_one(
        f"SELECT {_SHARD} FROM kinesis_shards WHERE {_OF_STREAM} AND number = ?",
        stream.account, stream.region, stream.id, number,
    )  # fmt: skip
    if row is None or _gone(_shard(row), stream, call.now):
        raise errors.ResourceNotFoundException(
            f"Could not find shard {shard_id(number)} in stream {stream.name} under account {stream.account}."
        )
    return _shard(row)


async def list_shards(call: Call, stream: Stream, after: int, limit: int) -> list[Shard]:
    """Those that hold, or may hold, records; by number."""
    rows = await call.db.fetch(
        f"SELECT {_SHARD} FROM kinesis_shards WHERE {_OF_STREAM} AND number > ? "
        "AND (closed IS NULL OR closed >= ?) ORDER BY number LIMIT ?",
        stream.account, stream.region, stream.id, after, stream.horizon(call.now), limit,
    )  # fmt: skip
    return [_shard(row) for row in rows]


async def open_shards(call: Call, stream: Stream) -> list[Shard]:
    rows = await call.db.fetch(
        f"SELECT {_SHARD} FROM kinesis_shards WHERE {_OF_STREAM} AND closed IS NULL ORDER BY number",
        stream.account, stream.region, stream.id,
    )  # fmt: skip
    return [_shard(row) for row in rows]


async def children(call: Call, stream: Stream, number: int) -> list[Shard]:
    rows = await call.db.fetch(
        f"SELECT {_SHARD} FROM kinesis_shards WHERE {_OF_STREAM} AND number > ? AND (parent = ? OR adjacent = ?) "
        "ORDER BY number",
        stream.account, stream.region, stream.id, number, number, number,
    )  # fmt: skip
    return [_shard(row) for row in rows]


async def routing(call: Call, stream: Stream) -> Routing:
    """Which shard takes what; kept for as long as the shards are what they are. ResourceNotFoundException."""
    known: dict[tuple[int, int], Routing] = call.platform.things.setdefault("kinesis.routings", {})
    key = (stream.id, stream.next_shard)
    found = known.get(key)
    if found is None:
        if len(known) >= _ROUTINGS:
            known.clear()
        shards = await open_shards(call, stream)
        if not shards:  # another node deleted the stream after it was found
            raise errors.no_stream(stream.name, stream.account)
        found = known[key] = Routing(shards)
    return found


async def add_shards(call: Call, stream: Stream, shards: Iterable[Shard]) -> None:
    await call.db.execute_many(
        f"INSERT INTO kinesis_shards (account, region, stream_id, {_SHARD}, last) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                stream.account, stream.region, stream.id, one.number, f"{one.first_hash:039d}", f"{one.last_hash:039d}",
                one.opened, one.closed, one.parent, one.adjacent, one.opened,
            )
            for one in shards
        ],
    )  # fmt: skip


async def close_shard(call: Call, stream: Stream, shard: Shard) -> Shard:
    """No record comes after this; its last sequence is `closed`."""
    rows = await call.db.fetch(
        f"SELECT last FROM kinesis_shards WHERE {_OF_STREAM} AND number = ? FOR UPDATE",
        stream.account, stream.region, stream.id, shard.number,
    )  # fmt: skip
    closed = max(call.ids.sequence(), rows[0][0] + 1)
    await call.db.execute(
        f"UPDATE kinesis_shards SET closed = ? WHERE {_OF_STREAM} AND number = ?",
        closed, stream.account, stream.region, stream.id, shard.number,
    )  # fmt: skip
    return replace(shard, closed=closed)


async def delete_shards(call: Call, stream_id: int, before: int | None) -> None:
    """Those closed before a sequence; all for None."""
    old = "" if before is None else " AND closed < ?"
    await call.db.execute(
        f"DELETE FROM kinesis_shards WHERE {_OF_STREAM}{old}",
        call.account, call.region, stream_id, *(() if before is None else (before,)),
    )  # fmt: skip


# --- records ---


async def reserve(call: Call, stream: Stream, counts: dict[int, int]) -> dict[int, int]:
    """The first of `count` sequences for every shard, but for those that were closed meanwhile on another node.

    In a shard, records commit in the order of their sequences: with several nodes, one waits here for the other.
    """
    if call.platform.store.dialect == "sqlite":  # one process writes, one transaction after the other
        return {number: _run_of(call, count) for number, count in counts.items()}
    marks = ", ".join("?" * len(counts))
    rows = await call.db.fetch(
        f"SELECT number, last FROM kinesis_shards WHERE {_OF_STREAM} AND number IN ({marks}) AND closed IS NULL "
        "ORDER BY number FOR UPDATE",
        stream.account, stream.region, stream.id, *counts,
    )  # fmt: skip
    firsts = {number: max(last + 1, _run_of(call, counts[number])) for number, last in rows}
    await call.db.execute_many(
        f"UPDATE kinesis_shards SET last = ? WHERE {_OF_STREAM} AND number = ?",
        [
            (first + counts[number] - 1, stream.account, stream.region, stream.id, number)
            for number, first in firsts.items()
        ],
    )
    return firsts


async def add_records(call: Call, stream: Stream, rows: Sequence[tuple[int, int, int, str, str, bytes]]) -> None:
    """Rows of shard, seq, size, partition key, lock, data."""
    of = (stream.account, stream.region, stream.id)
    await call.db.execute_many(
        "INSERT INTO kinesis_records (account, region, stream_id, shard, seq, size, partition_key, lock, data) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(*of, *row) for row in rows],
    )


async def last_sequence(call: Call, stream: Stream, shard: int) -> int:
    """Of the newest record that is there; 0 without one."""
    row = await call.db.fetch_one(
        f"SELECT max(seq) FROM kinesis_records WHERE {_OF_STREAM} AND shard = ?",
        stream.account, stream.region, stream.id, shard,
    )  # fmt: skip
    return int(row[0] or 0) if row else 0


async def sizes(call: Call, stream: Stream, shard: int, after: int, limit: int) -> list[tuple[int, int]]:
    """The next records: sequence and size in bytes."""
    rows = await call.db.fetch(
        f"SELECT seq, size FROM kinesis_records WHERE {_OF_STREAM} AND shard = ? AND seq > ? ORDER BY seq LIMIT ?",
        stream.account, stream.region, stream.id, shard, after, limit,
    )  # fmt: skip
    return [(seq, size) for seq, size in rows]


RECORDS = (
    "SELECT seq, partition_key, lock, data FROM kinesis_records "
    f"WHERE {_OF_STREAM} AND shard = ? AND seq > ? AND seq <= ? ORDER BY seq"
)


def records_between(stream: Stream, shard: int, after: int, last: int) -> tuple[Any, ...]:
    """The values for RECORDS."""
    return stream.account, stream.region, stream.id, shard, after, last


async def delete_records(call: Call, stream_id: int, before: int, limit: int) -> bool:
    """Some of the records before a sequence, shard by shard; whether there may be more."""
    of = (call.account, call.region, stream_id)
    shards = await call.db.fetch(f"SELECT number FROM kinesis_shards WHERE {_OF_STREAM} ORDER BY number", *of)
    for (number,) in shards:
        deleted = await call.db.execute(
            f"DELETE FROM kinesis_records WHERE {_OF_STREAM} AND shard = ? AND seq IN "
            f"(SELECT seq FROM kinesis_records WHERE {_OF_STREAM} AND shard = ? AND seq < ? ORDER BY seq LIMIT ?)",
            *of, number, *of, number, before, limit,
        )  # fmt: skip
        limit -= deleted
        if limit <= 0:
            return True
    return False


def _run_of(call: Call, count: int) -> int:
    first = call.ids.sequence()
    for _ in range(count - 1):
        call.ids.sequence()
    return first


def _gone(shard: Shard, stream: Stream, now: int) -> bool:
    return shard.closed is not None and arrival(shard.closed) < arrival(stream.horizon(now))


def _stream(row: Any) -> Stream:
    facts: list[Any] = [*row[:8], orjson.loads(row[8]), orjson.loads(row[9])]
    return Stream(*facts)


def _shard(row: Any) -> Shard:
    number, first_hash, last_hash, *rest = row
    return Shard(number, int(first_hash), int(last_hash), *rest)


def _json(value: Any) -> str:
    return orjson.dumps(dict(value)).decode()
