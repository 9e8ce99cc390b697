"""Operations on who may use a bucket and its objects: policies, lists, ownership, the block of public access."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit.call import Call
from undercast.services.s3 import access, changes, errors, finding, publicity, storage
from undercast.services.s3.buckets import OWNERSHIPS
from undercast.services.s3.model import PUBLIC_ACCESS, About


async def put_bucket_policy(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Set the policy of a bucket."""
    bucket = await storage.find_bucket(call, request)
    policy = publicity.check(request["Policy"], bucket.arn)
    if bucket.blocks("BlockPublicPolicy") and publicity.is_public(policy):
        raise errors.AccessDenied()
    await storage.set_setting(call, bucket, "policy", request["Policy"])
    return {"_status": 204}


async def get_bucket_policy(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The policy of a bucket."""
    return {"Policy": await storage.get_setting(call, request, "policy", errors.NoSuchBucketPolicy)}


async def delete_bucket_policy(call: Call, request: dict[str, Any]) -> None:
    """Take the policy off a bucket."""
    await storage.set_setting(call, await storage.find_bucket(call, request), "policy", None)


async def get_bucket_policy_status(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Whether the policy of a bucket gives anything to everybody."""
    text = await storage.get_setting(call, request, "policy", errors.NoSuchBucketPolicy)
    return {"PolicyStatus": {"IsPublic": publicity.is_public(publicity.parsed(text))}}


async def put_public_access_block(call: Call, request: dict[str, Any]) -> None:
    """Say which public access a bucket never allows."""
    bucket = await storage.find_bucket(call, request)
    wanted = request["PublicAccessBlockConfiguration"]
    blocked = {name: bool(wanted.get(name)) for name in PUBLIC_ACCESS}
    await storage.set_setting(call, bucket, "public_access_block", blocked)


async def get_public_access_block(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Which public access a bucket never allows; a new bucket allows none."""
    bucket = await storage.find_bucket(call, request)
    if bucket.settings.get("public_access_block", {}) is None:
        raise errors.NoSuchPublicAccessBlockConfiguration(BucketName=bucket.name)
    return {"PublicAccessBlockConfiguration": {name: bucket.blocks(name) for name in PUBLIC_ACCESS}}


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
    access.check_ownership(bucket, rules[0]["ObjectOwnership"])
    await storage.set_setting(call, bucket, "ownership", rules[0]["ObjectOwnership"])


async def get_bucket_ownership_controls(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Who owns what others put into a bucket."""
    bucket = await storage.find_bucket(call, request)
    ownership = bucket.settings.get("ownership", access.ENFORCED)
    if not ownership:
        raise errors.OwnershipControlsNotFoundError(BucketName=bucket.name)
    return {"OwnershipControls": {"Rules": [{"ObjectOwnership": ownership}]}}


async def delete_bucket_ownership_controls(call: Call, request: dict[str, Any]) -> None:
    """Forget who owns what others put into a bucket: from then on, whoever puts it."""
    bucket = await storage.find_bucket(call, request)
    await storage.save_bucket(call, replace(bucket, settings={**bucket.settings, "ownership": ""}))


async def get_bucket_acl(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The access control list of a bucket."""
    return access.of_bucket(await storage.find_bucket(call, request))


async def put_bucket_acl(call: Call, request: dict[str, Any]) -> None:
    """Replace the access control list of a bucket."""
    bucket = await storage.find_bucket(call, request)
    grants = access.put(request, bucket.owner["ID"])
    if bucket.object_ownership == access.ENFORCED:
        raise errors.AccessControlListNotSupported()
    access.refuse_public(bucket, grants)
    await storage.set_setting(call, bucket, "acl", grants)


async def get_object_acl(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The access control list of an object."""
    bucket, version = await finding.find(call, request)
    return access.of_object(bucket, About.read(version.about).acl)


async def put_object_acl(call: Call, request: dict[str, Any]) -> None:
    """Replace the access control list of an object."""
    bucket, version = await finding.find(call, request)
    about = About.read(version.about)
    owner = access.of_object(bucket, about.acl)["Owner"]["ID"]
    grants = access.put(request, owner, bucket.owner["ID"])
    if bucket.object_ownership == access.ENFORCED:
        raise errors.AccessControlListNotSupported()
    access.refuse_public(bucket, grants)
    about = about._replace(acl={"owner": owner, "grants": grants})
    await storage.set_about(call, bucket, version, about)
    await changes.happened(call, bucket, "ObjectAcl:Put", version)
