"""Operations on the inventories of a bucket: lists of what is in it, made every day or week.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undercast.kit import paging
from undercast.kit.call import Call
from undercast.services.s3 import errors, inventory_reports, storage
from undercast.services.s3.errors import invalid_argument

_ARN = "arn:aws:s3:::"
_PAGE = 100
_NOT_HERE = (
    "ObjectLockEventHoldStatus", "ObjectLockEventHoldDuration", "IntelligentTieringAccessTier",
    "ObjectAccessControlList", "ObjectOwner", "IntelligentTieringReferenceDate",
)  # fmt: skip


async def put_bucket_inventory_configuration(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Have a list made of what is in a bucket, from the next midnight (UTC) on."""
    bucket = await storage.find_bucket(call, request)
    wanted = request["InventoryConfiguration"]
    _check(request["Id"], wanted)
    run = call.ids.hex(16)
    kept = {**bucket.settings.get("inventories", {}), wanted["Id"]: {**wanted, "Run": run}}
    await storage.set_setting(call, bucket, "inventories", dict(sorted(kept.items())))
    await inventory_reports.begin(call, bucket, wanted, run)
    return {"_status": 204}


async def get_bucket_inventory_configuration(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """One inventory of a bucket."""
    bucket = await storage.find_bucket(call, request)
    kept = bucket.settings.get("inventories", {}).get(request["Id"])
    if kept is None:
        raise errors.NoSuchConfiguration()
    return {"InventoryConfiguration": _shown(kept)}


async def list_bucket_inventory_configurations(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """One page of the inventories of a bucket."""
    bucket = await storage.find_bucket(call, request)
    kept = list(bucket.settings.get("inventories", {}).values())
    token = request.get("ContinuationToken")
    try:
        shown, following = paging.page(kept, lambda one: str(one["Id"]), token, _PAGE)
    except paging.InvalidToken:
        raise invalid_argument("The continuation token provided is incorrect", "continuation-token", token) from None
    return {
        "InventoryConfigurationList": [_shown(one) for one in shown] or None,
        "IsTruncated": following is not None,
        "ContinuationToken": token,
        "NextContinuationToken": following,
    }


async def delete_bucket_inventory_configuration(call: Call, request: dict[str, Any]) -> None:
    """Make a list no longer."""
    bucket = await storage.find_bucket(call, request)
    kept = dict(bucket.settings.get("inventories", {}))
    if kept.pop(request["Id"], None) is None:
        raise errors.NoSuchConfiguration()
    await storage.set_setting(call, bucket, "inventories", kept or None)


def _shown(kept: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in kept.items() if name != "Run"}


def _check(id: str, wanted: Mapping[str, Any]) -> None:
    """IdMismatch, InvalidS3DestinationBucket, MalformedXML; NotImplemented for what is not here."""
    if wanted["Id"] != id:
        raise errors.IdMismatch()
    destination = wanted["Destination"]["S3BucketDestination"]
    if not destination["Bucket"].startswith(_ARN):
        raise errors.InvalidS3DestinationBucket()
    if destination["Format"] not in ("CSV", "ORC", "Parquet"):
        raise errors.MalformedXML()
    if wanted["Schedule"]["Frequency"] not in ("Daily", "Weekly"):
        raise errors.MalformedXML()
    if wanted["IncludedObjectVersions"] not in ("All", "Current"):
        raise errors.MalformedXML()
    fields = wanted.get("OptionalFields") or ()
    if any(field not in (*inventory_reports.FIELDS, *_NOT_HERE) for field in fields):
        raise errors.MalformedXML()
    if destination["Format"] != "CSV":
        raise errors.NotImplemented(f"Undercast's S3 makes inventories as CSV, not as {destination['Format']}.")
    for field in fields:
        if field in _NOT_HERE:
            raise errors.NotImplemented(f"Undercast's S3 does not have {field} in an inventory.")
