"""Operations on what is set on a bucket: versioning, encryption, CORS."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit.call import Call
from undercast.services.s3 import encryption, errors, storage

_METHODS = ("GET", "PUT", "HEAD", "POST", "DELETE")
_AES256 = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}]}


async def put_bucket_versioning(call: Call, request: dict[str, Any]) -> None:
    """Keep versions from now on, or stop."""
    bucket = await storage.find_bucket(call, request)
    wanted = request["VersioningConfiguration"]
    status = wanted.get("Status")
    if wanted.get("MFADelete") == "Enabled":
        raise errors.NotImplemented("Undercast's S3 does not ask for a second factor.")
    if status not in ("Enabled", "Suspended"):
        raise errors.IllegalVersioningConfigurationException()
    if status == "Suspended" and "replication" in bucket.settings:
        raise errors.InvalidBucketState(
            "A replication configuration is present on this bucket, so the versioning state cannot be changed."
        )
    if status != "Enabled" and bucket.settings.get("object_lock") is not None:
        raise errors.InvalidBucketState(
            "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed."
        )
    await storage.save_bucket(call, replace(bucket, versioning=status))


async def get_bucket_versioning(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Whether a bucket keeps versions."""
    bucket = await storage.find_bucket(call, request)
    return {"Status": bucket.versioning or None}


async def put_bucket_encryption(call: Call, request: dict[str, Any]) -> None:
    """Set how new objects are encrypted when their clients do not say. Nobody asks KMS whether the key is there."""
    bucket = await storage.find_bucket(call, request)
    rules = request["ServerSideEncryptionConfiguration"].get("Rules") or []
    if len(rules) != 1:
        raise errors.MalformedXML()
    await storage.set_setting(call, bucket, "encryption", {"Rules": [encryption.default_rule(rules[0])]})


async def get_bucket_encryption(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """How new objects are encrypted."""
    bucket = await storage.find_bucket(call, request)
    return {"ServerSideEncryptionConfiguration": bucket.settings.get("encryption") or _AES256}


async def delete_bucket_encryption(call: Call, request: dict[str, Any]) -> None:
    """Go back to S3's own encryption."""
    await storage.set_setting(call, await storage.find_bucket(call, request), "encryption", None)


async def put_bucket_cors(call: Call, request: dict[str, Any]) -> None:
    """Say which web pages may use a bucket."""
    bucket = await storage.find_bucket(call, request)
    rules = request["CORSConfiguration"].get("CORSRules") or []
    if not 0 < len(rules) <= 100:
        raise errors.MalformedXML()
    for rule in rules:
        if not rule.get("AllowedOrigins") or not rule.get("AllowedMethods"):
            raise errors.MalformedXML()
        for method in rule["AllowedMethods"]:
            if method not in _METHODS:
                raise errors.InvalidRequest(
                    f"Found unsupported HTTP method in CORS config. Unsupported method is {method}"
                )
    await storage.set_setting(call, bucket, "cors", rules)


async def get_bucket_cors(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Which web pages may use a bucket."""
    return {"CORSRules": await storage.get_setting(call, request, "cors", errors.NoSuchCORSConfiguration)}


async def delete_bucket_cors(call: Call, request: dict[str, Any]) -> None:
    """Let no web page use a bucket."""
    await storage.set_setting(call, await storage.find_bucket(call, request), "cors", None)
