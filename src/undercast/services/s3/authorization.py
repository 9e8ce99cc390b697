"""Whether those who are not a bucket's own account may do what they ask: by its policy, or by access control lists.

The bucket's own account may do everything until policies are enforced for it too. Others are let in by the bucket's
policy or by a list; a policy that denies wins. https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-s3-evaluates-access-control.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from undercast.engines import policies
from undercast.engines.policies import Effect, Principal
from undercast.kit.call import Call
from undercast.services.s3 import access, errors, publicity, storage
from undercast.services.s3.model import About, Bucket, Version, key_bytes, owner_id, read_version_id
from undercast.services.s3.tags import read as read_tags

_USER = re.compile(r"arn:aws:iam::\d{12}:user/(?:.*/)?([^/]+)")
_ROLE = re.compile(r"arn:aws:sts::(\d{12}):assumed-role/([^/]+)/.+")

# The action that an operation needs, where its name is not the action's.
_ACTIONS = {
    "HeadObject": "GetObject", "HeadBucket": "ListBucket", "ListObjects": "ListBucket", "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions", "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListParts": "ListMultipartUploadParts", "CopyObject": "PutObject", "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject", "UploadPartCopy": "PutObject", "CompleteMultipartUpload": "PutObject",
    "PostObject": "PutObject", "DeleteObjects": "DeleteObject", "GetBucketCors": "GetBucketCORS", "PutBucketCors": "PutBucketCORS",
    "DeleteBucketCors": "PutBucketCORS", "DeleteBucketTagging": "PutBucketTagging",
    "GetBucketEncryption": "GetEncryptionConfiguration", "PutBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketEncryption": "PutEncryptionConfiguration", "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock", "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration", "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "GetBucketMetricsConfiguration": "GetMetricsConfiguration",
    "ListBucketMetricsConfigurations": "GetMetricsConfiguration",
    "PutBucketMetricsConfiguration": "PutMetricsConfiguration",
    "DeleteBucketMetricsConfiguration": "PutMetricsConfiguration",
    "GetBucketAnalyticsConfiguration": "GetAnalyticsConfiguration",
    "ListBucketAnalyticsConfigurations": "GetAnalyticsConfiguration",
    "PutBucketAnalyticsConfiguration": "PutAnalyticsConfiguration",
    "DeleteBucketAnalyticsConfiguration": "PutAnalyticsConfiguration",
    "GetBucketReplication": "GetReplicationConfiguration", "PutBucketReplication": "PutReplicationConfiguration",
    "DeleteBucketReplication": "PutReplicationConfiguration",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
    "GetBucketInventoryConfiguration": "GetInventoryConfiguration",
    "ListBucketInventoryConfigurations": "GetInventoryConfiguration",
    "PutBucketInventoryConfiguration": "PutInventoryConfiguration",
    "DeleteBucketInventoryConfiguration": "PutInventoryConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
}  # fmt: skip
_OF_VERSIONS = frozenset(
    {
        "GetObject", "DeleteObject", "GetObjectAcl", "PutObjectAcl", "GetObjectTagging", "PutObjectTagging",
        "DeleteObjectTagging", "GetObjectAttributes",
    }
)  # fmt: skip
# What lists allow: on the bucket, and on the object.
_BY_BUCKET = {
    "ListBucket": "READ", "ListBucketVersions": "READ", "ListBucketMultipartUploads": "READ", "PutObject": "WRITE",
    "DeleteObject": "WRITE", "GetBucketAcl": "READ_ACP", "PutBucketAcl": "WRITE_ACP",
}  # fmt: skip
_BY_OBJECT = {
    "GetObject": "READ", "GetObjectVersion": "READ", "GetObjectAcl": "READ_ACP", "GetObjectVersionAcl": "READ_ACP",
    "PutObjectAcl": "WRITE_ACP", "PutObjectVersionAcl": "WRITE_ACP",
}  # fmt: skip


def is_foreign(call: Call, bucket: Bucket) -> bool:
    """Whether a request of this call must be let in by the bucket. What services do on the way is their own affair."""
    return call.from_client and (call.identity.account != bucket.account or not call.identity.access_key)


async def check(call: Call, bucket: Bucket, request: Mapping[str, Any], operation: str = "") -> None:
    """AccessDenied unless the bucket lets the caller do an operation, by default the call's own."""
    operation = operation or call.operation
    if operation == "DeleteObjects" and "Key" not in request:
        return  # asked for each object
    action = action_of(operation, request)
    await _check(call, bucket, request, action)
    if operation == "GetObjectAttributes":
        await _check(call, bucket, request, action_of("GetObject", request))


async def may_bypass(call: Call, bucket: Bucket, request: Mapping[str, Any]) -> bool:
    """Whether a request wants to ignore GOVERNANCE. AccessDenied when the caller may not."""
    if not request.get("BypassGovernanceRetention"):
        return False
    if is_foreign(call, bucket):
        await check(call, bucket, request, "BypassGovernanceRetention")
    return True


def action_of(operation: str, request: Mapping[str, Any]) -> str:
    """The action that a request needs, without its "s3:"."""
    action = _ACTIONS.get(operation, operation)
    if request.get("VersionId") is not None and action in _OF_VERSIONS:
        return action.replace("Object", "ObjectVersion", 1)
    return action


def caller_id(call: Call) -> str:
    """The canonical id of who calls; what services do belongs to their account."""
    anonymous = call.from_client and not call.identity.access_key
    return access.ANONYMOUS if anonymous else owner_id(call.identity.account)


