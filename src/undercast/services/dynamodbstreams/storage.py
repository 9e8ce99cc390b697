"""All SQL of DynamoDB Streams."""

from __future__ import annotations

import orjson

from undercast.kit.call import Call
from undercast.services.dynamodbstreams.model import Record, Shard, Stream

_STREAM = (
    "account, region, resource, id, view_type, key_schema, created_at, disabled_at, next_number, rolls_at, trimmed, "
    "trims_at"
)
_SHARD = "first_number, last_number, id, parent_id, closed_at"
_OF_STREAM = "account = ? AND region = ? AND stream_id = ?"
_NAMED = "account = ? AND region = ? AND resource = ?"

# --- streams ---


async def find_stream(call: Call, resource: str) -> Stream | None:
    row = await call.db.fetch_one(
        f"SELECT {_STREAM} FROM dynamodbstreams_streams WHERE {_NAMED}", call.account, call.region, resource
    )
    return _stream(*row) if row else None


async def list_streams(call: Call, prefix: str, after: str, limit: int) -> list[Stream]:
    """The streams whose resource begins with `prefix` (table/ or table/{name}/), in order."""
    rows = await call.db.fetch(
        f"SELECT {_STREAM} FROM dynamodbstreams_streams WHERE account = ? AND region = ? AND resource > ? "
        "AND resource < ? ORDER BY resource LIMIT ?",
        call.account, call.region, max(after, prefix), prefix[:-1] + "0", limit,  # '0' comes after '/'
    )  # fmt: skip
    return [_stream(*row) for row in rows]


async def add_stream(call: Call, stream: Stream) -> None:
    await call.db.execute(
        f"INSERT INTO dynamodbstreams_streams ({_STREAM}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        stream.account, stream.region, stream.resource, stream.id, stream.view_type,
        orjson.dumps(stream.key_schema).decode(), stream.created_at, stream.disabled_at, stream.next_number,
        stream.rolls_at, stream.trimmed, stream.trims_at,
    )  # fmt: skip


async def disable_stream(call: Call, stream: Stream, trims_at: int) -> None:
    await call.db.execute(
        f"UPDATE dynamodbstreams_streams SET disabled_at = ?, trims_at = ? WHERE {_NAMED}",
        call.now, trims_at, stream.account, stream.region, stream.resource,
    )  # fmt: skip


async def take_number(call: Call, resource: str) -> Stream | None:
    """Give out the stream's next number: the answer's `next_number`, less one.

    The row is locked until the commit, so that numbers are in the order of the commits and no reader passes one that
    is still to come.
    """
    rows = await call.db.fetch(
        f"UPDATE dynamodbstreams_streams SET next_number = next_number + 1 WHERE {_NAMED} AND disabled_at = 0 "
        f"RETURNING {_STREAM}",
        call.account, call.region, resource,
    )  # fmt: skip
    return _stream(*rows[0]) if rows else None


async def set_times(call: Call, stream: Stream, *, rolls_at: int, trims_at: int) -> None:
    await call.db.execute(
        f"UPDATE dynamodbstreams_streams SET rolls_at = ?, trims_at = ? WHERE {_NAMED}",
        rolls_at, trims_at, stream.account, stream.region, stream.resource,
    )  # fmt: skip


async def set_trimmed(call: Call, stream: Stream, trimmed: int, trims_at: int) -> None:
    await call.db.execute(
        f"UPDATE dynamodbstreams_streams SET trimmed = ?, trims_at = ? WHERE {_NAMED}",
        trimmed, trims_at, stream.account, stream.region, stream.resource,
    )  # fmt: skip


async def delete_stream(call: Call, stream: Stream) -> None:
    """With its shards; its records are gone."""
    await call.db.execute(
        f"DELETE FROM dynamodbstreams_shards WHERE {_OF_STREAM}", stream.account, stream.region, stream.id
    )
    await call.db.execute(
        f"DELETE FROM dynamodbstreams_streams WHERE {_NAMED}", stream.account, stream.region, stream.resource
    )


# --- shards ---


async def shards(call: Call, stream: Stream, after: int, limit: int) -> list[Shard]:
    """Shards whose first number is larger than `after`, in order."""
    rows = await call.db.fetch(
        f"SELECT {_SHARD} FROM dynamodbstreams_shards WHERE {_OF_STREAM} AND first_number > ? "
        "ORDER BY first_number LIMIT ?",
        stream.account, stream.region, stream.id, after, limit,
    )  # fmt: skip
    return [Shard(*row) for row in rows]


