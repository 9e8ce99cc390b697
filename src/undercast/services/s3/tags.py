"""Tags of objects and buckets: operations, and the rules for them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

import orjson

from undercast.kit.call import Call
from undercast.services.s3 import changes, errors, storage
from undercast.services.s3.errors import invalid_argument
from undercast.services.s3.model import Bucket, Version, key_bytes, read_version_id

OF_BUCKET = 50
_OF_OBJECT = 10
_ALLOWED = re.compile(r"[\w\s+\-=.:/@]*")
_HEADER_FORM = "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates."


async def put_object_tagging(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Replace the tags of an object."""
    bucket, version = await _find(call, request, "PUT")
    await storage.set_tags(call, bucket, version, write(request["Tagging"]["TagSet"], _OF_OBJECT))
    await changes.happened(call, bucket, "ObjectTagging:Put", version)
    return {"VersionId": version.id if bucket.versioning else None}


async def get_object_tagging(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The tags of an object."""
    bucket, version = await _find(call, request, "GET")
    return {"TagSet": read(version.tags), "VersionId": version.id if bucket.versioning else None}


async def delete_object_tagging(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Take all tags off an object."""
    bucket, version = await _find(call, request, "DELETE")
    await storage.set_tags(call, bucket, version, "")
    await changes.happened(call, bucket, "ObjectTagging:Delete", version)
    return {"VersionId": version.id if bucket.versioning else None}


async def put_bucket_tagging(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Replace the tags of a bucket."""
    bucket = await storage.find_bucket(call, request)
    await storage.set_setting(call, bucket, "tags", write(request["Tagging"]["TagSet"], OF_BUCKET) or None)
    return {"_status": 204}


async def get_bucket_tagging(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The tags of a bucket."""
    bucket = await storage.find_bucket(call, request)
    if not bucket.settings.get("tags"):
        raise errors.NoSuchTagSet(BucketName=bucket.name)
    return {"TagSet": read(bucket.settings["tags"])}


async def delete_bucket_tagging(call: Call, request: dict[str, Any]) -> None:
    """Take all tags off a bucket."""
    await storage.set_setting(call, await storage.find_bucket(call, request), "tags", None)


def write(tag_set: Sequence[dict[str, str]], most: int) -> str:
    """Tags as JSON for the table; '' for none. BadRequest, InvalidTag."""
    if len(tag_set) > most:
        raise errors.BadRequest(f"{'Object' if most == _OF_OBJECT else 'Bucket'} tags cannot be greater than {most}")
    pairs: dict[str, str] = {}
    for tag in tag_set:
        key, value = tag["Key"], tag["Value"]
        if key in pairs:
            raise errors.InvalidTag("Cannot provide multiple Tags with the same key", TagKey=key)
        if not 0 < len(key) <= 128 or not _ALLOWED.fullmatch(key):
            raise errors.InvalidTag(TagKey=key)
        if len(value) > 256 or not _ALLOWED.fullmatch(value):
            raise errors.InvalidTag("The TagValue you have provided is invalid", TagKey=key, TagValue=value)
        if key.startswith("aws:"):
            raise errors.InvalidTag("System tags cannot be added/updated by requester")
        pairs[key] = value
    return orjson.dumps(pairs).decode() if pairs else ""


def read(text: str) -> list[dict[str, str]]:
    """The inverse of `write`, in order of the keys."""
    return [{"Key": key, "Value": value} for key, value in sorted(orjson.loads(text).items())] if text else []


def count(text: str) -> int:
    return len(orjson.loads(text)) if text else 0


def parse_header(header: str | None) -> str:
    """Tags in a PutObject's header, as JSON for the table. InvalidArgument, InvalidTag."""
    if not header:
        return ""
    pairs = parse_qsl(header, keep_blank_values=True)
    if len({key for key, _ in pairs}) != len(pairs):
        raise invalid_argument(_HEADER_FORM, "x-amz-tagging", header)
    return write([{"Key": key, "Value": value} for key, value in pairs], _OF_OBJECT)


async def _find(call: Call, request: dict[str, Any], method: str) -> tuple[Bucket, Version]:
    """As for other operations, but a delete marker in front is told as such."""
    bucket = await storage.find_bucket(call, request)
    key, version_id = key_bytes(request["Key"]), request.get("VersionId")
    if version_id is not None:
        version = await storage.find_version(call, bucket, key, read_version_id(version_id))
        if version is None:
            raise errors.NoSuchVersion(Key=request["Key"], VersionId=version_id)
    else:
        version = await storage.find_current_facts(call, bucket, key)
        version = version or await storage.find_latest_marker(call, bucket, key)
    if version is None:
        raise errors.NoSuchKey(Key=request["Key"])
    if version.marker:
        raise errors.MethodNotAllowed(Method=method, ResourceType="DeleteMarker")
    return bucket, version
