"""All SQL of S3 for buckets, objects and their versions. That of uploads is in `upload_storage.py`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.s3 import access_logs, authorization, errors, upload_storage
from undercast.services.s3.model import About, Bucket, Version

_BUCKET = "account, name, region, created_at, versioning, settings"
_FACTS = "key, rank, is_null, marker, modified_at, size, etag, upload, blob, about, tags"
_ALL = f"{_FACTS}, data"
_ROW = f"account, bucket, {_ALL}"
_PLACES = "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
_TABLES = ("s3_objects", "s3_versions")
_OF_BUCKET = "account = ? AND bucket = ?"
_OF_KEY = f"{_OF_BUCKET} AND key = ?"
_ACCOUNT_ID = re.compile(r"\d{12}")

# A file is deleted this long after nothing names it: whoever began to read it in another process has opened it by then.
_DELETE_AFTER_MS = 60_000

# --- buckets ---


async def find_bucket(call: Call, request: dict[str, Any], operation: str = "") -> Bucket:
    """The bucket that a request names. NoSuchBucket; AccessDenied when it is not the expected owner's, or when it
    does not let the caller do the operation: the call's own, unless another is named."""
    name = request["Bucket"]
    bucket = await bucket_named(call, name)
    expected = request.get("ExpectedBucketOwner")
    if expected is not None:
        check_account_id(expected)
    if bucket is None:
        raise errors.NoSuchBucket(BucketName=name)
    if expected is not None and expected != bucket.account:
        raise errors.AccessDenied()
    if authorization.is_foreign(call, bucket):
        await authorization.check(call, bucket, request, operation)
        if bucket.settings.get("payer") == "Requester" and request.get("RequestPayer") != "requester":
            raise errors.AccessDenied()
    if "logging" in bucket.settings:
        access_logs.watch(call, bucket, request)
    return bucket


async def bucket_named(call: Call, name: str) -> Bucket | None:
    """A bucket by its name, whoever asks."""
    return await _bucket_of(call, call.account, name) or await _bucket_of_anyone(call, name)


def check_account_id(text: str) -> None:
    """InvalidBucketOwnerAWSAccountID."""
    if not _ACCOUNT_ID.fullmatch(text):
        raise errors.InvalidBucketOwnerAWSAccountID(
            f"The value of the expected bucket owner parameter must be an AWS Account ID... [{text}]"
        )


async def _bucket_of(call: Call, account: str, name: str) -> Bucket | None:
    row = await call.db.fetch_one(f"SELECT {_BUCKET} FROM s3_buckets WHERE account = ? AND name = ?", account, name)
    return _read_bucket(*row) if row else None


async def _bucket_of_anyone(call: Call, name: str) -> Bucket | None:
    owner = await owner_of_name(call, name)
    return await _bucket_of(call, owner, name) if owner is not None else None


async def owner_of_name(call: Call, name: str) -> str | None:
    """The account that has a bucket of this name."""
    row = await call.db.fetch_one("SELECT account FROM s3_names WHERE name = ?", name)
    return row[0] if row else None


async def add_bucket(call: Call, bucket: Bucket) -> None:
    await call.db.execute(
        "INSERT INTO s3_names (name, account) VALUES (?, ?) ON CONFLICT DO NOTHING", bucket.name, bucket.account
    )
    await call.db.execute(
        f"INSERT INTO s3_buckets ({_BUCKET}) VALUES (?, ?, ?, ?, ?, ?)",
        bucket.account, bucket.name, bucket.region, bucket.created_at, bucket.versioning, _json(bucket.settings),
    )  # fmt: skip


async def save_bucket(call: Call, bucket: Bucket) -> None:
    await call.db.execute(
        "UPDATE s3_buckets SET versioning = ?, settings = ? WHERE account = ? AND name = ?",
        bucket.versioning, _json(bucket.settings), bucket.account, bucket.name,
    )  # fmt: skip


async def get_setting(call: Call, request: dict[str, Any], name: str, missing: type[ServiceError]) -> Any:
    """What was put on a bucket under a name, or the error that says that it is missing."""
    bucket = await find_bucket(call, request)
    if bucket.settings.get(name) is None:
        raise missing(BucketName=bucket.name)
    return bucket.settings[name]


