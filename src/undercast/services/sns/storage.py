"""All SQL of SNS but that of phones and apps."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.services.sns.errors import NotFound
from undercast.services.sns.model import Subscription, Topic

_TOPIC = "account, region, name, created_at, attributes, tags, data_protection"
_SUBSCRIPTION = (
    "account, region, topic, id, protocol, endpoint, owner, principal, state, token, authenticated, "
    "owner_unsubscribes, attributes"
)
_OF_TOPIC = "account = ? AND region = ? AND topic = ?"

# --- topics ---


async def find_topic(call: Call, arn: Arn) -> Topic:
    """The topic that an ARN names. NotFound."""
    topic = await find_topic_by_name(call, arn.account, arn.region, arn.resource)
    if topic is None:
        raise NotFound()
    return topic


async def find_topic_by_name(call: Call, account: str, region: str, name: str) -> Topic | None:
    row = await call.db.fetch_one(
        f"SELECT {_TOPIC} FROM sns_topics WHERE account = ? AND region = ? AND name = ?", account, region, name
    )
    return _topic(*row) if row else None


async def list_topics(call: Call, after: str, limit: int) -> list[str]:
    """The names of topics."""
    rows = await call.db.fetch(
        "SELECT name FROM sns_topics WHERE account = ? AND region = ? AND name > ? ORDER BY name LIMIT ?",
        call.account, call.region, after, limit,
    )  # fmt: skip
    return [row[0] for row in rows]


async def add_topic(call: Call, topic: Topic) -> None:
    await call.db.execute(
        f"INSERT INTO sns_topics ({_TOPIC}) VALUES (?, ?, ?, ?, ?, ?, ?)",
        topic.account, topic.region, topic.name, topic.created_at, _json(topic.attributes), _json(topic.tags),
        topic.data_protection,
    )  # fmt: skip


async def save_topic(call: Call, topic: Topic) -> None:
    await call.db.execute(
        "UPDATE sns_topics SET attributes = ?, tags = ?, data_protection = ? "
        "WHERE account = ? AND region = ? AND name = ?",
        _json(topic.attributes), _json(topic.tags), topic.data_protection, topic.account, topic.region, topic.name,
    )  # fmt: skip


async def delete_topic(call: Call, topic: Topic) -> None:
    """Delete a topic, its subscriptions and what is remembered of its messages."""
    where = (topic.account, topic.region, topic.name)
    await call.db.execute("DELETE FROM sns_topics WHERE account = ? AND region = ? AND name = ?", *where)
    await call.db.execute(f"DELETE FROM sns_subscriptions WHERE {_OF_TOPIC}", *where)
    await call.db.execute(f"DELETE FROM sns_recent WHERE {_OF_TOPIC}", *where)


# --- subscriptions ---


async def confirmed_subscriptions(call: Call, topic: Topic) -> list[Subscription]:
    """All who get the topic's messages."""
    rows = await call.db.fetch(
        f"SELECT {_SUBSCRIPTION} FROM sns_subscriptions WHERE {_OF_TOPIC} AND state = 'confirmed'",
        topic.account, topic.region, topic.name,
    )  # fmt: skip
    return [_subscription(*row) for row in rows]


async def find_subscription(call: Call, topic: Arn, id: str) -> Subscription:
    """A subscription that is not deleted. NotFound."""
    row = await call.db.fetch_one(
        f"SELECT {_SUBSCRIPTION} FROM sns_subscriptions WHERE {_OF_TOPIC} AND id = ? AND state <> 'deleted'",
        topic.account, topic.region, topic.resource, id,
    )  # fmt: skip
    if row is None:
        raise NotFound("Subscription does not exist")
    return _subscription(*row)


async def load_subscription(call: Call, topic: str, id: str) -> Subscription | None:
    """A subscription in any state."""
    row = await call.db.fetch_one(
        f"SELECT {_SUBSCRIPTION} FROM sns_subscriptions WHERE {_OF_TOPIC} AND id = ?",
        call.account, call.region, topic, id,
    )  # fmt: skip
    return _subscription(*row) if row else None


async def find_subscription_by_endpoint(call: Call, topic: Topic, protocol: str, endpoint: str) -> Subscription | None:
    row = await call.db.fetch_one(
        f"SELECT {_SUBSCRIPTION} FROM sns_subscriptions WHERE {_OF_TOPIC} AND protocol = ? AND endpoint = ?",
        topic.account, topic.region, topic.name, protocol, endpoint,
    )  # fmt: skip
    return _subscription(*row) if row else None


async def list_subscriptions(call: Call, after: tuple[str, str], limit: int, topic: str = "") -> list[Subscription]:
    """Subscriptions after a topic and id: all of the account and region, or one topic's."""
    rows = await call.db.fetch(
        f"SELECT {_SUBSCRIPTION} FROM sns_subscriptions WHERE account = ? AND region = ? AND state <> 'deleted' "
        f"AND (topic > ? OR (topic = ? AND id > ?)) {'AND topic = ? ' if topic else ''}ORDER BY topic, id LIMIT ?",
        call.account, call.region, after[0], *after, *([topic] if topic else []), limit,
    )  # fmt: skip
    return [_subscription(*row) for row in rows]


async def count_subscriptions(call: Call, topic: Topic) -> dict[str, int]:
    """How many are in each state."""
    rows = await call.db.fetch(
        f"SELECT state, COUNT(*) FROM sns_subscriptions WHERE {_OF_TOPIC} GROUP BY state",
        topic.account, topic.region, topic.name,
    )  # fmt: skip
    return {row[0]: row[1] for row in rows}


