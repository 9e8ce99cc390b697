"""Replication at work: each new version is copied by a job, in order, under the same version id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undercast.kit.call import Call
from undercast.services.s3 import changes, storage, upload_storage
from undercast.services.s3.events import iso_ms
from undercast.services.s3.model import About, Bucket, Version
from undercast.services.s3.replication_rules import COMPLETED, FAILED, PENDING, REPLICA, STATUS, chosen

_ARN = "arn:aws:s3:::"
_COPIED = ("ObjectCreated:", "ObjectRemoved:DeleteMarkerCreated")
_TAGGED = "ObjectTagging:"


async def follow(call: Call, bucket: Bucket, name: str, version: Version) -> None:
    """Have what happened to a version happen to its replicas, if the rules say so."""
    rules = bucket.settings["replication"]["Rules"]
    tagged = name.startswith(_TAGGED)
    if not tagged and not (name.startswith(_COPIED) and chosen(rules, version)):
        return
    if not version.marker and not tagged:
        await storage.set_about(call, bucket, version, _with_status(About.read(version.about), PENDING))
    there = call.into(account=bucket.account, region=bucket.region)
    there.service = "s3"
    payload = [bucket.name, version.key.hex(), version.rank, "tags" if tagged else ""]
    await there.later(call.now, "replicate", payload, key=f"replicate {bucket.name}")


async def replicate(call: Call, payload: list[Any]) -> None:
    """The job: copy a version, or its tags, to all its destinations."""
    name, key, rank, what = payload
    bucket = await storage.bucket_named(call, name)
    version = await storage.find_by_rank(call, bucket, bytes.fromhex(key), rank) if bucket else None
    if bucket is None or version is None or "replication" not in bucket.settings:
        return
    done = True
    for rule in chosen(bucket.settings["replication"]["Rules"], version):
        target = await storage.bucket_named(call, rule["Destination"]["Bucket"].removeprefix(_ARN))
        if target is None or target.versioning != "Enabled" or target.account != bucket.account:
            done = False
            await _tell_failure(call, bucket, version, rule, target)
        elif what == "tags":
            await _copy_tags(call, target, version)
        else:
            await _copy(call, target, version, rule["Destination"])
    if not version.marker and what != "tags":
        about = _with_status(About.read(version.about), COMPLETED if done else FAILED)
        await storage.set_about(call, bucket, version, about)


async def _copy_tags(call: Call, target: Bucket, version: Version) -> None:
    replica = await storage.find_by_rank(call, target, version.key, version.rank)
    if replica is not None:
        await storage.set_tags(call, target, replica, version.tags)


async def _copy(call: Call, target: Bucket, version: Version, destination: Mapping[str, Any]) -> None:
    """The content is shared, not copied."""
    if await storage.find_by_rank(call, target, version.key, version.rank):
        return
    if version.marker:
        await storage.add_replica(call, target, version)
        await changes.happened(call, target, "ObjectRemoved:DeleteMarkerCreated", version, by_s3=True)
        return
    about = _with_status(About.read(version.about), REPLICA)
    if destination.get("StorageClass"):
        about = about._replace(headers={**about.headers, "StorageClass": destination["StorageClass"]})
    upload = ""
    if version.upload:
        upload = upload_storage.new_id(call)
        await upload_storage.share_parts(call, target.account, version.upload, upload)
    replica = version._replace(about=about.write(), upload=upload)
    await storage.use_blob(call, target.account, version.blob)
    await storage.add_replica(call, target, replica)
    await changes.happened(call, target, "ObjectCreated:Put", replica, by_s3=True)


async def _tell_failure(
    call: Call, bucket: Bucket, version: Version, rule: Mapping[str, Any], target: Bucket | None
) -> None:
    missing = target is None or target.account != bucket.account
    failure = {
        "replicationRuleId": rule["ID"],
        "destinationBucket": rule["Destination"]["Bucket"],
        "s3Operation": "OBJECT_PUT",
        "requestTime": iso_ms(version.modified_at),
        "failureReason": "DstBucketNotFound" if missing else "DstBucketUnversioned",
    }
    name = "Replication:OperationFailedReplication"
    await changes.happened(call, bucket, name, version, by_s3=True, failure=failure)


def _with_status(about: About, status: str) -> About:
    return about._replace(headers={**about.headers, STATUS: status})