async def set_setting(call: Call, bucket: Bucket, name: str, value: Any) -> None:
    """Keep something on a bucket under a name; None takes it away."""
    settings = {key: item for key, item in bucket.settings.items() if key != name}
    if value is not None:
        settings[name] = value
    await save_bucket(call, replace(bucket, settings=settings))


async def delete_bucket(call: Call, bucket: Bucket) -> None:
    await call.db.execute("DELETE FROM s3_names WHERE name = ?", bucket.name)
    await call.db.execute("DELETE FROM s3_buckets WHERE account = ? AND name = ?", bucket.account, bucket.name)


async def list_buckets(call: Call, prefix: str, after: str, region: str, limit: int) -> list[Bucket]:
    rows = await call.db.fetch(
        f"SELECT {_BUCKET} FROM s3_buckets WHERE account = ? AND name > ? AND substr(name, 1, ?) = ? "
        "AND (? = '' OR region = ?) ORDER BY name LIMIT ?",
        call.account, after, len(prefix), prefix, region, region, limit,
    )  # fmt: skip
    return [_read_bucket(*row) for row in rows]


async def holds_objects(call: Call, bucket: Bucket) -> bool:
    sql = f"SELECT 1 FROM s3_objects WHERE {_OF_BUCKET} LIMIT 1"
    return await call.db.fetch_one(sql, bucket.account, bucket.name) is not None


async def holds_versions(call: Call, bucket: Bucket) -> bool:
    sql = f"SELECT 1 FROM s3_versions WHERE {_OF_BUCKET} LIMIT 1"
    return await call.db.fetch_one(sql, bucket.account, bucket.name) is not None


# --- finding versions ---


async def find_current(call: Call, bucket: Bucket, key: bytes) -> Version | None:
    """The current version of a key, with its content; None when there is none or it is a delete marker."""
    row = await call.db.fetch_one(f"SELECT {_ALL} FROM s3_objects WHERE {_OF_KEY}", bucket.account, bucket.name, key)
    return Version(*row) if row else None


async def find_current_facts(call: Call, bucket: Bucket, key: bytes) -> Version | None:
    """As `find_current`, without the content."""
    row = await call.db.fetch_one(f"SELECT {_FACTS} FROM s3_objects WHERE {_OF_KEY}", bucket.account, bucket.name, key)
    return Version(*row) if row else None


async def find_latest_marker(call: Call, bucket: Bucket, key: bytes) -> Version | None:
    """The delete marker that hides a key without a current version."""
    newest = await _newest_covered(call, bucket, key)
    return newest if newest and newest.marker else None


async def find_version(call: Call, bucket: Bucket, key: bytes, rank: int | None) -> Version | None:
    """A version by its rank, or the one called "null"."""
    if rank is None:
        return await _find_in_either(call, bucket, key, "is_null = 1")
    return await _find_in_either(call, bucket, key, "rank = ? AND is_null = 0", rank)


async def find_by_rank(call: Call, bucket: Bucket, key: bytes, rank: int) -> Version | None:
    """A version by its rank, whatever it is called."""
    return await _find_in_either(call, bucket, key, "rank = ?", rank)


async def _find_in_either(call: Call, bucket: Bucket, key: bytes, which: str, *values: int) -> Version | None:
    for table in _TABLES:
        row = await call.db.fetch_one(
            f"SELECT {_ALL} FROM {table} WHERE {_OF_KEY} AND {which}", bucket.account, bucket.name, key, *values
        )
        if row:
            return Version(*row)
    return None


async def _newest_covered(call: Call, bucket: Bucket, key: bytes) -> Version | None:
    row = await call.db.fetch_one(
        f"SELECT {_ALL} FROM s3_versions WHERE {_OF_KEY} ORDER BY rank LIMIT 1", bucket.account, bucket.name, key
    )
    return Version(*row) if row else None


# --- changing versions ---


