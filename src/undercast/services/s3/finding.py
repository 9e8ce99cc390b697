"""Finding the version that a request names, and making the next one: what operations on objects share."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from undercast.kit.call import Call
from undercast.services.s3 import access, archive, authorization, conditions, errors, retention, storage
from undercast.services.s3.contents import Content
from undercast.services.s3.errors import invalid_argument
from undercast.services.s3.model import About, Bucket, Version, key_bytes, read_version_id

# What asks for a list or a lock.
_ASKS = frozenset((*access.MEMBERS, *retention.MEMBERS))


async def find(call: Call, request: dict[str, Any], operation: str = "") -> tuple[Bucket, Version]:
    """The bucket and version that a request names. NoSuchKey, NoSuchVersion, MethodNotAllowed for a delete marker."""
    bucket = await storage.find_bucket(call, request, operation)
    key, version_id = key_bytes(request["Key"]), request.get("VersionId")
    if version_id is not None:
        version = await storage.find_version(call, bucket, key, read_version_id(version_id))
        if version is None:
            raise errors.NoSuchVersion(Key=request["Key"], VersionId=version_id)
        if version.marker:
            raise errors.MethodNotAllowed(Method=_method(call), ResourceType="DeleteMarker")
        return bucket, version
    current = await storage.find_current(call, bucket, key)
    if current is None:
        raise errors.NoSuchKey(Key=request["Key"])
    return bucket, current


def new_version(
    call: Call, bucket: Bucket, key: bytes, size: int, etag: str, about: About, tagged: str, content: Content | None,
    *, upload: str = "",
) -> Version:  # fmt: skip
    """A version that was made now."""
    return Version(
        key=key,
        rank=-call.ids.sequence(),
        is_null=int(bucket.versioning != "Enabled"),
        marker=0,
        modified_at=call.now - call.now % 1000,  # S3's times have no fractions
        size=size,
        etag=etag,
        upload=upload,
        blob=content.blob if content else "",
        about=about.write(),
        tags=tagged,
        data=content.data if content else None,
    )


def settle(call: Call, bucket: Bucket, request: dict[str, Any], about: About, *, begun: bool = False) -> About:
    """What a new object, or an upload that was `begun`, says of itself, with its access control list and what locks it.

    AccessControlListNotSupported, AccessDenied; InvalidRequest in a bucket that locks nothing.
    """
    plain = bucket.object_ownership == access.ENFORCED and bucket.settings.get("object_lock") is None
    if plain and request.keys().isdisjoint(_ASKS):
        return about
    acl = access.of_new_object(request, bucket, authorization.caller_id(call))
    asked = retention.asked(request, call.now)
    locked = retention.of_new_object(bucket, asked, call.now)
    return about._replace(headers=about.headers | (asked if begun else locked), acl=acl)


def lock_by_default(call: Call, bucket: Bucket, about: About) -> About:
    """What the object of an upload says of itself: a bucket's default retention counts from its completion."""
    asked = {name: about.headers[name] for name in retention.MEMBERS if name in about.headers}
    return about._replace(headers=about.headers | retention.of_new_object(bucket, asked, call.now))


def new_marker(call: Call, bucket: Bucket, key: bytes) -> Version:
    """A delete marker that is put now."""
    rank, is_null = -call.ids.sequence(), int(bucket.versioning == "Suspended")
    return Version(key, rank, is_null, 1, call.now - call.now % 1000, 0, "", "", "", "", "")


def told_id(bucket: Bucket, version: Version) -> str | None:
    """The version id that an answer tells: none in a bucket that never kept versions."""
    return version.id if bucket.versioning else None


async def read_source(call: Call, request: dict[str, Any]) -> tuple[Bucket, Version]:
    """The version that a request copies from, if its conditions hold. NoSuchKey, PreconditionFailed, …"""
    source = parse_source(request["CopySource"])
    if request.get("ExpectedSourceBucketOwner") is not None:
        source["ExpectedBucketOwner"] = request["ExpectedSourceBucketOwner"]
    try:
        bucket, version = await find(call, source, "GetObject")
    except errors.MethodNotAllowed:
        raise errors.InvalidRequest(
            "The source of a copy request may not specifically refer to a delete marker by version id."
        ) from None
    conditions.check_source(request, version, call.now)
    if not archive.is_readable(About.read(version.about)):
        raise errors.ObjectNotInActiveTierError()
    return bucket, version


def parse_source(text: str) -> dict[str, Any]:
    """Bucket, key and version id in an `x-amz-copy-source` header. InvalidArgument."""
    path, _, query = text.partition("?versionId=")
    bucket, slash, key = unquote(path.removeprefix("/")).partition("/")
    if not bucket or not slash or not key:
        message = "Copy Source must mention the source bucket and key: sourcebucket/sourcekey"
        raise invalid_argument(message, "x-amz-copy-source", text)
    return {"Bucket": bucket, "Key": key, **({"VersionId": unquote(query)} if query else {})}


def _method(call: Call) -> str:
    operation = call.operation
    return "HEAD" if operation.startswith("Head") else next(
        (verb for word, verb in (("Put", "PUT"), ("Delete", "DELETE")) if operation.startswith(word)), "GET"
    )  # fmt: skip
