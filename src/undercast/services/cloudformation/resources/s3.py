"""AWS::S3: buckets and their policies."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import Any

from undercast.kit.errors import ServiceError
from undercast.kit.tags import as_list
from undercast.services.cloudformation.resources.handler import (
    Handler,
    HandlerError,
    Made,
    Work,
    already_exists,
    document,
)

_CANNED = {
    "Private": "private",
    "PublicRead": "public-read",
    "PublicReadWrite": "public-read-write",
    "AuthenticatedRead": "authenticated-read",
    "BucketOwnerRead": "bucket-owner-read",
    "BucketOwnerFullControl": "bucket-owner-full-control",
    "LogDeliveryWrite": "log-delivery-write",
    "AwsExecRead": "aws-exec-read",
}
_EVENT_TARGETS = (  # property, its member, parameter, its member
    ("LambdaConfigurations", "Function", "LambdaFunctionConfigurations", "LambdaFunctionArn"),
    ("QueueConfigurations", "Queue", "QueueConfigurations", "QueueArn"),
    ("TopicConfigurations", "Topic", "TopicConfigurations", "TopicArn"),
)


class Bucket(Handler):
    """AWS::S3::Bucket"""

    type = "AWS::S3::Bucket"
    service = "s3"
    properties = frozenset(
        {
            "AccelerateConfiguration", "AccessControl", "BucketEncryption", "BucketName", "CorsConfiguration",
            "InventoryConfigurations", "LifecycleConfiguration", "LoggingConfiguration", "NotificationConfiguration", "ObjectLockConfiguration", "ObjectLockEnabled", "OwnershipControls",
            "PublicAccessBlockConfiguration", "ReplicationConfiguration", "Tags", "VersioningConfiguration", "WebsiteConfiguration",
        }
    )  # fmt: skip

    async def create(self, work: Work) -> Made:
        """A bucket with its settings."""
        name, region = work.name("BucketName", 63, lower=True), work.call.region
        place: dict[str, Any] = (
            {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        )
        if region == "us-east-1":
            await _check_free(work, name)
        if work.properties.get("ObjectLockEnabled"):
            place["ObjectLockEnabledForBucket"] = True
        await _or_refuse(work, "ObjectLockEnabled", work.aws.s3.create_bucket(Bucket=name, **place))
        await _settings(work, name)
        site = f"{name}.s3-website{'-' if region in _DASHED else '.'}{region}.amazonaws.com"
        return Made(
            name,
            {
                "Arn": f"arn:aws:s3:::{name}",
                "DomainName": f"{name}.s3.amazonaws.com",
                "RegionalDomainName": f"{name}.s3.{region}.amazonaws.com",
                "DualStackDomainName": f"{name}.s3.dualstack.{region}.amazonaws.com",
                "WebsiteURL": f"http://{site}",
            },
        )

    async def update(self, work: Work) -> Made:
        """Its settings."""
        await _settings(work, work.physical_id)
        return Made(work.physical_id, work.attributes)

    async def delete(self, work: Work) -> None:
        """Only when it is empty, as in AWS."""
        await work.aws.s3.delete_bucket(Bucket=work.physical_id)


class BucketPolicy(Handler):
    """AWS::S3::BucketPolicy"""

    type = "AWS::S3::BucketPolicy"
    service = "s3"

    async def create(self, work: Work) -> Made:
        """Set the bucket's policy."""
        bucket = work.properties["Bucket"]
        await work.aws.s3.put_bucket_policy(Bucket=bucket, Policy=document(work.properties["PolicyDocument"]))
        return Made(bucket)

    async def update(self, work: Work) -> Made:
        """Set it again."""
        return await self.create(work)

    async def delete(self, work: Work) -> None:
        """Take it away."""
        await work.aws.s3.delete_bucket_policy(Bucket=work.properties["Bucket"])


TYPES = (Bucket(), BucketPolicy())

_DASHED = frozenset(  # regions whose websites' names have a dash (S3 user guide, "website endpoints")
    {
        "us-east-1", "us-west-1", "us-west-2", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "eu-west-1",
        "sa-east-1",
    }
)  # fmt: skip


