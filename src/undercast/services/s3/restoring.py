"""Restored copies of archived objects: how they come and go, by jobs."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.s3 import archive, changes, storage
from undercast.services.s3.lifecycle_rules import midnight_after
from undercast.services.s3.model import About, Bucket, Version


async def finish(call: Call, payload: list[Any]) -> None:
    """The job: the copy is there."""
    bucket, version = await _find(call, payload)
    if bucket and version:
        about = About.read(version.about)
        until = midnight_after(call.now, payload[3])
        await keep_until(call, bucket, version, about, until)
        await changes.happened(
            call, bucket, "ObjectRestore:Completed", version, by_s3=True, storage_class=about.storage_class,
            restored_until=until,
        )  # fmt: skip


async def end(call: Call, payload: list[Any]) -> None:
    """The job: the copy goes, unless it was given more time."""
    bucket, version = await _find(call, payload)
    about = About.read(version.about) if version else None
    if bucket and version and about and about.headers.get("Restore") == archive.until(payload[3]):
        await storage.set_about(call, bucket, version, about._replace(headers=archive.without_restore(about.headers)))
        await changes.happened(
            call, bucket, "ObjectRestore:Delete", version, by_s3=True, storage_class=about.storage_class,
            restored_until=payload[3],
        )  # fmt: skip


async def keep_until(call: Call, bucket: Bucket, version: Version, about: About, until: int) -> None:
    """Let the copy be read until then."""
    await storage.set_about(call, bucket, version, archive.with_restore(about, archive.until(until)))
    await later(call, bucket, until, "end restore", version, until)


async def later(call: Call, bucket: Bucket, at: int, job: str, version: Version, fact: int) -> None:
    """Have a job of this module run for a version."""
    there = call.into(account=bucket.account, region=bucket.region)
    there.service = "s3"
    await there.later(at, job, [bucket.name, version.key.hex(), version.rank, fact])


async def _find(call: Call, payload: list[Any]) -> tuple[Bucket | None, Version | None]:
    name, key, rank, _ = payload
    bucket = await storage.bucket_named(call, name)
    return bucket, await storage.find_by_rank(call, bucket, bytes.fromhex(key), rank) if bucket else None
