"""Lifecycle rules at work: a job walks through a bucket at every midnight (UTC), a piece at a time."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from undercast.kit.call import Call
from undercast.services.s3 import archive, changes, finding, retention, storage, upload_storage
from undercast.services.s3.lifecycle_rules import DELETE, EXPIRE, Rules, midnight_after, rules_of
from undercast.services.s3.model import About, Bucket, Version, after_prefix

_PIECE = 100  # versions or uploads that one transaction looks at, so that nobody else waits for long
_FIRST = -(2**63)  # before all ranks


@dataclass(frozen=True, slots=True)
class _Place:
    """How far a walk has come. What is due is due when it `began`. `uploads`: through the versions, on to the uploads."""

    bucket: str
    run: str
    began: int = 0
    key: str = ""  # in hexadecimal digits
    rank: int = _FIRST
    covered_at: int = 0  # when the last version seen was made: the next of its key has been covered since
    covered: int = -1  # versions of that key that were seen, but for the current one
    uploads: bool = False
    upload: str = ""


async def begin(call: Call, bucket: Bucket, run: str) -> None:
    """Have a new configuration act from the next midnight on; the jobs of earlier ones end by themselves."""
    await _later(call, bucket, midnight_after(call.now), _Place(bucket.name, run))


async def walk(call: Call, payload: dict[str, Any]) -> None:
    """The job: one piece."""
    place = _Place(**payload)
    bucket = await storage.bucket_named(call, place.bucket)
    rules = rules_of(bucket) if bucket else None
    if bucket is None or rules is None or rules.run != place.run or not rules.rules:
        return
    place = replace(place, began=place.began or call.now)
    step = _uploads if place.uploads else _versions
    following = await step(call, bucket, rules, place)
    if following is None:
        await _later(call, bucket, midnight_after(place.began), _Place(bucket.name, place.run))
    else:
        await _later(call, bucket, call.now, following)


async def _versions(call: Call, bucket: Bucket, rules: Rules, place: _Place) -> _Place:
    prefix = rules.prefix
    after = max((bytes.fromhex(place.key), place.rank), (prefix, _FIRST))
    end = after_prefix(prefix) if prefix else b""
    rows = await storage.list_versions(call, bucket, after, end, _PIECE + 1)
    key, covered_at, covered = bytes.fromhex(place.key), place.covered_at, place.covered
    for at, version in enumerate(rows[:_PIECE]):
        if version.key == key:
            covered += 1
            action = rules.for_noncurrent(version, covered_at, covered, place.began)
        else:
            covered, alone = -1, at + 1 == len(rows) or rows[at + 1].key != version.key
            action = rules.for_current(version, alone, place.began)
        if action:
            await _act(call, bucket, version, action)
        key, covered_at = version.key, version.modified_at
    if len(rows) <= _PIECE:
        return _Place(place.bucket, place.run, place.began, uploads=True)
    rank = rows[_PIECE - 1].rank
    return replace(place, key=key.hex(), rank=rank, covered_at=covered_at, covered=covered)


async def _act(call: Call, bucket: Bucket, version: Version, action: str) -> None:
    if action == EXPIRE and bucket.versioning:
        marker = finding.new_marker(call, bucket, version.key)
        await storage.put_marker(call, bucket, marker)
        await changes.happened(call, bucket, "LifecycleExpiration:DeleteMarkerCreated", marker, by_s3=True)
    elif action in (EXPIRE, DELETE):
        if not version.marker and retention.is_protected(About.read(version.about), call.now):
            return
        await storage.delete_version(call, bucket, version)
        await changes.happened(call, bucket, "LifecycleExpiration:Delete", version, by_s3=True)
    else:
        about = About.read(version.about)
        moved = about._replace(headers={**archive.without_restore(about.headers), "StorageClass": action})
        await storage.set_about(call, bucket, version, moved)
        await changes.happened(call, bucket, "LifecycleTransition", version, by_s3=True, storage_class=action)


async def _uploads(call: Call, bucket: Bucket, rules: Rules, place: _Place) -> _Place | None:
    prefix = rules.prefix
    after = max((bytes.fromhex(place.key), place.upload), (prefix, ""))
    end = after_prefix(prefix) if prefix else b""
    found = await upload_storage.list_uploads(call, bucket, after, end, _PIECE)
    for upload in found:
        abort = rules.abort(upload.key, upload.started_at)
        if abort and abort[0] <= place.began:
            await upload_storage.delete_upload(call, bucket, upload)
            await upload_storage.forget_parts(call, bucket.account, upload.id)
    if len(found) < _PIECE:
        return None
    return replace(place, key=found[-1].key.hex(), upload=found[-1].id)


async def _later(call: Call, bucket: Bucket, at: int, place: _Place) -> None:
    there = call.into(account=bucket.account, region=bucket.region)
    there.service = "s3"
    await there.later(at, "lifecycle", asdict(place))
