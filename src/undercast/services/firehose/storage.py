"""All SQL of Firehose."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.services.firehose import errors
from undercast.services.firehose.model import Record, Stream

_STREAM = "account, region, name, id, type, version, created_at, updated_at, source, kind, settings, encryption, tags"
_OF_STREAM = "account = ? AND region = ? AND stream_id = ?"
_OF_HOLDER = "account = ? AND region = ? AND holder = ?"


async def find(call: Call, name: str) -> Stream:
    """ResourceNotFoundException when there is none."""
    row = await call.db.fetch_one(
        f"SELECT {_STREAM} FROM firehose_streams WHERE account = ? AND region = ? AND name = ?",
        call.account, call.region, name,
    )  # fmt: skip
    if row is None:
        raise errors.ResourceNotFoundException(f"Firehose {name} under account {call.account} not found.")
    return _stream(*row)


async def find_same(call: Call, name: str, id: int) -> Stream | None:
    """The stream if it is still the one with this id."""
    try:
        found = await find(call, name)
    except errors.ResourceNotFoundException:
        return None
    return found if found.id == id else None


async def add(call: Call, it: Stream) -> None:
    """ResourceInUseException when the name is taken."""
    added = await call.db.fetch(
        f"INSERT INTO firehose_streams ({_STREAM}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, name) DO NOTHING RETURNING id",
        it.account, it.region, it.name, it.id, it.type, it.version, it.created_at, it.updated_at, _json(it.source),
        it.kind, _json(it.settings), _json(it.encryption), _json(it.tags),
    )  # fmt: skip
    if not added:
        raise errors.ResourceInUseException(f"Firehose {it.name} under accountId {it.account} already exists")


async def save(call: Call, it: Stream) -> None:
    await call.db.execute(
        "UPDATE firehose_streams SET version = ?, updated_at = ?, kind = ?, settings = ?, encryption = ?, tags = ? "
        "WHERE account = ? AND region = ? AND name = ?",
        it.version, it.updated_at, it.kind, _json(it.settings), _json(it.encryption), _json(it.tags),
        it.account, it.region, it.name,
    )  # fmt: skip


async def save_change(call: Call, it: Stream, **changes: Any) -> Stream:
    """Save a change of configuration: it makes a new version."""
    changed = replace(it, version=it.version + 1, updated_at=call.now, **changes)
    await save(call, changed)
    return changed


async def delete(call: Call, it: Stream) -> None:
    """Forget a stream; what it holds goes with the job that would deliver it."""
    await call.db.execute(
        "DELETE FROM firehose_streams WHERE account = ? AND region = ? AND name = ?", it.account, it.region, it.name
    )
    await call.db.execute(f"DELETE FROM firehose_buffers WHERE {_OF_STREAM}", it.account, it.region, it.id)


async def list_names(call: Call, after: str, kind: str | None, limit: int) -> list[str]:
    """Names in order, after one of them, perhaps of one type only."""
    wanted, values = ("AND type = ? ", (kind,)) if kind else ("", ())
    rows = await call.db.fetch(
        f"SELECT name FROM firehose_streams WHERE account = ? AND region = ? AND name > ? {wanted}ORDER BY name LIMIT ?",
        call.account, call.region, after, *values, limit,
    )  # fmt: skip
    return [row[0] for row in rows]


# --- buffers ---


async def fill(call: Call, stream: Stream, size: int) -> tuple[int, int, int]:
    """Count bytes into the open buffer, or open one: its id, the bytes in it, the job that flushes it (0: none yet)."""
    (row,) = await call.db.fetch(
        "INSERT INTO firehose_buffers (account, region, stream_id, holder, bytes, job_id) VALUES (?, ?, ?, ?, ?, 0) "
        "ON CONFLICT (account, region, stream_id) DO UPDATE SET bytes = firehose_buffers.bytes + excluded.bytes "
        "RETURNING holder, bytes, job_id",
        stream.account, stream.region, stream.id, call.ids.sequence(), size,
    )  # fmt: skip
    return row[0], row[1], row[2]


async def set_job(call: Call, stream: Stream, job_id: int) -> None:
    await call.db.execute(
        f"UPDATE firehose_buffers SET job_id = ? WHERE {_OF_STREAM}", job_id, stream.account, stream.region, stream.id
    )


async def close(call: Call, stream: Stream, holder: int) -> None:
    """Let nothing more into a buffer."""
    await call.db.execute(
        f"DELETE FROM firehose_buffers WHERE {_OF_STREAM} AND holder = ?",
        stream.account, stream.region, stream.id, holder,
    )  # fmt: skip


# --- records ---


async def add_records(call: Call, holder: int, records: Iterable[Record], data_key: str) -> None:
    await call.db.execute_many(
        "INSERT INTO firehose_records (account, region, holder, seq, id, arrived_at, data, origin, data_key) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(call.account, call.region, holder, *record, data_key) for record in records],
    )


async def read_records(call: Call, holder: int) -> list[tuple[Record, str]]:
    """Committed records in order, each with its data key; there may be 128 MB of them, so this holds nobody up."""
    rows = await call.platform.store.scan(
        f"SELECT seq, id, arrived_at, data, origin, data_key FROM firehose_records WHERE {_OF_HOLDER} ORDER BY seq",
        call.account, call.region, holder,
    )  # fmt: skip
    return [(Record(*row[:5]), row[5]) for row in rows]


async def oldest_arrival(call: Call, holder: int) -> int | None:
    """When the oldest record of a holder arrived; None when it has none."""
    row = await call.db.fetch_one(
        f"SELECT MIN(arrived_at) FROM firehose_records WHERE {_OF_HOLDER}", call.account, call.region, holder
    )
    return row[0] if row else None


async def copy_records(call: Call, holder: int, copy: int) -> None:
    await call.db.execute(
        "INSERT INTO firehose_records (account, region, holder, seq, id, arrived_at, data, origin, data_key) "
        f"SELECT account, region, ?, seq, id, arrived_at, data, origin, data_key FROM firehose_records WHERE {_OF_HOLDER}",
        copy, call.account, call.region, holder,
    )  # fmt: skip


async def delete_records(call: Call, holder: int) -> None:
    await call.db.execute(f"DELETE FROM firehose_records WHERE {_OF_HOLDER}", call.account, call.region, holder)


async def keep_records(call: Call, holder: int, kept: Sequence[int]) -> None:
    """Delete all of a holder's records but those with these numbers."""
    rows = await call.db.fetch(
        f"SELECT seq FROM firehose_records WHERE {_OF_HOLDER}", call.account, call.region, holder
    )
    gone = {row[0] for row in rows} - set(kept)
    await call.db.execute_many(
        f"DELETE FROM firehose_records WHERE {_OF_HOLDER} AND seq = ?",
        [(call.account, call.region, holder, seq) for seq in gone],
    )