async def add_subscription(call: Call, it: Subscription) -> None:
    await call.db.execute(
        f"INSERT INTO sns_subscriptions ({_SUBSCRIPTION}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        it.account, it.region, it.topic, it.id, it.protocol, it.endpoint, it.owner, it.principal, it.state, it.token,
        it.authenticated, it.owner_unsubscribes, _json(it.attributes),
    )  # fmt: skip


async def save_subscription(call: Call, it: Subscription) -> None:
    await call.db.execute(
        "UPDATE sns_subscriptions SET state = ?, token = ?, authenticated = ?, owner_unsubscribes = ?, attributes = ? "
        f"WHERE {_OF_TOPIC} AND id = ?",
        it.state, it.token, it.authenticated, it.owner_unsubscribes, _json(it.attributes),
        it.account, it.region, it.topic, it.id,
    )  # fmt: skip


async def delete_subscription(call: Call, topic: str, id: str) -> None:
    await call.db.execute(
        f"DELETE FROM sns_subscriptions WHERE {_OF_TOPIC} AND id = ?", call.account, call.region, topic, id
    )


# --- what happened in the last five minutes ---


async def claim(
    call: Call, topic: Topic, token: str, expires_at: int, message_id: str, number: str
) -> tuple[str, str] | None:
    """Remember a message; or say which message was published with this token before (id and sequence number)."""
    where = (topic.account, topic.region, topic.name)
    await call.db.execute(
        f"DELETE FROM sns_recent WHERE {_OF_TOPIC} AND token IN "
        f"(SELECT token FROM sns_recent WHERE {_OF_TOPIC} AND expires_at <= ? LIMIT 10)",
        *where, *where, call.now,
    )  # fmt: skip
    rows = await call.db.fetch(
        "INSERT INTO sns_recent (account, region, topic, token, expires_at, message_id, sequence_number) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, region, topic, token) DO UPDATE SET "
        "expires_at = excluded.expires_at, message_id = excluded.message_id, "
        "sequence_number = excluded.sequence_number WHERE sns_recent.expires_at <= ? RETURNING token",
        *where, token, expires_at, message_id, number, call.now,
    )  # fmt: skip
    if rows:
        return None
    earlier = await call.db.fetch_one(
        f"SELECT message_id, sequence_number FROM sns_recent WHERE {_OF_TOPIC} AND token = ?", *where, token
    )
    return (earlier[0], earlier[1]) if earlier else None


# --- captured messages ---

_CAPTURED_LIMIT_MS = 7 * 24 * 3600 * 1000


async def capture(call: Call, protocol: str, target: str, content: dict[str, Any]) -> None:
    """Keep what would leave for a phone, a mailbox or an app; forget a few that are a week old."""
    await call.db.execute(
        "DELETE FROM sns_captured WHERE account = ? AND region = ? AND seq IN (SELECT seq FROM sns_captured "
        "WHERE account = ? AND region = ? AND seq < ? ORDER BY seq LIMIT 10)",
        call.account, call.region, call.account, call.region, (call.now - _CAPTURED_LIMIT_MS) << 20,
    )  # fmt: skip
    await call.db.execute(
        "INSERT INTO sns_captured (account, region, seq, protocol, target, content) VALUES (?, ?, ?, ?, ?, ?)",
        call.account, call.region, call.ids.sequence(), protocol, target, _json(content),
    )  # fmt: skip


async def list_captured(
    call: Call, protocol: str, target: str, after: int, limit: int
) -> list[tuple[int, str, str, dict[str, Any]]]:
    filters = {"protocol": protocol, "target": target}
    wanted = {column: value for column, value in filters.items() if value}
    rows = await call.db.fetch(
        "SELECT seq, protocol, target, content FROM sns_captured WHERE account = ? AND region = ? AND seq > ? "
        + "".join(f"AND {column} = ? " for column in wanted) + "ORDER BY seq LIMIT ?",
        call.account, call.region, after, *wanted.values(), limit,
    )  # fmt: skip
    return [(row[0], row[1], row[2], orjson.loads(row[3])) for row in rows]


async def forget_captured(call: Call) -> int:
    return await call.db.execute("DELETE FROM sns_captured WHERE account = ? AND region = ?", call.account, call.region)


# --- the signing key ---


async def find_signing_key(call: Call) -> tuple[str, bytes, bytes] | None:
    """Id, private key and certificate (PEM)."""
    row = await call.db.fetch_one(
        "SELECT id, private_key, certificate FROM sns_signing_keys WHERE account = '' AND region = '' AND slot = 0"
    )
    return (row[0], bytes(row[1]), bytes(row[2])) if row else None


async def add_signing_key(call: Call, id: str, private_key: bytes, certificate: bytes) -> None:
    await call.db.execute(
        "INSERT INTO sns_signing_keys (account, region, slot, id, private_key, certificate) VALUES ('', '', 0, ?, ?, ?) "
        "ON CONFLICT DO NOTHING",
        id, private_key, certificate,
    )  # fmt: skip


@lru_cache(maxsize=4096)
def _topic(
    account: str, region: str, name: str, created_at: int, attributes: str, tags: str, data_protection: str
) -> Topic:
    return Topic(account, region, name, created_at, orjson.loads(attributes), orjson.loads(tags), data_protection)


@lru_cache(maxsize=16_384)
def _subscription(*row: Any) -> Subscription:
    fields = (*row[:-1], orjson.loads(row[-1]))
    return Subscription(*fields)


def _json(value: Mapping[str, Any]) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