async def _check(call: Call, bucket: Bucket, request: Mapping[str, Any], action: str) -> None:
    version = await _version(call, bucket, request)
    effect = await _by_policy(call, bucket, request, action, version)
    if effect is Effect.EXPLICIT_DENY:
        raise errors.AccessDenied()
    if effect is not Effect.ALLOWED and not _by_lists(call, bucket, action, version):
        raise errors.AccessDenied()
    if version is None and action in ("GetObject", "GetObjectVersion"):
        # Whether a key is missing is told only to those who may list.
        listing = await _by_policy(call, bucket, {}, "ListBucket", None)
        if listing is not Effect.ALLOWED and not _by_lists(call, bucket, "ListBucket", None):
            raise errors.AccessDenied()


async def _version(call: Call, bucket: Bucket, request: Mapping[str, Any]) -> Version | None:
    """The version that a request is about, if it is there."""
    if request.get("Key") is None:
        return None
    key = key_bytes(request["Key"])
    if request.get("VersionId") is not None:
        return await storage.find_version(call, bucket, key, read_version_id(request["VersionId"]))
    return await storage.find_current_facts(call, bucket, key)


async def _by_policy(
    call: Call, bucket: Bucket, request: Mapping[str, Any], action: str, version: Version | None
) -> Effect:
    text = bucket.settings.get("policy")
    if text is None:
        return Effect.IMPLICIT_DENY
    policy = publicity.parsed(text)
    if bucket.blocks("RestrictPublicBuckets") and publicity.is_public(policy):
        return Effect.IMPLICIT_DENY
    resource = f"{bucket.arn}/{request['Key']}" if request.get("Key") is not None else bucket.arn
    principal = await _principal(call)
    context = _context(call, bucket, request, version, principal)
    return policies.evaluate([policy], policies.Request(f"s3:{action}", resource, principal, context)).effect


def _by_lists(call: Call, bucket: Bucket, action: str, version: Version | None) -> bool:
    who = caller_id(call)
    if action in _BY_BUCKET:
        return access.allows(bucket, access.of_bucket(bucket), _BY_BUCKET[action], who)
    if action in _BY_OBJECT and version is not None and not version.marker:
        acl = access.of_object(bucket, About.read(version.about).acl)
        return access.allows(bucket, acl, _BY_OBJECT[action], who)
    return False


async def _principal(call: Call) -> Principal:
    """Who asks, with all ARNs that name it; nobody in particular for an unsigned request."""
    identity = call.identity
    if not identity.access_key:
        return Principal(canonical_user=access.ANONYMOUS)
    arn = str((await call.aws.sts.get_caller_identity())["Arn"])
    role = _ROLE.fullmatch(arn)
    arns = (arn, f"arn:aws:iam::{role[1]}:role/{role[2]}") if role else (arn,)
    return Principal(identity.account, arns, canonical_user=owner_id(identity.account))


def _context(
    call: Call, bucket: Bucket, request: Mapping[str, Any], version: Version | None, principal: Principal
) -> dict[str, str]:
    """The condition keys. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html"""
    context = {
        "aws:CurrentTime": datetime.fromtimestamp(call.now / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:EpochTime": str(call.now // 1000),
        "aws:RequestedRegion": bucket.region,
        "aws:ResourceAccount": bucket.account,
        "s3:ResourceAccount": bucket.account,
        "aws:PrincipalType": "Account" if principal.account else "Anonymous",
        **_of_request(call),
        **_of_tags(request, version),
    }
    if principal.account:
        context |= {"aws:PrincipalAccount": principal.account, "aws:PrincipalArn": principal.arns[-1]}
        context["aws:userid"] = call.identity.user_id
        if user := _USER.fullmatch(principal.arns[0]):
            context["aws:username"] = user[1]
    for member, key in (("Prefix", "prefix"), ("Delimiter", "delimiter"), ("MaxKeys", "max-keys"), ("VersionId", "VersionId")):  # fmt: skip
        if request.get(member) is not None:
            context[f"s3:{key}"] = str(request[member])
    return context


def _of_request(call: Call) -> dict[str, str]:
    request = call.request
    if request is None:
        return {}
    context = {"aws:SourceIp": request.source_ip, "aws:SecureTransport": str(request.scheme == "https").lower()}
    for header, key in (("user-agent", "aws:UserAgent"), ("referer", "aws:Referer")):
        if header in request.headers:
            context[key] = request.headers[header]
    for header, value in request.headers.items():
        if header.startswith("x-amz-"):
            context[f"s3:{header}"] = value
    if call.identity.access_key:
        presigned = "Signature=" in request.query_string
        context["s3:authType"] = "REST-QUERY-STRING" if presigned else "REST-HEADER"
        version_4 = "X-Amz-" in request.query_string or request.headers.get("authorization", "").startswith("AWS4")
        context["s3:signatureversion"] = "AWS4-HMAC-SHA256" if version_4 else "AWS"
    return context


def _of_tags(request: Mapping[str, Any], version: Version | None) -> dict[str, str]:
    context = {}
    if version is not None:
        context = {f"s3:ExistingObjectTag/{tag['Key']}": tag["Value"] for tag in read_tags(version.tags)}
    for tag in (request.get("Tagging") or {}).get("TagSet", ()) if isinstance(request.get("Tagging"), dict) else ():
        context[f"s3:RequestObjectTag/{tag['Key']}"] = tag["Value"]
    return context