async def _check_free(work: Work, name: str) -> None:
    """In us-east-1 S3 lets an owner create a bucket again; CloudFormation does not take over what is there."""
    try:
        await work.aws.s3.head_bucket(Bucket=name)
    except ServiceError:
        return
    raise already_exists(work.type, name)


async def _settings(work: Work, name: str) -> None:
    """Everything that changed."""
    for property_name, put in _PUTS.items():
        if work.changed(property_name):
            await _or_refuse(work, property_name, put(work, name, work.properties.get(property_name)))
    if work.tags() != work.old_tags():
        tags = as_list(work.tags())
        await work.aws.s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags})


async def _or_refuse(work: Work, property_name: str, doing: Awaitable[Any]) -> None:
    """Do it; what S3 here does not have is refused by the property's name."""
    try:
        await doing
    except ServiceError as error:
        if error.status != 501:
            raise
        raise HandlerError(
            f"Properties [{property_name}] of {work.type} are not supported by Undercast yet: {error.message}"
        ) from None


async def _versioning(work: Work, name: str, value: Any) -> None:
    status = value["Status"] if value else "Enabled" if work.properties.get("ObjectLockEnabled") else "Suspended"
    await work.aws.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": status})


async def _public_access(work: Work, name: str, value: Any) -> None:
    if value is None:
        await work.aws.s3.delete_public_access_block(Bucket=name)
    else:
        await work.aws.s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=value)


async def _ownership(work: Work, name: str, value: Any) -> None:
    if value is None:
        await work.aws.s3.delete_bucket_ownership_controls(Bucket=name)
    else:
        await work.aws.s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=value)


async def _acl(work: Work, name: str, value: Any) -> None:
    try:
        await work.aws.s3.put_bucket_acl(Bucket=name, ACL=_CANNED[value or "Private"])
    except ServiceError as error:  # where lists are off, nothing is given to anyone
        if error.code != "AccessControlListNotSupported" or value not in (None, "Private"):
            raise


async def _encryption(work: Work, name: str, value: Any) -> None:
    if value is None:
        await work.aws.s3.delete_bucket_encryption(Bucket=name)
        return
    rules = []
    for rule in value["ServerSideEncryptionConfiguration"]:
        shown = {key: item for key, item in rule.items() if key != "ServerSideEncryptionByDefault"}
        if "ServerSideEncryptionByDefault" in rule:
            shown["ApplyServerSideEncryptionByDefault"] = rule["ServerSideEncryptionByDefault"]
        rules.append(shown)
    await work.aws.s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": rules})


async def _cors(work: Work, name: str, value: Any) -> None:
    if value is None:
        await work.aws.s3.delete_bucket_cors(Bucket=name)
        return
    renamed = {"Id": "ID", "ExposedHeaders": "ExposeHeaders", "MaxAge": "MaxAgeSeconds"}
    rules = [{renamed.get(key, key): item for key, item in rule.items()} for rule in value["CorsRules"]]
    await work.aws.s3.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": rules})


async def _website(work: Work, name: str, value: Any) -> None:
    if value is None:
        await work.aws.s3.delete_bucket_website(Bucket=name)
        return
    site: dict[str, Any] = {}
    if "IndexDocument" in value:
        site["IndexDocument"] = {"Suffix": value["IndexDocument"]}
    if "ErrorDocument" in value:
        site["ErrorDocument"] = {"Key": value["ErrorDocument"]}
    if "RedirectAllRequestsTo" in value:
        site["RedirectAllRequestsTo"] = value["RedirectAllRequestsTo"]
    if "RoutingRules" in value:
        site["RoutingRules"] = [
            {
                "Redirect": rule["RedirectRule"],
                **({"Condition": rule["RoutingRuleCondition"]} if "RoutingRuleCondition" in rule else {}),
            }
            for rule in value["RoutingRules"]
        ]
    await work.aws.s3.put_bucket_website(Bucket=name, WebsiteConfiguration=site)


