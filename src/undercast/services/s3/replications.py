"""Operations on the replication of a bucket, and what a configuration may not say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undercast.kit.call import Call
from undercast.services.s3 import errors, storage
from undercast.services.s3.lifecycle_rules import filter_of
from undercast.services.s3.model import STORAGE_CLASSES, Bucket
from undercast.services.s3.replication_rules import replicates_markers

_ARN = "arn:aws:s3:::"
_GUIDE = "Please refer to S3 Developer Guide for more information."
_SCHEMA = f"must be specified for this version of Cross Region Replication configuration schema. {_GUIDE}"


async def put_bucket_replication(call: Call, request: dict[str, Any]) -> None:
    """Have new versions copied into other buckets of the account."""
    bucket = await storage.find_bucket(call, request)
    wanted = request["ReplicationConfiguration"]
    if bucket.versioning != "Enabled":
        raise errors.InvalidRequest("Versioning must be 'Enabled' on the bucket to apply a replication configuration")
    if not wanted["Rules"]:
        raise errors.MalformedXML()
    for rule in wanted["Rules"]:
        _check(rule)
        await _check_destination(call, bucket, rule["Destination"]["Bucket"])
    _check_all(wanted["Rules"])
    rules = [{**rule, "ID": rule.get("ID") or call.ids.uuid()} for rule in wanted["Rules"]]
    await storage.set_setting(call, bucket, "replication", {**wanted, "Rules": rules})


async def get_bucket_replication(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Where new versions of a bucket are copied to."""
    missing = errors.ReplicationConfigurationNotFoundError
    return {"ReplicationConfiguration": await storage.get_setting(call, request, "replication", missing)}


async def delete_bucket_replication(call: Call, request: dict[str, Any]) -> None:
    """Copy no more."""
    await storage.set_setting(call, await storage.find_bucket(call, request), "replication", None)


def _check(rule: Mapping[str, Any]) -> None:
    """InvalidRequest, MalformedXML; NotImplemented for what would not act."""
    if rule["Status"] not in ("Enabled", "Disabled") or (rule.get("Filter") is None) == (rule.get("Prefix") is None):
        raise errors.MalformedXML()
    if rule.get("Filter") is not None:
        for name in ("Priority", "DeleteMarkerReplication"):
            if rule.get(name) is None:
                raise errors.InvalidRequest(f"{name} {_SCHEMA}")
    if filter_of(rule)["tags"] and replicates_markers(rule):
        raise errors.InvalidRequest(
            f"Delete marker replication is not supported if any Tag filter is specified. {_GUIDE}"
        )
    destination = rule["Destination"]
    if destination.get("StorageClass", "STANDARD") not in STORAGE_CLASSES:
        raise errors.MalformedXML()
    for name in ("EncryptionConfiguration", "AccessControlTranslation", "ReplicationTime", "Metrics"):
        if (destination.get(name) or {}).get("Status") != "Disabled" and destination.get(name) is not None:
            raise errors.NotImplemented(f"Undercast's S3 does not have {name} of a replication.")
    criteria = {**(rule.get("SourceSelectionCriteria") or {}), "Existing": rule.get("ExistingObjectReplication")}
    for name, said in criteria.items():
        if said is not None and said.get("Status") == "Enabled":
            raise errors.NotImplemented(f"Undercast's S3 does not have {name} of a replication.")


def _check_all(rules: list[dict[str, Any]]) -> None:
    ids = [rule["ID"] for rule in rules if rule.get("ID")]
    if len(set(ids)) != len(ids):
        raise errors.InvalidRequest("Rule ID must be unique. Found same ID for more than one rule")
    priorities = [rule["Priority"] for rule in rules if rule.get("Filter") is not None]
    if len(set(priorities)) != len(priorities):
        raise errors.InvalidRequest("Found duplicate priority in different rules. Priority must be unique.")


async def _check_destination(call: Call, bucket: Bucket, arn: str) -> None:
    target = await storage.bucket_named(call, arn.removeprefix(_ARN)) if arn.startswith(_ARN) else None
    if target is None:
        raise errors.InvalidRequest("Destination bucket must exist.")
    if target.account != bucket.account:
        raise errors.NotImplemented("Undercast's S3 replicates between buckets of one account.")
    if target.versioning != "Enabled":
        raise errors.InvalidRequest("Destination bucket must have versioning enabled.")
