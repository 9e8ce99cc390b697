"""Operations on the server access logs of a bucket."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.s3 import errors, storage
from undercast.services.s3.model import Bucket

_HOME = "us-east-1"
_DATES = (None, "EventTime", "DeliveryTime")


async def put_bucket_logging(call: Call, request: dict[str, Any]) -> None:
    """Have requests to a bucket logged into objects of another, or no longer."""
    bucket = await storage.find_bucket(call, request)
    wanted = request["BucketLoggingStatus"].get("LoggingEnabled")
    if wanted is None:
        await storage.set_setting(call, bucket, "logging", None)
        return
    if wanted.get("TargetGrants"):
        raise errors.NotImplemented("Undercast's S3 does not have TargetGrants; set a policy on the target bucket.")
    form = wanted.get("TargetObjectKeyFormat") or {}
    if "SimplePrefix" in form and "PartitionedPrefix" in form:
        raise errors.MalformedXML()
    if (form.get("PartitionedPrefix") or {}).get("PartitionDateSource") not in _DATES:
        raise errors.MalformedXML()
    await _check_target(call, bucket, wanted["TargetBucket"])
    await storage.set_setting(call, bucket, "logging", wanted)


async def get_bucket_logging(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Where requests to a bucket are logged."""
    bucket = await storage.find_bucket(call, request)
    return {"LoggingEnabled": bucket.settings.get("logging")}


async def _check_target(call: Call, bucket: Bucket, name: str) -> None:
    target = await storage.bucket_named(call, name)
    if target is None:
        raise errors.InvalidTargetBucketForLogging(TargetBucket=name)
    if target.account != bucket.account:
        raise errors.InvalidTargetBucketForLogging(
            "The owner for the bucket to be logged and the target bucket must be the same.", TargetBucket=name
        )
    if target.region != bucket.region:
        source = {} if bucket.region == _HOME else {"SourceBucketLocation": bucket.region}
        raise errors.CrossLocationLoggingProhibitted(
            "Cross S3 location logging not allowed. ",
            **source,
            TargetBucketLocation=target.region,  # recorded with the blank
        )
