"""All SQL of server access logs."""

from __future__ import annotations

from undercast.kit.call import Call

_MOST = 10_000  # lines of one object


async def add_line(call: Call, bucket: str, line: str) -> None:
    await call.db.execute(
        "INSERT INTO s3_log_lines (account, bucket, seq, line) VALUES (?, ?, ?, ?)",
        call.account, bucket, call.ids.sequence(), line,
    )  # fmt: skip


async def list_lines(call: Call, bucket: str, limit: int = _MOST) -> list[tuple[int, str]]:
    """The oldest lines about a bucket, with their numbers."""
    rows = await call.db.fetch(
        "SELECT seq, line FROM s3_log_lines WHERE account = ? AND bucket = ? ORDER BY seq LIMIT ?",
        call.account, bucket, limit,
    )  # fmt: skip
    return [(seq, line) for seq, line in rows]


async def delete_lines(call: Call, bucket: str, last: int) -> None:
    """Delete the lines up to a number."""
    await call.db.execute(
        "DELETE FROM s3_log_lines WHERE account = ? AND bucket = ? AND seq <= ?", call.account, bucket, last
    )
