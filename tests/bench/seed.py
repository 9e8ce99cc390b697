"""A backlog, made fast and off the clock: rows written straight into the database while no platform runs."""

from __future__ import annotations

import sqlite3
import uuid
from pathlib import Path


def messages(folder: Path, queue: str, count: int) -> None:
    """Put `count` visible messages into a queue that exists."""
    database = sqlite3.connect(folder / "undercast.db", isolation_level=None)
    database.execute("PRAGMA synchronous=OFF")
    (account, region, queue_id, created_at) = database.execute(
        "SELECT account, region, id, created_at FROM sqs_queues WHERE name = ?", (queue,)
    ).fetchone()
    rows = (
        (
            account,
            region,
            queue_id,
            (created_at << 20) + n,
            created_at,
            str(uuid.UUID(int=n)),
            "x" * 100,
            account,
            created_at,
        )
        for n in range(1, count + 1)
    )
    database.execute("BEGIN")
    database.executemany(
        "INSERT INTO sqs_messages (account, region, queue_id, seq, visible_at, id, body, attributes, system_attributes, "
        "sender_id, sent_at, first_received_at, receives) VALUES (?, ?, ?, ?, ?, ?, ?, '', '', ?, ?, 0, 0)",
        rows,
    )
    database.execute("COMMIT")
    database.close()