async def _object_lock(work: Work, name: str, value: Any) -> None:
    wanted = {"ObjectLockEnabled": "Enabled", **(value or {})}  # what a bucket once locked, it goes on locking
    await work.aws.s3.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=wanted)


async def _notifications(work: Work, name: str, value: Any) -> None:
    wanted: dict[str, Any] = {}
    for source, member, target, arn in _EVENT_TARGETS:
        if source in (value or {}):
            wanted[target] = [_notification(one, member, arn) for one in value[source]]
    bridge = (value or {}).get("EventBridgeConfiguration")
    if bridge is not None and str(bridge.get("EventBridgeEnabled", True)).lower() == "true":
        wanted["EventBridgeConfiguration"] = {}
    await work.aws.s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=wanted)


def _notification(one: dict[str, Any], member: str, arn: str) -> dict[str, Any]:
    shown: dict[str, Any] = {arn: one[member], "Events": [one["Event"]]}
    if "Filter" in one:
        rules = one["Filter"]["S3Key"]["Rules"]
        shown["Filter"] = {"Key": {"FilterRules": rules}}
    return shown


async def _lifecycle(work: Work, name: str, value: Any) -> None:
    if value is None:
        await work.aws.s3.delete_bucket_lifecycle(Bucket=name)
        return
    minimum = value.get("TransitionDefaultMinimumObjectSize")
    await work.aws.s3.put_bucket_lifecycle_configuration(
        Bucket=name,
        LifecycleConfiguration={"Rules": [_rule(rule) for rule in value["Rules"]]},
        **({"TransitionDefaultMinimumObjectSize": minimum} if minimum else {}),
    )


def _rule(rule: dict[str, Any]) -> dict[str, Any]:
    """A lifecycle rule as the API has it."""
    shown: dict[str, Any] = {"Status": rule["Status"], "Filter": _filter(rule)}
    if "Id" in rule:
        shown["ID"] = rule["Id"]
    expiration = {}
    for name, member in (("ExpirationInDays", "Days"), ("ExpirationDate", "Date"), ("ExpiredObjectDeleteMarker", "ExpiredObjectDeleteMarker")):  # fmt: skip
        if name in rule:
            expiration[member] = _milliseconds(rule[name]) if member == "Date" else rule[name]
    if expiration:
        shown["Expiration"] = expiration
    if "AbortIncompleteMultipartUpload" in rule:
        shown["AbortIncompleteMultipartUpload"] = rule["AbortIncompleteMultipartUpload"]
    if "NoncurrentVersionExpiration" in rule:
        shown["NoncurrentVersionExpiration"] = rule["NoncurrentVersionExpiration"]
    elif "NoncurrentVersionExpirationInDays" in rule:
        shown["NoncurrentVersionExpiration"] = {"NoncurrentDays": rule["NoncurrentVersionExpirationInDays"]}
    moves = [*rule.get("Transitions", ()), *([rule["Transition"]] if "Transition" in rule else [])]
    if moves:
        renamed = {"TransitionInDays": "Days", "TransitionDate": "Date", "StorageClass": "StorageClass"}
        shown["Transitions"] = [
            {renamed[key]: _milliseconds(item) if key == "TransitionDate" else item for key, item in one.items()}
            for one in moves
        ]
    covered = rule.get("NoncurrentVersionTransitions") or (
        [rule["NoncurrentVersionTransition"]] if "NoncurrentVersionTransition" in rule else []
    )
    if covered:
        renamed = {"TransitionInDays": "NoncurrentDays"}
        shown["NoncurrentVersionTransitions"] = [
            {renamed.get(key, key): item for key, item in one.items()} for one in covered
        ]
    return shown


def _milliseconds(text: str) -> int:
    """A time in a template, `2026-01-01T00:00:00.000Z`."""
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


