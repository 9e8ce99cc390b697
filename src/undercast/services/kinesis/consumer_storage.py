"""All SQL on consumers with enhanced fan-out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from undercast.kit.call import Call

from . import errors
from .model import Stream

_OF_STREAM = "account = ? AND region = ? AND stream_id = ?"
_COLUMNS = "name, created_at, settings, tags"


@dataclass(frozen=True, slots=True)
class Consumer:
    """One consumer of a stream."""

    stream: Stream
    name: str
    created_at: int
    settings: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        return f"{self.stream.arn}/consumer/{self.name}:{self.created_at // 1000}"

    def describe(self, status: str = "ACTIVE") -> dict[str, Any]:
        """As modelled."""
        return {
            "ConsumerName": self.name,
            "ConsumerARN": self.arn,
            "ConsumerStatus": status,
            "ConsumerCreationTimestamp": self.created_at,
        }


async def find(call: Call, stream: Stream, name: str) -> Consumer:
    """ResourceNotFoundException."""
    row = await call.db.fetch_one(
        f"SELECT {_COLUMNS} FROM kinesis_consumers WHERE {_OF_STREAM} AND name = ?",
        stream.account, stream.region, stream.id, name,
    )  # fmt: skip
    if row is None:
        raise errors.ResourceNotFoundException(f"Consumer {name} under stream {stream.arn} not found.")
    return _consumer(stream, row)


async def list_consumers(call: Call, stream: Stream, after: str, limit: int) -> list[Consumer]:
    rows = await call.db.fetch(
        f"SELECT {_COLUMNS} FROM kinesis_consumers WHERE {_OF_STREAM} AND name > ? ORDER BY name LIMIT ?",
        stream.account, stream.region, stream.id, after, limit,
    )  # fmt: skip
    return [_consumer(stream, row) for row in rows]


async def count(call: Call, stream: Stream) -> int:
    row = await call.db.fetch_one(
        f"SELECT count(*) FROM kinesis_consumers WHERE {_OF_STREAM}", stream.account, stream.region, stream.id
    )
    return int(row[0]) if row else 0


async def save(call: Call, consumer: Consumer) -> None:
    stream = consumer.stream
    await call.db.execute(
        f"INSERT INTO kinesis_consumers (account, region, stream_id, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, stream_id, name) DO UPDATE SET settings = excluded.settings, tags = excluded.tags",
        stream.account, stream.region, stream.id, consumer.name, consumer.created_at,
        orjson.dumps(dict(consumer.settings)).decode(), orjson.dumps(dict(consumer.tags)).decode(),
    )  # fmt: skip


async def delete(call: Call, consumer: Consumer) -> None:
    stream = consumer.stream
    await call.db.execute(
        f"DELETE FROM kinesis_consumers WHERE {_OF_STREAM} AND name = ?",
        stream.account, stream.region, stream.id, consumer.name,
    )  # fmt: skip


def _consumer(stream: Stream, row: Any) -> Consumer:
    name, created_at, settings, tags = row
    return Consumer(stream, name, created_at, orjson.loads(settings), orjson.loads(tags))
