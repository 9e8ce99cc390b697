"""How far readers came: one row for a reader and shard."""

from __future__ import annotations

from undercast.kit.call import Call

from .model import Position

_OF = "account = ? AND region = ? AND reader = ?"


async def load(call: Call, reader: str) -> dict[str, Position]:
    """Where a reader is, by shard."""
    rows = await call.db.fetch(
        f"SELECT shard, position FROM shard_checkpoints WHERE {_OF}", call.account, call.region, reader
    )
    return {shard: Position.load(text) for shard, text in rows}


async def save(call: Call, reader: str, shard: str, position: Position) -> None:
    """Remember where a reader is in a shard."""
    await call.db.execute(
        "INSERT INTO shard_checkpoints (account, region, reader, shard, position) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, reader, shard) DO UPDATE SET position = excluded.position",
        call.account, call.region, reader, shard, position.dump(),
    )  # fmt: skip


async def drop(call: Call, reader: str, shard: str) -> None:
    """Forget a shard that is gone from its stream."""
    await call.db.execute(
        f"DELETE FROM shard_checkpoints WHERE {_OF} AND shard = ?", call.account, call.region, reader, shard
    )


async def forget(call: Call, reader: str) -> None:
    """Forget a reader: it is deleted, or begins anew."""
    await call.db.execute(f"DELETE FROM shard_checkpoints WHERE {_OF}", call.account, call.region, reader)
