"""Operations on what is set on a bucket: versioning, policy, encryption, ownership, CORS, public access, lists."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.s3 import access, encryption, errors, finding, storage
from undercast.services.s3.buckets import OWNERSHIPS
from undercast.services.s3.model import Bucket

_BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
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
    await storage.save_bucket(call, replace(bucket, versioning=status))


async def get_bucket_versioning(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Whether a bucket keeps versions."""
    bucket = await storage.find_bucket(call, request)
    return {"Status": bucket.versioning or None}


async def put_bucket_policy(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Set the policy of a bucket."""
    bucket = await storage.find_bucket(call, request)
    text = request["Policy"]
    try:
        policy = orjson.loads(text)
    except ValueError:
        raise errors.MalformedPolicy() from None
    if not isinstance(policy, dict):
        raise errors.MalformedPolicy()
    if not policy.get("Statement"):
        raise errors.MalformedPolicy("Missing required field Statement")
    await _set(call, bucket, "policy", text)
    return {"_status": 204}


async def get_bucket_policy(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The policy of a bucket."""
    return {"Policy": await _get(call, request, "policy", errors.NoSuchBucketPolicy)}


async def delete_bucket_policy(call: Call, request: dict[str, Any]) -> None:
    """Take the policy off a bucket."""
    await _set(call, await storage.find_bucket(call, request), "policy", None)


async def put_public_access_block(call: Call, request: dict[str, Any]) -> None:
    """Say which public access a bucket never allows."""
    bucket = await storage.find_bucket(call, request)
    wanted = request["PublicAccessBlockConfiguration"]
    await _set(call, bucket, "public_access_block", {name: bool(wanted.get(name)) for name in _BLOCKS})


async def get_public_access_block(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Which public access a bucket never allows; a new bucket allows none."""
    bucket = await storage.find_bucket(call, request)
    blocked = bucket.settings.get("public_access_block", dict.fromkeys(_BLOCKS, True))
    if blocked is None:
        raise errors.NoSuchPublicAccessBlockConfiguration(BucketName=bucket.name)
    return {"PublicAccessBlockConfiguration": blocked}


async def delete_public_access_block(call: Call, request: dict[str, Any]) -> None:
    """Leave public access to policies and lists."""
    bucket = await storage.find_bucket(call, request)
    settings = {**bucket.settings, "public_access_block": None}
    await storage.save_bucket(call, replace(bucket, settings=settings))


async def put_bucket_ownership_controls(call: Call, request: dict[str, Any]) -> None:
    """Say who owns what others put into a bucket."""
    bucket = await storage.find_bucket(call, request)
    rules = request["OwnershipControls"].get("Rules") or []
    if len(rules) != 1 or rules[0].get("ObjectOwnership") not in OWNERSHIPS:
        raise errors.MalformedXML()
    await _set(call, bucket, "ownership", rules[0]["ObjectOwnership"])


async def get_bucket_ownership_controls(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Who owns what others put into a bucket."""
    bucket = await storage.find_bucket(call, request)
    ownership = bucket.settings.get("ownership", "BucketOwnerEnforced")
    if not ownership:
        raise errors.OwnershipControlsNotFoundError(BucketName=bucket.name)
    return {"OwnershipControls": {"Rules": [{"ObjectOwnership": ownership}]}}


async def delete_bucket_ownership_controls(call: Call, request: dict[str, Any]) -> None:
    """Forget who owns what others put into a bucket."""
    bucket = await storage.find_bucket(call, request)
    await storage.save_bucket(call, replace(bucket, settings={**bucket.settings, "ownership": ""}))


async def put_bucket_encryption(call: Call, request: dict[str, Any]) -> None:
    """Set how new objects are encrypted when their clients do not say. Nobody asks KMS whether the key is there."""
    bucket = await storage.find_bucket(call, request)
    rules = request["ServerSideEncryptionConfiguration"].get("Rules") or []
    if len(rules) != 1:
        raise errors.MalformedXML()
    await _set(call, bucket, "encryption", {"Rules": [encryption.default_rule(rules[0])]})


async def get_bucket_encryption(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """How new objects are encrypted."""
    bucket = await storage.find_bucket(call, request)
    return {"ServerSideEncryptionConfiguration": bucket.settings.get("encryption") or _AES256}


async def delete_bucket_encryption(call: Call, request: dict[str, Any]) -> None:
    """Go back to S3's own encryption."""
    await _set(call, await storage.find_bucket(call, request), "encryption", None)


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
    await _set(call, bucket, "cors", rules)


async def get_bucket_cors(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Which web pages may use a bucket."""
    return {"CORSRules": await _get(call, request, "cors", errors.NoSuchCORSConfiguration)}


async def delete_bucket_cors(call: Call, request: dict[str, Any]) -> None:
    """Let no web page use a bucket."""
    await _set(call, await storage.find_bucket(call, request), "cors", None)


async def get_bucket_acl(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The access control list of a bucket: its owner's."""
    return access.owners_list(await storage.find_bucket(call, request))


async def put_bucket_acl(call: Call, request: dict[str, Any]) -> None:
    """Accept the list that a bucket has, refuse others."""
    access.check_acl(await storage.find_bucket(call, request), request)


async def get_object_acl(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The access control list of an object: the bucket owner's."""
    bucket, _ = await finding.find(call, request)
    return access.owners_list(bucket)


async def put_object_acl(call: Call, request: dict[str, Any]) -> None:
    """Accept the list that an object has, refuse others."""
    bucket, _ = await finding.find(call, request)
    access.check_acl(bucket, request)


async def _get(call: Call, request: dict[str, Any], name: str, missing: type[ServiceError]) -> Any:
    bucket = await storage.find_bucket(call, request)
    if bucket.settings.get(name) is None:
        raise missing(BucketName=bucket.name)
    return bucket.settings[name]


async def _set(call: Call, bucket: Bucket, name: str, value: Any) -> None:
    settings = {key: item for key, item in bucket.settings.items() if key != name}
    if value is not None:
        settings[name] = value
    await storage.save_bucket(call, replace(bucket, settings=settings))