async def _logging(work: Work, name: str, value: Any) -> None:
    wanted: dict[str, Any] = {}
    if value is not None:
        kept = {
            "TargetBucket": value.get("DestinationBucketName") or name,
            "TargetPrefix": value.get("LogFilePrefix", ""),
        }
        if "TargetObjectKeyFormat" in value:
            kept["TargetObjectKeyFormat"] = value["TargetObjectKeyFormat"]
        wanted["LoggingEnabled"] = kept
    await work.aws.s3.put_bucket_logging(Bucket=name, BucketLoggingStatus=wanted)


async def _replication(work: Work, name: str, value: Any) -> None:
    if value is None:
        await work.aws.s3.delete_bucket_replication(Bucket=name)
        return
    rules = [_replication_rule(rule) for rule in value["Rules"]]
    wanted = {"Role": value["Role"], "Rules": rules}
    await work.aws.s3.put_bucket_replication(Bucket=name, ReplicationConfiguration=wanted)


def _replication_rule(rule: dict[str, Any]) -> dict[str, Any]:
    shown = {"ID" if key == "Id" else key: item for key, item in rule.items()}
    said = rule.get("Filter")
    if said:
        renamed = {"TagFilter": "Tag", "TagFilters": "Tags"}
        shown["Filter"] = {renamed.get(key, key): item for key, item in said.items()}
        if "And" in said:
            shown["Filter"]["And"] = {renamed.get(key, key): item for key, item in said["And"].items()}
    return shown


async def _inventories(work: Work, name: str, value: Any) -> None:
    wanted = {one["Id"]: _inventory(one) for one in value or ()}
    for id, one in wanted.items():
        await work.aws.s3.put_bucket_inventory_configuration(Bucket=name, Id=id, InventoryConfiguration=one)
    for one in (await work.aws.s3.list_bucket_inventory_configurations(Bucket=name)).get(
        "InventoryConfigurationList"
    ) or ():
        if one["Id"] not in wanted:
            await work.aws.s3.delete_bucket_inventory_configuration(Bucket=name, Id=one["Id"])


def _inventory(one: dict[str, Any]) -> dict[str, Any]:
    renamed = {"BucketArn": "Bucket", "BucketAccountId": "AccountId"}
    shown: dict[str, Any] = {key: one[key] for key in ("Id", "IncludedObjectVersions", "OptionalFields") if key in one}
    if "Prefix" in one:
        shown["Filter"] = {"Prefix": one["Prefix"]}
    return {
        **shown,
        "IsEnabled": one["Enabled"],
        "Schedule": {"Frequency": one["ScheduleFrequency"]},
        "Destination": {
            "S3BucketDestination": {renamed.get(key, key): item for key, item in one["Destination"].items()}
        },
    }


async def _acceleration(work: Work, name: str, value: Any) -> None:
    status = value["AccelerationStatus"] if value else "Suspended"
    await work.aws.s3.put_bucket_accelerate_configuration(Bucket=name, AccelerateConfiguration={"Status": status})


def _filter(rule: dict[str, Any]) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    if "Prefix" in rule:
        parts["Prefix"] = rule["Prefix"]
    for name in ("ObjectSizeGreaterThan", "ObjectSizeLessThan"):
        if name in rule:
            parts[name] = int(rule[name])
    tags = rule.get("TagFilters", [])
    if len(parts) + len(tags) > 1:
        return {"And": {**parts, **({"Tags": tags} if tags else {})}}
    return {"Tag": tags[0]} if tags else parts or {"Prefix": ""}


_PUTS = {  # in this order: an ACL needs its ownership, a public policy its block taken away
    "VersioningConfiguration": _versioning,
    "OwnershipControls": _ownership,
    "PublicAccessBlockConfiguration": _public_access,
    "AccessControl": _acl,
    "BucketEncryption": _encryption,
    "CorsConfiguration": _cors,
    "WebsiteConfiguration": _website,
    "LifecycleConfiguration": _lifecycle,
    "LoggingConfiguration": _logging,
    "AccelerateConfiguration": _acceleration,
    "ReplicationConfiguration": _replication,
    "InventoryConfigurations": _inventories,
    "ObjectLockConfiguration": _object_lock,
    "NotificationConfiguration": _notifications,
}