# --- who reads for a stream from its source ---


async def lease(call: Call, stream_id: int, node: str, until: int) -> bool:
    """Take or keep the right to read for a stream; False when another process has it."""
    rows = await call.db.fetch(
        "INSERT INTO firehose_readers (account, region, stream_id, node, reads_until) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, stream_id) DO UPDATE SET node = excluded.node, reads_until = excluded.reads_until "
        "WHERE firehose_readers.node = excluded.node OR firehose_readers.reads_until < ? RETURNING node",
        call.account, call.region, stream_id, node, until, call.now,
    )  # fmt: skip
    return bool(rows)


async def forget_reader(call: Call, stream_id: int) -> None:
    await call.db.execute(f"DELETE FROM firehose_readers WHERE {_OF_STREAM}", call.account, call.region, stream_id)


@lru_cache(maxsize=1024)
def _stream(
    account: str, region: str, name: str, id: int, type: str, version: int, created_at: int, updated_at: int,
    source: str, kind: str, settings: str, encryption: str, tags: str,
) -> Stream:  # fmt: skip
    parsed = (orjson.loads(source), kind, orjson.loads(settings), orjson.loads(encryption), orjson.loads(tags))
    return Stream(account, region, name, id, type, version, created_at, updated_at, *parsed)


def _json(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
