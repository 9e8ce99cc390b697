"""Operations on who pays for requests, and on transfer acceleration.

What a requester pays for is not counted here; but who is not a bucket's own account must say that it would pay.
"""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.s3 import errors, storage

_PAYERS = ("Requester", "BucketOwner")


async def put_bucket_request_payment(call: Call, request: dict[str, Any]) -> None:
    """Say who pays for requests to a bucket."""
    bucket = await storage.find_bucket(call, request)
    payer = request["RequestPaymentConfiguration"]["Payer"]
    if payer not in _PAYERS:
        raise errors.MalformedXML()
    await storage.set_setting(call, bucket, "payer", payer)


async def get_bucket_request_payment(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Who pays for requests to a bucket."""
    bucket = await storage.find_bucket(call, request)
    return {"Payer": bucket.settings.get("payer", "BucketOwner")}


async def put_bucket_accelerate_configuration(call: Call, request: dict[str, Any]) -> None:
    """Let a bucket be reached at `{bucket}.s3-accelerate.…`, or no longer. There is no farther way to shorten."""
    bucket = await storage.find_bucket(call, request)
    status = request["AccelerateConfiguration"].get("Status")
    if status not in ("Enabled", "Suspended"):
        raise errors.MalformedXML()
    if "." in bucket.name:
        raise errors.InvalidRequest(
            "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names"
        )
    await storage.set_setting(call, bucket, "accelerate", status)


async def get_bucket_accelerate_configuration(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Whether a bucket can be reached at an accelerated address."""
    bucket = await storage.find_bucket(call, request)
    return {"Status": bucket.settings.get("accelerate")}
