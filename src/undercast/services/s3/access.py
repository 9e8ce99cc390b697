"""Access control lists, as far as they go: a bucket belongs to its owner, and so does all that is in it.

With object ownership `BucketOwnerEnforced`, the default since 2023, lists are switched off:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undercast.services.s3 import errors
from undercast.services.s3.errors import invalid_argument
from undercast.services.s3.model import Bucket

_CANNED = (
    "private", "public-read", "public-read-write", "authenticated-read", "aws-exec-read", "bucket-owner-read",
    "bucket-owner-full-control",
)  # fmt: skip
_OWNERS = ("private", "bucket-owner-full-control")
_GRANTS = ("GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP", "AccessControlPolicy")


def check_acl(bucket: Bucket, request: Mapping[str, Any]) -> None:
    """Let through what gives the owner everything and nobody else anything. AccessControlListNotSupported, …"""
    acl = request.get("ACL")
    if acl is not None and acl not in _CANNED:
        raise invalid_argument("", "x-amz-acl", acl)
    if acl in (None, *_OWNERS) and not any(request.get(name) for name in _GRANTS):
        return
    if bucket.object_ownership == "BucketOwnerEnforced":
        raise errors.AccessControlListNotSupported()
    raise errors.NotImplemented("Undercast's S3 does not share by access control lists yet; use a bucket policy.")


def owners_list(bucket: Bucket) -> dict[str, Any]:
    """The list that every bucket and object has: its owner may do everything."""
    grantee = {**bucket.owner, "Type": "CanonicalUser"}
    return {"Owner": bucket.owner, "Grants": [{"Grantee": grantee, "Permission": "FULL_CONTROL"}]}
