"""All SQL of SQS."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.services.sqs import errors
from undercast.services.sqs.model import Message, Queue, Receipt, queue_name

_QUEUE = "account, region, name, id, created_at, modified_at, purged_at, attributes, tags"
_MESSAGE = (
    "seq, visible_at, id, body, attributes, system_attributes, sender_id, sent_at, first_received_at, receives, "
    "group_id, dedup_id, source_arn, lock"
)
_OF_QUEUE = "account = ? AND region = ? AND queue_id = ?"

# --- queues ---


async def find_queue(call: Call, url: str) -> Queue:
    """The queue that a URL names. QueueDoesNotExist."""
    account, name = queue_name(url)
    queue = await find_queue_by_name(call, name, account or call.account)
    if queue is None:
        raise _no_queue(call)
    return queue


async def find_queue_by_name(call: Call, name: str, account: str = "") -> Queue | None:
    row = await call.db.fetch_one(
        f"SELECT {_QUEUE} FROM sqs_queues WHERE account = ? AND region = ? AND name = ?",
        account or call.account, call.region, name,
    )  # fmt: skip
    return _queue(*row) if row else None


async def list_queues(call: Call, prefix: str, after: str, limit: int) -> list[Queue]:
    rows = await call.db.fetch(
        f"SELECT {_QUEUE} FROM sqs_queues WHERE account = ? AND region = ? AND name > ? AND substr(name, 1, ?) = ? "
        "ORDER BY name LIMIT ?",
        call.account, call.region, after, len(prefix), prefix, limit,
    )  # fmt: skip
    return [_queue(*row) for row in rows]


async def queues_with_redrive(call: Call) -> list[Queue]:
    rows = await call.db.fetch(
        f"SELECT {_QUEUE} FROM sqs_queues WHERE account = ? AND region = ? AND attributes LIKE '%RedrivePolicy%' "
        "ORDER BY name",
        call.account, call.region,
    )  # fmt: skip
    return [_queue(*row) for row in rows]


async def add_queue(call: Call, queue: Queue) -> None:
    await call.db.execute(
        f"INSERT INTO sqs_queues ({_QUEUE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        queue.account, queue.region, queue.name, queue.id, queue.created_at, queue.modified_at, queue.purged_at,
        _json(queue.attributes), _json(queue.tags),
    )  # fmt: skip


async def save_queue(call: Call, queue: Queue) -> None:
    await call.db.execute(
        "UPDATE sqs_queues SET id = ?, modified_at = ?, purged_at = ?, attributes = ?, tags = ? "
        "WHERE account = ? AND region = ? AND name = ?",
        queue.id, queue.modified_at, queue.purged_at, _json(queue.attributes), _json(queue.tags),
        queue.account, queue.region, queue.name,
    )  # fmt: skip


async def delete_queue(call: Call, queue: Queue) -> None:
    await call.db.execute(
        "DELETE FROM sqs_queues WHERE account = ? AND region = ? AND name = ?", queue.account, queue.region, queue.name
    )


# --- messages ---


async def add_message(call: Call, queue: Queue, message: Message) -> None:
    fifo_group = message.group_id if queue.fifo else None
    await call.db.execute(
        f"INSERT INTO sqs_messages (account, region, queue_id, {_MESSAGE}, fifo_group) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        queue.account, queue.region, queue.id, message.seq, message.visible_at, message.id, message.body,
        message.attributes, message.system_attributes, message.sender_id, message.sent_at, message.first_received_at,
        message.receives, message.group_id, message.dedup_id, message.source_arn, message.lock, fifo_group,
    )  # fmt: skip
    if fifo_group is not None:
        await call.db.execute(
            "INSERT INTO sqs_groups (account, region, queue_id, fifo_group, free_at, head) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (account, region, queue_id, fifo_group) DO UPDATE SET head = sqs_groups.head",  # locks it
            queue.account, queue.region, queue.id, fifo_group, message.visible_at, message.seq,
        )  # fmt: skip


async def find_message(call: Call, queue: Queue, receipt: Receipt) -> Message | None:
    row = await call.db.fetch_one(
        f"SELECT {_MESSAGE} FROM sqs_messages WHERE {_OF_QUEUE} AND seq = ?",
        queue.account, queue.region, receipt.queue_id, receipt.seq,
    )  # fmt: skip
    return Message(*row) if row else None


async def delete_message(call: Call, queue: Queue, receipt: Receipt) -> None:
    rows = await call.db.fetch(
        f"DELETE FROM sqs_messages WHERE {_OF_QUEUE} AND seq = ? RETURNING fifo_group",
        queue.account, queue.region, receipt.queue_id, receipt.seq,
    )  # fmt: skip
    if rows and rows[0][0] is not None:
        await settle_group(call, queue, rows[0][0])


async def claim_messages(call: Call, queue: Queue, limit: int, hide_until: int) -> list[Message]:
    """Take up to `limit` visible messages of a standard queue and hide them."""
    rows = await call.db.fetch(
        # MATERIALIZED: PostgreSQL could run the choice once for every row, and so take more than the limit
        f"WITH chosen AS MATERIALIZED (SELECT seq FROM sqs_messages WHERE {_OF_QUEUE} AND visible_at <= ? "
        "ORDER BY visible_at, seq LIMIT ? FOR UPDATE SKIP LOCKED) "
        "UPDATE sqs_messages SET visible_at = ?, receives = receives + 1, "
        "first_received_at = CASE WHEN first_received_at = 0 THEN ? ELSE first_received_at END "
        f"WHERE {_OF_QUEUE} AND seq IN (SELECT seq FROM chosen) RETURNING {_MESSAGE}",
        queue.account, queue.region, queue.id, call.now, limit, hide_until, call.now,
        queue.account, queue.region, queue.id,
    )  # fmt: skip
    return sorted((Message(*row) for row in rows), key=lambda message: message.seq)


async def claim_group_messages(call: Call, queue: Queue, limit: int, hide_until: int) -> list[Message]:
    """Take up to `limit` messages of the free groups of a FIFO queue, in order, and hide them."""
    groups = await call.db.fetch(
        f"SELECT fifo_group FROM sqs_groups WHERE {_OF_QUEUE} AND free_at <= ? ORDER BY free_at, head LIMIT ? "
        "FOR UPDATE SKIP LOCKED",
        queue.account, queue.region, queue.id, call.now, limit,
    )  # fmt: skip
    claimed: list[Message] = []
    for (group,) in groups:
        if len(claimed) == limit:
            break
        claimed += await _claim_group(call, queue, group, limit - len(claimed), hide_until)
        await settle_group(call, queue, group)
    return claimed


async def _claim_group(call: Call, queue: Queue, group: str, limit: int, hide_until: int) -> list[Message]:
    rows = await call.db.fetch(
        "UPDATE sqs_messages SET visible_at = ?, receives = receives + 1, "
        "first_received_at = CASE WHEN first_received_at = 0 THEN ? ELSE first_received_at END "
        f"WHERE {_OF_QUEUE} AND visible_at <= ? AND seq IN (SELECT seq FROM sqs_messages WHERE {_OF_QUEUE} "
        f"AND fifo_group = ? ORDER BY seq LIMIT ?) RETURNING {_MESSAGE}",
        hide_until, call.now, queue.account, queue.region, queue.id, call.now,
        queue.account, queue.region, queue.id, group, limit,
    )  # fmt: skip
    return sorted((Message(*row) for row in rows), key=lambda message: message.seq)


async def settle_group(call: Call, queue: Queue, group: str) -> None:
    """Say when a group is free again: when nothing of it is in flight. At most ten messages of a group ever are.

    The group is locked before its messages are read, so that none is added meanwhile to a group that ends here.
    """
    where = (queue.account, queue.region, queue.id, group)
    await call.db.fetch(f"SELECT head FROM sqs_groups WHERE {_OF_QUEUE} AND fifo_group = ? FOR UPDATE", *where)
    rows = await call.db.fetch(
        f"SELECT seq, visible_at, receives FROM sqs_messages WHERE {_OF_QUEUE} AND fifo_group = ? ORDER BY seq LIMIT 10",
        *where,
    )
    if not rows:
        await call.db.execute(f"DELETE FROM sqs_groups WHERE {_OF_QUEUE} AND fifo_group = ?", *where)
        return
    in_flight = [visible_at for _, visible_at, receives in rows if receives and visible_at > call.now]
    free_at = max(in_flight, default=rows[0][1])
    await call.db.execute(
        f"UPDATE sqs_groups SET free_at = ?, head = ? WHERE {_OF_QUEUE} AND fifo_group = ?", free_at, rows[0][0], *where
    )
    call.notify(queue.channel)


async def hide_message(call: Call, queue: Queue, message: Message, visible_at: int) -> None:
    await call.db.execute(
        f"UPDATE sqs_messages SET visible_at = ? WHERE {_OF_QUEUE} AND seq = ?",
        visible_at, queue.account, queue.region, queue.id, message.seq,
    )  # fmt: skip
    if queue.fifo and message.group_id is not None:
        await settle_group(call, queue, message.group_id)


async def next_visible_at(call: Call, queue: Queue) -> int | None:
    """When the next hidden message may be received."""
    table, column = ("sqs_groups", "free_at") if queue.fifo else ("sqs_messages", "visible_at")
    row = await call.db.fetch_one(
        f"SELECT {column} FROM {table} WHERE {_OF_QUEUE} AND {column} > ? ORDER BY {column} LIMIT 1",
        queue.account, queue.region, queue.id, call.now,
    )  # fmt: skip
    return row[0] if row else None


async def oldest_messages(call: Call, queue: Queue, limit: int) -> list[Message]:
    rows = await call.db.fetch(
        f"SELECT {_MESSAGE} FROM sqs_messages WHERE {_OF_QUEUE} AND visible_at <= ? ORDER BY visible_at, seq LIMIT ? "
        "FOR UPDATE SKIP LOCKED",
        queue.account, queue.region, queue.id, call.now, limit,
    )  # fmt: skip
    return [Message(*row) for row in rows]


async def delete_oldest(call: Call, queue_id: int, limit: int, sent_before: int) -> list[str | None]:
    """Delete messages of a generation that were sent before a time; the group of each in a FIFO queue."""
    rows = await call.db.fetch(
        f"DELETE FROM sqs_messages WHERE {_OF_QUEUE} AND sent_at < ? AND seq IN "
        f"(SELECT seq FROM sqs_messages WHERE {_OF_QUEUE} ORDER BY seq LIMIT ?) RETURNING fifo_group",
        call.account, call.region, queue_id, sent_before, call.account, call.region, queue_id, limit,
    )  # fmt: skip
    return [row[0] for row in rows]


async def oldest_sent_at(call: Call, queue: Queue) -> int | None:
    row = await call.db.fetch_one(
        f"SELECT sent_at FROM sqs_messages WHERE {_OF_QUEUE} ORDER BY seq LIMIT 1",
        queue.account,
        queue.region,
        queue.id,
    )
    return row[0] if row else None


async def forget_generation(call: Call, queue_id: int) -> None:
    for table in ("sqs_groups", "sqs_recent"):
        await call.db.execute(f"DELETE FROM {table} WHERE {_OF_QUEUE}", call.account, call.region, queue_id)


async def count_messages(call: Call, queue: Queue) -> tuple[int, int, int]:
    """Visible, in flight and delayed messages, counted beside the writer."""
    where = (queue.account, queue.region, queue.id)
    ((total,),) = await call.platform.store.scan(f"SELECT COUNT(*) FROM sqs_messages WHERE {_OF_QUEUE}", *where)
    ((hidden, delayed),) = await call.platform.store.scan(
        "SELECT COUNT(*), COALESCE(SUM(CASE WHEN receives = 0 THEN 1 ELSE 0 END), 0) FROM sqs_messages "
        f"WHERE {_OF_QUEUE} AND visible_at > ?",
        *where, call.now,
    )  # fmt: skip
    return total - hidden, hidden - int(delayed), int(delayed)


async def count_in_flight(call: Call, queue: Queue, limit: int) -> int:
    """Messages in flight, counted up to a limit."""
    row = await call.db.fetch_one(
        f"SELECT COUNT(*) FROM (SELECT 1 FROM sqs_messages WHERE {_OF_QUEUE} AND visible_at > ? AND receives > 0 LIMIT ?) "
        "in_flight",
        queue.account, queue.region, queue.id, call.now, limit,
    )  # fmt: skip
    return int(row[0]) if row else 0


# --- what happened in the last five minutes ---


async def recent(call: Call, queue: Queue, token: str) -> Any:
    row = await call.db.fetch_one(
        f"SELECT outcome FROM sqs_recent WHERE {_OF_QUEUE} AND token = ? AND expires_at > ?",
        queue.account, queue.region, queue.id, token, call.now,
    )  # fmt: skip
    return orjson.loads(row[0]) if row else None


async def remember_once(call: Call, queue: Queue, token: str, expires_at: int, outcome: object) -> Any:
    """Keep an outcome until `expires_at` and answer None; or answer the one that is kept. One of two racers wins."""
    await _forget_expired(call, queue)
    rows = await call.db.fetch(
        "INSERT INTO sqs_recent (account, region, queue_id, token, expires_at, outcome) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, queue_id, token) DO UPDATE SET expires_at = excluded.expires_at, "
        "outcome = excluded.outcome WHERE sqs_recent.expires_at <= ? RETURNING token",
        queue.account, queue.region, queue.id, token, expires_at, _json(outcome), call.now,
    )  # fmt: skip
    return None if rows else await recent(call, queue, token)


async def remember(call: Call, queue: Queue, token: str, expires_at: int, outcome: object) -> None:
    """Keep an outcome until `expires_at`."""
    await _forget_expired(call, queue)
    await call.db.execute(
        "INSERT INTO sqs_recent (account, region, queue_id, token, expires_at, outcome) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, queue_id, token) DO UPDATE SET expires_at = excluded.expires_at, "
        "outcome = excluded.outcome",
        queue.account, queue.region, queue.id, token, expires_at, _json(outcome),
    )  # fmt: skip


async def _forget_expired(call: Call, queue: Queue) -> None:
    """A few at a time, so that they do not pile up."""
    where = (queue.account, queue.region, queue.id)
    await call.db.execute(
        f"DELETE FROM sqs_recent WHERE {_OF_QUEUE} AND token IN "
        f"(SELECT token FROM sqs_recent WHERE {_OF_QUEUE} AND expires_at <= ? LIMIT 10)",
        *where, *where, call.now,
    )  # fmt: skip


# --- move tasks ---

_MOVE = "id, source, destination_arn, per_second, status, started_at, to_move, moved, failure"


async def add_move(call: Call, move: dict[str, Any]) -> None:
    await call.db.execute(
        f"INSERT INTO sqs_moves (account, region, {_MOVE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        call.account, call.region, *(move[column.strip()] for column in _MOVE.split(",")),
    )  # fmt: skip


async def find_move(call: Call, source: str, move_id: str) -> dict[str, Any] | None:
    row = await call.db.fetch_one(
        f"SELECT {_MOVE} FROM sqs_moves WHERE account = ? AND region = ? AND source = ? AND id = ?",
        call.account, call.region, source, move_id,
    )  # fmt: skip
    return _move(row) if row else None


async def list_moves(call: Call, source: str, limit: int) -> list[dict[str, Any]]:
    rows = await call.db.fetch(
        f"SELECT {_MOVE} FROM sqs_moves WHERE account = ? AND region = ? AND source = ? ORDER BY started_at DESC LIMIT ?",
        call.account, call.region, source, limit,
    )  # fmt: skip
    return [_move(row) for row in rows]


async def save_move(call: Call, move: dict[str, Any]) -> None:
    await call.db.execute(
        "UPDATE sqs_moves SET status = ?, moved = ?, failure = ? WHERE account = ? AND region = ? AND source = ? AND id = ?",
        move["status"], move["moved"], move["failure"], call.account, call.region, move["source"], move["id"],
    )  # fmt: skip


def _move(row: Any) -> dict[str, Any]:
    return dict(zip((column.strip() for column in _MOVE.split(",")), row, strict=True))


@lru_cache(maxsize=4096)
def _queue(
    account: str, region: str, name: str, id: int, created_at: int, modified_at: int, purged_at: int,
    attributes: str, tags: str,
) -> Queue:  # fmt: skip
    return Queue(
        account, region, name, id, created_at, modified_at, purged_at, orjson.loads(attributes), orjson.loads(tags)
    )


def speaks_query(call: Call) -> bool:
    """Whether the client speaks the query protocol, over which SQS answers some things otherwise."""
    return call.request is not None and "x-amz-target" not in call.request.headers


def _no_queue(call: Call) -> errors.QueueDoesNotExist:
    if speaks_query(call):  # recorded: test_non_existent_queue
        return errors.QueueDoesNotExist("The specified queue does not exist for this wsdl version.")
    return errors.QueueDoesNotExist()


def _json(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
