"""What an event of S3 says: to queues, topics and functions as a record, to EventBridge as an event. Pure.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from undercast.services.s3.model import Bucket, Version, owner_id, url_encoded

S3 = "s3.amazonaws.com"
EMPTY_MD5 = "d41d8cd98f00b204e9800998ecf8427e"  # the ETag that a delete marker is told with

_CREATED, _DELETED = "Object Created", "Object Deleted"
_PERMANENTLY, _MARKER = {"deletion-type": "Permanently Deleted"}, {"deletion-type": "Delete Marker Created"}
_EXPIRED = {"reason": "Lifecycle Expiration"}

# What EventBridge calls an event, and what only it is told.
_BRIDGED: dict[str, tuple[str, dict[str, str]]] = {
    "ObjectCreated:Put": (_CREATED, {"reason": "PutObject"}),
    "ObjectCreated:Post": (_CREATED, {"reason": "POST Object"}),
    "ObjectCreated:Copy": (_CREATED, {"reason": "CopyObject"}),
    "ObjectCreated:CompleteMultipartUpload": (_CREATED, {"reason": "CompleteMultipartUpload"}),
    "ObjectRemoved:Delete": (_DELETED, {"reason": "DeleteObject", **_PERMANENTLY}),
    "ObjectRemoved:DeleteMarkerCreated": (_DELETED, {"reason": "DeleteObject", **_MARKER}),
    "LifecycleExpiration:Delete": (_DELETED, {**_EXPIRED, **_PERMANENTLY}),
    "LifecycleExpiration:DeleteMarkerCreated": (_DELETED, {**_EXPIRED, **_MARKER}),
    "LifecycleTransition": ("Object Storage Class Changed", {}),
    "ObjectRestore:Post": ("Object Restore Initiated", {}),
    "ObjectRestore:Completed": ("Object Restore Completed", {}),
    "ObjectRestore:Delete": ("Object Restore Expired", {}),
    "ObjectTagging:Put": ("Object Tags Added", {}),
    "ObjectTagging:Delete": ("Object Tags Deleted", {}),
    "ObjectAcl:Put": ("Object ACL Updated", {}),
}
_VERSION_2_3 = ("Lifecycle", "ObjectTagging", "ObjectAcl", "ObjectRestore:Delete")
_WITHOUT_SIZE = ("ObjectRemoved", "LifecycleExpiration", "ObjectTagging", "ObjectAcl", "ObjectRestore:Delete")
_WITHOUT_ETAG = ("ObjectRemoved:Delete", "LifecycleExpiration:Delete")
_WITHOUT_SEQUENCER = ("ObjectTagging", "ObjectAcl")


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened to an object. `storage_class` is the one that a transition or a restore is about."""

    name: str  # "ObjectCreated:Put", without "s3:"
    version: Version
    sequencer: str
    at: int
    request_id: str
    requester: str  # an account, or S3 itself
    user_id: str  # as the record tells it
    source_ip: str  # '' when S3 itself acts
    storage_class: str = ""
    restored_until: int | None = None
    failure: Mapping[str, str] | None = None  # of a replication


@dataclass(frozen=True, slots=True)
class Target:
    """Where records of some events go: the `arn` of a queue, topic or function."""

    arn: str
    id: str
    events: tuple[str, ...]
    prefix: str = ""
    suffix: str = ""

    def wants(self, name: str, key: str) -> bool:
        """Whether this change of this key is asked for."""
        return (
            any(_covers(pattern, f"s3:{name}") for pattern in self.events)
            and key.startswith(self.prefix)
            and key.endswith(self.suffix)
        )


def record(change: Change, bucket: Bucket, configuration_id: str) -> dict[str, Any]:
    """What a queue, topic or function is told."""
    said = _object(change, bucket)
    names = {"key": "key", "size": "size", "etag": "eTag", "version-id": "versionId", "sequencer": "sequencer"}
    said = {names[name]: value for name, value in said.items()}
    said["key"] = url_encoded(change.version.key_text, "url")
    return {
        "eventVersion": _version(change.name),
        "eventSource": "aws:s3",
        "awsRegion": bucket.region,
        "eventTime": iso_ms(change.at),
        "eventName": change.name,
        "userIdentity": {"principalId": change.user_id},
        "requestParameters": {"sourceIPAddress": change.source_ip or S3},
        "responseElements": {"x-amz-request-id": change.request_id, "x-amz-id-2": host_id(change.request_id)},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": configuration_id,
            "bucket": {
                "name": bucket.name,
                "ownerIdentity": {"principalId": customer_id(bucket.account)},
                "arn": bucket.arn,
            },
            "object": said,
        },
        **_more(change),
    }


