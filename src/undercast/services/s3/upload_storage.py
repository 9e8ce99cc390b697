"""All SQL of multipart uploads and parts."""

from __future__ import annotations

from dataclasses import dataclass

from undercast.kit.call import Call
from undercast.services.s3 import storage
from undercast.services.s3.model import Bucket, Part

_UPLOAD = "key, id, started_at, initiator, about, tags, disturbed"
_PART_FACTS = "upload, number, start, modified_at, size, etag, checksum, blob"
_PART = f"{_PART_FACTS}, data"
_SWEEP = 500  # parts that one job deletes


@dataclass(frozen=True, slots=True)
class Upload:
    """A multipart upload that is under way. `initiator`, `about` and `tags` are JSON."""

    key: bytes
    id: str
    started_at: int
    initiator: str
    about: str
    tags: str
    disturbed: int = 0


def new_id(call: Call) -> str:
    """A new upload's id; ids are in the order of their making."""
    return f"{call.ids.sequence():016x}{call.ids.hex(32)}"


async def add_upload(call: Call, bucket: Bucket, upload: Upload) -> None:
    await call.db.execute(
        f"INSERT INTO s3_uploads (account, bucket, {_UPLOAD}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)",
        bucket.account, bucket.name, upload.key, upload.id, upload.started_at, upload.initiator, upload.about,
        upload.tags,
    )  # fmt: skip


async def find_upload(call: Call, bucket: Bucket, key: bytes, upload_id: str) -> Upload | None:
    row = await call.db.fetch_one(
        f"SELECT {_UPLOAD} FROM s3_uploads WHERE account = ? AND bucket = ? AND key = ? AND id = ?",
        bucket.account, bucket.name, key, upload_id,
    )  # fmt: skip
    return Upload(*row) if row else None


async def delete_upload(call: Call, bucket: Bucket, upload: Upload) -> None:
    await call.db.execute(
        "DELETE FROM s3_uploads WHERE account = ? AND bucket = ? AND key = ? AND id = ?",
        bucket.account, bucket.name, upload.key, upload.id,
    )  # fmt: skip


async def disturb_uploads(call: Call, bucket: Bucket, key: bytes) -> None:
    """Remember on the uploads to a key that it was deleted while they are under way."""
    await call.db.execute(
        "UPDATE s3_uploads SET disturbed = 1 WHERE account = ? AND bucket = ? AND key = ?",
        bucket.account, bucket.name, key,
    )  # fmt: skip


async def list_uploads(
    call: Call, bucket: Bucket, after: tuple[bytes, str], prefix_end: bytes, limit: int
) -> list[Upload]:
    """Uploads after a key and id, in order."""
    end, values = ("AND key < ? ", [prefix_end]) if prefix_end else ("", [])
    rows = await call.db.fetch(
        f"SELECT {_UPLOAD} FROM s3_uploads WHERE account = ? AND bucket = ? AND (key, id) > (?, ?) {end}"
        "ORDER BY key, id LIMIT ?",
        bucket.account, bucket.name, *after, *values, limit,
    )  # fmt: skip
    return [Upload(*row) for row in rows]


async def put_part(call: Call, account: str, part: Part) -> None:
    """Add a part, or replace the one of its number; it names its file."""
    await storage.use_blob(call, account, part.blob)
    rows = await call.db.fetch(
        "DELETE FROM s3_parts WHERE account = ? AND upload = ? AND number = ? RETURNING blob",
        account, part.upload, part.number,
    )  # fmt: skip
    await _release(call, account, [blob for (blob,) in rows])
    await call.db.execute(
        f"INSERT INTO s3_parts (account, {_PART}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account, upload, number) DO NOTHING",
        account, part.upload, part.number, part.start, part.modified_at, part.size, part.etag, part.checksum,
        part.blob, part.data,
    )  # fmt: skip


async def list_parts(call: Call, account: str, upload: str, after: int, limit: int) -> list[Part]:
    """Parts after a number, in order, without their content."""
    rows = await call.db.fetch(
        f"SELECT {_PART_FACTS} FROM s3_parts WHERE account = ? AND upload = ? AND number > ? ORDER BY number LIMIT ?",
        account, upload, after, limit,
    )  # fmt: skip
    return [Part(*row) for row in rows]


async def count_parts(call: Call, account: str, upload: str) -> int:
    row = await call.db.fetch_one("SELECT count(*) FROM s3_parts WHERE account = ? AND upload = ?", account, upload)
    return int(row[0]) if row else 0


async def find_parts_between(call: Call, account: str, upload: str, start: int, end: int) -> list[Part]:
    """The parts of a finished object that hold its bytes from `start` to before `end`, in order."""
    rows = await call.db.fetch(
        f"SELECT {_PART} FROM s3_parts WHERE account = ? AND upload = ? AND start < ? AND start + size > ? "
        "ORDER BY number",
        account, upload, end, start,
    )  # fmt: skip
    return [Part(*row) for row in rows]


async def find_parts(call: Call, account: str, upload: str) -> list[Part]:
    """All parts of an upload, in order, with their content where that is small."""
    rows = await call.db.fetch(
        f"SELECT {_PART} FROM s3_parts WHERE account = ? AND upload = ? ORDER BY number", account, upload
    )
    return [Part(*row) for row in rows]


async def settle_parts(call: Call, account: str, upload: str, starts: dict[int, int]) -> None:
    """Say where each part begins in the finished object; a part that is not in it goes."""
    await call.db.execute_many(
        "UPDATE s3_parts SET start = ? WHERE account = ? AND upload = ? AND number = ?",
        [(start, account, upload, number) for number, start in starts.items()],
    )
    rows = await call.db.fetch(
        "DELETE FROM s3_parts WHERE account = ? AND upload = ? AND start < 0 RETURNING blob", account, upload
    )
    await _release(call, account, [blob for (blob,) in rows])


async def share_parts(call: Call, account: str, upload: str, other: str) -> None:
    """Let another finished object name the same parts."""
    rows = await call.db.fetch(
        f"INSERT INTO s3_parts (account, {_PART}) SELECT account, ?, {_PART.partition(', ')[2]} FROM s3_parts "
        "WHERE account = ? AND upload = ? RETURNING blob",
        other, account, upload,
    )  # fmt: skip
    for (blob,) in rows:
        await storage.use_blob(call, account, blob)


async def forget_parts(call: Call, account: str, upload: str) -> None:
    """Have all parts of an upload deleted."""
    await call.into(account=account).later(call.now, "delete parts", upload)


async def delete_parts(call: Call, upload: str) -> None:
    """A job: delete parts of an upload, a piece at a time."""
    rows = await call.db.fetch(
        "DELETE FROM s3_parts WHERE account = ? AND upload = ? AND number IN "
        "(SELECT number FROM s3_parts WHERE account = ? AND upload = ? LIMIT ?) RETURNING blob",
        call.account, upload, call.account, upload, _SWEEP,
    )  # fmt: skip
    await _release(call, call.account, [blob for (blob,) in rows])
    if len(rows) == _SWEEP:
        await call.later(call.now, "delete parts", upload)


async def _release(call: Call, account: str, blobs: list[str]) -> None:
    for blob in blobs:
        await storage.release_blob(call, account, blob)
