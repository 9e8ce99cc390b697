"""A backlog, made fast and off the clock: rows written straight into the database while no platform runs."""

from __future__ import annotations

import sqlite3
import uuid
from pathlib import Path
from typing import Any


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


def executions(folder: Path, machine: str, count: int) -> None:
    """Make of the one waiting execution of a machine `count` more, each with its frame, history and timer."""
    database = sqlite3.connect(folder / "undercast.db", isolation_level=None)
    database.execute("PRAGMA synchronous=OFF")
    (number,) = database.execute("SELECT number FROM stepfunctions_executions WHERE machine = ?", (machine,)).fetchone()
    (job,) = database.execute("SELECT id FROM jobs WHERE service = 'stepfunctions' AND name = 'wake'").fetchone()
    database.execute("BEGIN")
    for table, key in (("executions", "number"), ("frames", "execution"), ("history", "execution")):
        _renumbered(
            database, f"stepfunctions_{table}", f"{key} = {number}", {str(number): number, str(job): job}, count
        )
    _renumbered(database, "jobs", f"id = {job}", {str(number): number, str(job): job}, count)
    database.execute("COMMIT")
    database.close()


def _renumbered(database: sqlite3.Connection, table: str, where: str, ids: dict[str, int], count: int) -> None:
    """Copies of rows in which ids are smaller by 1, 2, … wherever they are said; and names that end in the number."""
    columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
    marks = ", ".join("?" * len(columns))
    for row in database.execute(f"SELECT * FROM {table} WHERE {where}").fetchall():
        rows = (tuple(_changed(column, value, ids, n) for column, value in zip(columns, row, strict=True))
                for n in range(1, count + 1))  # fmt: skip
        database.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)


def _changed(column: str, value: Any, ids: dict[str, int], less: int) -> Any:
    if column == "name" and isinstance(value, str) and value.count("-") == 4:  # an execution's, a UUID
        return f"seeded-{less}"
    for text, id in ids.items():
        if value == id:
            return id - less
        if isinstance(value, bytes):
            value = value.replace(text.encode(), str(id - less).encode())
    return value


def objects(folder: Path, bucket: str, count: int) -> None:
    """Make of the one object in a bucket `count` more: key-0000001 and so on."""
    _copies(folder, "s3_objects", "bucket = ?", bucket, {"key": "CAST(printf('key-%07d', i) AS BLOB)"}, count)


def items(folder: Path, table: str, count: int) -> None:
    """Make of one item of a table `count` more under other partition keys, in the order in which they are stored."""
    where = "table_id = (SELECT id FROM dynamodb_tables WHERE name = ?)"
    _copies(folder, "dynamodb_items", where, table, {"pk": "CAST(printf('%012d', i) AS BLOB)"}, count)


def _copies(folder: Path, table: str, where: str, value: str, keys: dict[str, str], count: int) -> None:
    """Copies of the first row that is found, made by the database itself."""
    database = sqlite3.connect(folder / "undercast.db", isolation_level=None)
    database.execute("PRAGMA synchronous=OFF")
    columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
    database.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) "
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?), "
        f"first AS (SELECT * FROM {table} WHERE {where} LIMIT 1) "
        f"SELECT {', '.join(keys.get(column, column) for column in columns)} FROM n, first",
        (count, value),
    )
    database.close()