def bridged(change: Change, bucket: Bucket, id: str) -> dict[str, Any] | None:
    """The event for EventBridge; None for what it is not told."""
    if change.name not in _BRIDGED:
        return None
    kind, told = _BRIDGED[change.name]
    detail: dict[str, Any] = {
        "version": "0",
        "bucket": {"name": bucket.name},
        "object": _object(change, bucket),
        "request-id": change.request_id,
        "requester": change.requester,
        **told,
    }
    if change.source_ip:
        detail["source-ip-address"] = change.source_ip
    if change.name == "LifecycleTransition":
        detail["destination-storage-class"] = change.storage_class
    elif change.storage_class:
        detail["source-storage-class"] = change.storage_class
    if change.name == "ObjectRestore:Completed":
        detail["restore-expiry-time"] = _iso(change.restored_until or 0)
    return {
        "version": "0",
        "id": id,
        "detail-type": kind,
        "source": "aws.s3",
        "account": bucket.account,
        "time": _iso(change.at),
        "region": bucket.region,
        "resources": [bucket.arn],
        "detail": detail,
    }


def test_event(bucket: Bucket, request_id: str, now: int) -> dict[str, str]:
    """What a queue or topic gets when it becomes a destination."""
    return {
        "Service": "Amazon S3",
        "Event": "s3:TestEvent",
        "Time": iso_ms(now),
        "Bucket": bucket.name,
        "RequestId": request_id,
        "HostId": host_id(request_id),
    }


def targets_overlap(one: Target, other: Target) -> bool:
    """Whether a change could be asked for by both."""
    return (
        any(_covers(a, b) or _covers(b, a) for a in one.events for b in other.events)
        and (one.prefix.startswith(other.prefix) or other.prefix.startswith(one.prefix))
        and (one.suffix.endswith(other.suffix) or other.suffix.endswith(one.suffix))
    )


def customer_id(account: str) -> str:
    """What records call the owner of a bucket: "A" and 13 capitals and digits."""
    return "A" + owner_id(account)[:13].upper()


def host_id(request_id: str) -> str:
    """The second id of a request, as its answer has it in `x-amz-id-2`."""
    return b64encode(sha256(request_id.encode()).digest() * 2)[:76].decode()


def iso_ms(at: int) -> str:
    """`2026-01-02T03:04:05.678Z`"""
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{at % 1000:03d}Z"


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _version(name: str) -> str:
    return "2.3" if name.startswith(_VERSION_2_3) else "2.2" if name.startswith("Replication") else "2.1"


def _covers(pattern: str, name: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern


def _object(change: Change, bucket: Bucket) -> dict[str, Any]:
    """The object as EventBridge tells it."""
    version = change.version
    said: dict[str, Any] = {"key": version.key_text}
    if not change.name.startswith(_WITHOUT_SIZE):
        said["size"] = version.size
    if change.name not in _WITHOUT_ETAG:
        said["etag"] = EMPTY_MD5 if version.marker else version.etag
    if bucket.versioning and not version.is_null:
        said["version-id"] = version.id
    if not change.name.startswith(_WITHOUT_SEQUENCER):
        said["sequencer"] = change.sequencer
    return said


def _more(change: Change) -> Mapping[str, Any]:
    if change.name == "LifecycleTransition":
        moved = {"destinationStorageClass": change.storage_class}
        return {"lifecycleEventData": {"transitionEventData": moved}}
    if change.restored_until is not None:
        restored = {
            "lifecycleRestorationExpiryTime": iso_ms(change.restored_until),
            "lifecycleRestoreStorageClass": change.storage_class,
        }
        return {"glacierEventData": {"restoreEventData": restored}}
    if change.failure is not None:
        return {"replicationEventData": change.failure}
    return {}