async def find_shard(call: Call, stream: Stream, shard_id: str) -> Shard | None:
    row = await call.db.fetch_one(
        f"SELECT {_SHARD} FROM dynamodbstreams_shards WHERE {_OF_STREAM} AND id = ?",
        stream.account, stream.region, stream.id, shard_id,
    )  # fmt: skip
    return Shard(*row) if row else None


async def open_shard(call: Call, stream: Stream) -> Shard | None:
    row = await call.db.fetch_one(
        f"SELECT {_SHARD} FROM dynamodbstreams_shards WHERE {_OF_STREAM} AND last_number = 0 "
        "ORDER BY first_number DESC LIMIT 1",
        stream.account, stream.region, stream.id,
    )  # fmt: skip
    return Shard(*row) if row else None


async def add_shard(call: Call, stream: Stream, shard: Shard) -> None:
    await call.db.execute(
        f"INSERT INTO dynamodbstreams_shards (account, region, stream_id, {_SHARD}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        stream.account, stream.region, stream.id, shard.first_number, shard.last_number, shard.id, shard.parent_id,
        shard.closed_at,
    )  # fmt: skip


async def close_shard(call: Call, stream: Stream, shard: Shard, last_number: int) -> None:
    await call.db.execute(
        f"UPDATE dynamodbstreams_shards SET last_number = ?, closed_at = ? WHERE {_OF_STREAM} AND first_number = ?",
        last_number, call.now, stream.account, stream.region, stream.id, shard.first_number,
    )  # fmt: skip


async def delete_closed_shards(call: Call, stream: Stream, closed_before: int) -> None:
    await call.db.execute(
        f"DELETE FROM dynamodbstreams_shards WHERE {_OF_STREAM} AND last_number > 0 AND closed_at <= ?",
        stream.account, stream.region, stream.id, closed_before,
    )  # fmt: skip


# --- records ---


async def add_record(call: Call, stream: Stream, record: Record) -> None:
    await call.db.execute(
        "INSERT INTO dynamodbstreams_records (account, region, stream_id, number, at, event_id, record) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        stream.account, stream.region, stream.id, record.number, record.at, record.event_id, record.body,
    )  # fmt: skip


async def records(call: Call, stream: Stream, first: int, last: int, since: int, limit: int) -> list[Record]:
    """Records from number `first` to `last` that are younger than `since`."""
    rows = await call.db.fetch(
        f"SELECT number, at, event_id, record FROM dynamodbstreams_records WHERE {_OF_STREAM} AND number >= ? "
        "AND number <= ? AND at > ? ORDER BY number LIMIT ?",
        stream.account, stream.region, stream.id, first, last, since, limit,
    )  # fmt: skip
    return [Record(*row) for row in rows]


async def time_of_next(call: Call, stream: Stream, number: int) -> int | None:
    """When the first record from `number` on was written."""
    row = await call.db.fetch_one(
        f"SELECT at FROM dynamodbstreams_records WHERE {_OF_STREAM} AND number >= ? ORDER BY number LIMIT 1",
        stream.account, stream.region, stream.id, number,
    )  # fmt: skip
    return row[0] if row else None


async def first_at(call: Call, stream: Stream, shard: Shard, at: int) -> int | None:
    """The number of the shard's first record that was written at a time or after it."""
    row = await call.db.fetch_one(
        f"SELECT number FROM dynamodbstreams_records WHERE {_OF_STREAM} AND number >= ? AND number <= ? AND at >= ? "
        "ORDER BY number LIMIT 1",
        stream.account, stream.region, stream.id, shard.first_number, shard.last_number or 2**62, at,
    )  # fmt: skip
    return row[0] if row else None


async def delete_oldest(call: Call, stream: Stream, written_before: int, limit: int) -> list[int]:
    """Delete records, the oldest first; their numbers."""
    rows = await call.db.fetch(
        f"DELETE FROM dynamodbstreams_records WHERE {_OF_STREAM} AND number IN (SELECT number "
        f"FROM dynamodbstreams_records WHERE {_OF_STREAM} ORDER BY number LIMIT ?) AND at <= ? RETURNING number",
        stream.account, stream.region, stream.id, stream.account, stream.region, stream.id, limit, written_before,
    )  # fmt: skip
    return [row[0] for row in rows]


def _stream(
    account: str, region: str, resource: str, id: int, view_type: str, key_schema: str, *numbers: int
) -> Stream:
    return Stream(account, region, resource, id, view_type, orjson.loads(key_schema), *numbers)
