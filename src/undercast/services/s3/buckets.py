"""Operations on buckets: create, delete, list."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit import paging
from undercast.kit.call import Call
from undercast.services.s3 import access, errors, storage, tags, upload_storage
from undercast.services.s3.errors import invalid_argument
from undercast.services.s3.model import Bucket, check_bucket_name, owner_id

OWNERSHIPS = ("BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced")
_HOME = "us-east-1"
_REGIONS_OF = {"EU": "eu-west-1"}


async def create_bucket(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Make a bucket; its name is taken in all accounts and regions from then on."""
    name = request["Bucket"]
    check_bucket_name(name)
    if call.from_client and not call.identity.access_key:
        raise errors.AccessDenied()
    location = _location(call, request)
    settings = _first_settings(request, location)
    owner = await storage.owner_of_name(call, name)
    if owner is None:
        versioning = "Enabled" if "object_lock" in settings else ""
        bucket = Bucket(call.account, name, _REGIONS_OF.get(location, location), call.now, versioning, settings)
        if grants := access.check_new_bucket(request, call.account, bucket.object_ownership):
            bucket = replace(bucket, settings={**settings, "acl": grants})
        await storage.add_bucket(call, bucket)
    elif owner != call.account:
        raise errors.BucketAlreadyExists(BucketName=name)
    elif call.region != _HOME or (await storage.find_bucket(call, request)).region != _HOME:
        # In us-east-1 the owner may create a bucket again, for old clients' sake.
        raise errors.BucketAlreadyOwnedByYou(BucketName=name)
    return {
        "Location": f"/{name}" if location == _HOME else f"http://{name}.s3.amazonaws.com/",
        "BucketArn": f"arn:aws:s3:::{name}",
    }


async def delete_bucket(call: Call, request: dict[str, Any]) -> None:
    """Delete an empty bucket; uploads that are under way are aborted."""
    bucket = await storage.find_bucket(call, request)
    if await storage.holds_objects(call, bucket) or await storage.holds_versions(call, bucket):
        text = "The bucket you tried to delete is not empty"
        if bucket.versioning:
            text += ". You must delete all versions in the bucket."
        raise errors.BucketNotEmpty(text, BucketName=bucket.name)
    for upload in await upload_storage.list_uploads(call, bucket, (b"", ""), b"", 1_000_000):
        await upload_storage.delete_upload(call, bucket, upload)
        await upload_storage.forget_parts(call, bucket.account, upload.id)
    await storage.delete_bucket(call, bucket)


async def head_bucket(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Whether a bucket exists, and where."""
    bucket = await storage.find_bucket(call, request)
    return {"BucketArn": bucket.arn, "BucketRegion": bucket.region, "AccessPointAlias": False}


async def get_bucket_location(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The region of a bucket, as it was asked for; nothing for us-east-1."""
    bucket = await storage.find_bucket(call, request)
    location = bucket.settings.get("location", bucket.region)
    return {"LocationConstraint": None if location == _HOME else location}


async def list_buckets(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The buckets of the account in all regions."""
    if call.from_client and not call.identity.access_key:
        raise errors.AccessDenied()
    limit = request.get("MaxBuckets") or 10_000
    if not 1 <= limit <= 10_000:
        raise invalid_argument("Argument max-buckets must be an integer between 1 and 10000", "max-buckets", limit)
    prefix, token = request.get("Prefix") or "", request.get("ContinuationToken")
    found = await storage.list_buckets(call, prefix, _after(token), request.get("BucketRegion") or "", limit + 1)
    shown = found[:limit]
    detailed = any(
        request.get(name) is not None for name in ("MaxBuckets", "Prefix", "ContinuationToken", "BucketRegion")
    )
    return {
        "Buckets": [_entry(bucket, detailed) for bucket in shown],
        "Owner": {"ID": owner_id(call.account)},
        "Prefix": request.get("Prefix"),
        "ContinuationToken": paging.encode_token(shown[-1].name) if len(found) > limit else None,
    }


def _entry(bucket: Bucket, detailed: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {"Name": bucket.name, "CreationDate": bucket.created_at - bucket.created_at % 1000}
    return {**entry, "BucketRegion": bucket.region, "BucketArn": bucket.arn} if detailed else entry


def _after(token: str | None) -> str:
    if not token:
        return ""
    try:
        return str(paging.decode_token(token))
    except paging.InvalidToken:
        raise invalid_argument("The continuation token provided is incorrect", "continuation-token", token) from None


def _location(call: Call, request: dict[str, Any]) -> str:
    """The location that a new bucket is asked to have. InvalidLocationConstraint, IllegalLocationConstraintException."""
    configuration = request.get("CreateBucketConfiguration") or {}
    for name in ("Location", "Bucket"):
        if configuration.get(name):
            raise errors.NotImplemented("Undercast's S3 does not have directory buckets yet.")
    location = configuration.get("LocationConstraint")
    if location is None:
        if call.region != _HOME:
            raise errors.IllegalLocationConstraintException(
                "The unspecified location constraint is incompatible for the region specific endpoint this request "
                "was sent to."
            )
        return _HOME
    if location == _HOME:
        raise errors.InvalidLocationConstraint(LocationConstraint=location)
    if call.region not in (_HOME, _REGIONS_OF.get(location, location)):
        raise errors.IllegalLocationConstraintException(
            f"The {location} location constraint is incompatible for the region specific endpoint this request was "
            "sent to."
        )
    return str(location)


def _first_settings(request: dict[str, Any], location: str) -> dict[str, Any]:
    settings: dict[str, Any] = {"location": location}
    ownership = request.get("ObjectOwnership")
    if ownership is not None:
        if ownership not in OWNERSHIPS:
            raise errors.InvalidArgument(
                f"Invalid x-amz-object-ownership header: {ownership}", ArgumentName="x-amz-object-ownership"
            )
        settings["ownership"] = ownership
    if request.get("ObjectLockEnabledForBucket"):
        settings["object_lock"] = {}
    if tag_set := (request.get("CreateBucketConfiguration") or {}).get("Tags"):
        settings["tags"] = tags.write(tag_set, tags.OF_BUCKET)
    return settings