async def put_version(call: Call, bucket: Bucket, version: Version, current: Version | None) -> None:
    """Make a version the current one in place of `current`, which goes or is kept as versioning says."""
    if current is not None or bucket.versioning:
        await _make_room(call, bucket, version.key, version.is_null, current)
    await _insert(call, "s3_objects", bucket, version)


async def put_marker(call: Call, bucket: Bucket, marker: Version) -> None:
    """Put a delete marker over a key."""
    current = await find_current_facts(call, bucket, marker.key)
    await _make_room(call, bucket, marker.key, marker.is_null, current)
    if current is not None:
        await _delete_current(call, bucket, marker.key)
    await _insert(call, "s3_versions", bucket, marker)


async def add_replica(call: Call, bucket: Bucket, version: Version) -> None:
    """Add a version or delete marker of another bucket where its rank belongs: over all others, or below some."""
    current = await find_current_facts(call, bucket, version.key)
    newest = current or await _newest_covered(call, bucket, version.key)
    if newest is not None and newest.rank < version.rank:
        await _insert(call, "s3_versions", bucket, version)
    elif version.marker:
        await put_marker(call, bucket, version)
    else:
        await put_version(call, bucket, version, current)


async def delete_version(call: Call, bucket: Bucket, version: Version) -> None:
    """Delete a version for good; what it covered becomes current."""
    where = (bucket.account, bucket.name, version.key, version.rank)
    if await call.db.execute(f"DELETE FROM s3_objects WHERE {_OF_KEY} AND rank = ?", *where) == 0:
        await call.db.execute(f"DELETE FROM s3_versions WHERE {_OF_KEY} AND rank = ?", *where)
    await release(call, bucket.account, version)
    if bucket.versioning and await find_current_facts(call, bucket, version.key) is None:
        newest = await _newest_covered(call, bucket, version.key)
        if newest and not newest.marker:
            where = (bucket.account, bucket.name, version.key, newest.rank)
            await call.db.execute(f"DELETE FROM s3_versions WHERE {_OF_KEY} AND rank = ?", *where)
            await _insert(call, "s3_objects", bucket, newest)


async def set_tags(call: Call, bucket: Bucket, version: Version, tags: str) -> None:
    await _change(call, bucket, version, "tags = ?", tags)


async def set_about(call: Call, bucket: Bucket, version: Version, about: About) -> None:
    await _change(call, bucket, version, "about = ?", about.write())


async def replace_content(call: Call, bucket: Bucket, version: Version, new: Version) -> None:
    """Have a version hold its bytes in another form, that of `new`; the file or the parts that it had are released."""
    await _change(
        call, bucket, version, "about = ?, upload = ?, blob = ?, data = ?", new.about, new.upload, new.blob, new.data
    )
    await use_blob(call, bucket.account, new.blob)
    await release(call, bucket.account, version)


async def _change(call: Call, bucket: Bucket, version: Version, what: str, *values: Any) -> None:
    for table in _TABLES:
        if await call.db.execute(
            f"UPDATE {table} SET {what} WHERE {_OF_KEY} AND rank = ?",
            *values, bucket.account, bucket.name, version.key, version.rank,
        ):  # fmt: skip
            return


async def _make_room(call: Call, bucket: Bucket, key: bytes, is_null: int, current: Version | None) -> None:
    """Cover the current version with a new one; a null version replaces the null version that was there."""
    if current is not None and not (is_null and current.is_null):
        await call.db.execute(
            f"INSERT INTO s3_versions ({_ROW}) SELECT {_ROW} FROM s3_objects WHERE {_OF_KEY}",
            bucket.account, bucket.name, key,
        )  # fmt: skip
    elif current is not None:
        await release(call, bucket.account, current)
    if is_null and bucket.versioning:
        rows = await call.db.fetch(
            f"DELETE FROM s3_versions WHERE {_OF_KEY} AND is_null = 1 RETURNING {_ALL}",
            bucket.account, bucket.name, key,
        )  # fmt: skip
        for row in rows:
            await release(call, bucket.account, Version(*row))


async def _insert(call: Call, table: str, bucket: Bucket, version: Version) -> None:
    replace = f" ON CONFLICT (account, bucket, key) DO UPDATE SET {_REPLACED}" if table == "s3_objects" else ""
    await call.db.execute(
        f"INSERT INTO {table} ({_ROW}) VALUES ({_PLACES}){replace}",
        bucket.account, bucket.name, version.key, version.rank, version.is_null, version.marker, version.modified_at,
        version.size, version.etag, version.upload, version.blob, version.about, version.tags, version.data,
    )  # fmt: skip


_REPLACED = ", ".join(f"{name} = excluded.{name}" for name in _ALL.split(", ")[1:])


async def _delete_current(call: Call, bucket: Bucket, key: bytes) -> None:
    await call.db.execute(f"DELETE FROM s3_objects WHERE {_OF_KEY}", bucket.account, bucket.name, key)


# --- files ---


async def use_blob(call: Call, account: str, blob: str) -> None:
    """Count one more row that names a file, if it does."""
    if not blob:
        return
    await call.db.execute(
        "INSERT INTO s3_blobs (account, blob, uses) VALUES (?, ?, 1) "
        "ON CONFLICT (account, blob) DO UPDATE SET uses = s3_blobs.uses + 1",
        account, blob,
    )  # fmt: skip


async def find_named(platform: Any, blobs: list[str]) -> set[str]:
    """Those of these files that rows name, whoever's they are: a file on disk does not say its account."""
    marks = ", ".join("?" * len(blobs))
    return {name for (name,) in await platform.store.scan(f"SELECT blob FROM s3_blobs WHERE blob IN ({marks})", *blobs)}


async def release(call: Call, account: str, version: Version) -> None:
    """A version is gone: so is its use of a file, or of an upload's parts."""
    await release_blob(call, account, version.blob)
    if version.upload:
        await upload_storage.forget_parts(call, account, version.upload)


async def release_blob(call: Call, account: str, blob: str) -> None:
    """Count one row less that names a file, if it does; delete the file after the last."""
    if not blob:
        return
    rows = await call.db.fetch(
        "UPDATE s3_blobs SET uses = uses - 1 WHERE account = ? AND blob = ? RETURNING uses", account, blob
    )
    if rows and rows[0][0] <= 0:
        await call.db.execute("DELETE FROM s3_blobs WHERE account = ? AND blob = ?", account, blob)
        await call.later(call.now + _DELETE_AFTER_MS, "delete file", blob)


# --- listing ---


async def list_current(call: Call, bucket: Bucket, low: bytes, prefix_end: bytes, limit: int) -> list[Version]:
    """Current versions from key `low` on and before `prefix_end`, in order."""
    end, values = ("AND key < ? ", [prefix_end]) if prefix_end else ("", [])
    rows = await call.db.fetch(
        f"SELECT {_FACTS} FROM s3_objects WHERE {_OF_BUCKET} AND key >= ? {end}ORDER BY key LIMIT ?",
        bucket.account, bucket.name, low, *values, limit,
    )  # fmt: skip
    return [Version(*row) for row in rows]


async def list_versions(
    call: Call, bucket: Bucket, after: tuple[bytes, int], prefix_end: bytes, limit: int
) -> list[Version]:
    """Versions and delete markers after a key and rank, newest first in each key."""
    end = "AND key < ? " if prefix_end else ""
    values: Sequence[Any] = (*after, prefix_end) if prefix_end else after
    one = f"SELECT {_FACTS} FROM %s WHERE {_OF_BUCKET} AND (key, rank) > (?, ?) {end}ORDER BY key, rank LIMIT ?"
    half = (bucket.account, bucket.name, *values, limit)
    rows = await call.db.fetch(
        f"SELECT * FROM ({one % 's3_objects'}) AS a UNION ALL SELECT * FROM ({one % 's3_versions'}) AS b "
        "ORDER BY 1, 2 LIMIT ?",
        *half, *half, limit,
    )  # fmt: skip
    return [Version(*row) for row in rows]


@lru_cache(maxsize=1024)
def _read_bucket(account: str, name: str, region: str, created_at: int, versioning: str, settings: str) -> Bucket:
    return Bucket(account, name, region, created_at, versioning, orjson.loads(settings))


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
