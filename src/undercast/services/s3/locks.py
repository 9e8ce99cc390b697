"""Operations on Object Lock: a bucket's configuration, the retention and the legal hold of an object."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.s3 import authorization, errors, finding, retention, storage
from undercast.services.s3.model import About, Bucket, Version


async def put_object_lock_configuration(call: Call, request: dict[str, Any]) -> None:
    """Have a bucket lock objects from now on; it cannot be taken back."""
    bucket = await storage.find_bucket(call, request)
    configuration = retention.check_configuration(request.get("ObjectLockConfiguration") or {})
    if bucket.versioning != "Enabled":
        raise errors.InvalidBucketState(
            "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"
        )
    await storage.set_setting(call, bucket, "object_lock", configuration)


async def get_object_lock_configuration(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """How a bucket locks objects."""
    kept = await storage.get_setting(call, request, "object_lock", errors.ObjectLockConfigurationNotFoundError)
    return {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", **kept}}


async def put_object_retention(call: Call, request: dict[str, Any]) -> None:
    """Set, extend or, where that is allowed, loosen the retention of a version."""
    bucket, version, about = await _find(call, request)
    bypass = await authorization.may_bypass(call, bucket, request)
    kept = retention.check_change(about, request.get("Retention") or {}, call.now, bypass)
    headers = {name: value for name, value in about.headers.items() if name not in (retention.MODE, retention.UNTIL)}
    await storage.set_about(call, bucket, version, about._replace(headers={**headers, **kept}))


async def get_object_retention(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The retention of a version."""
    _, _, about = await _find(call, request)
    if retention.MODE not in about.headers:
        raise errors.NoSuchObjectLockConfiguration()
    kept = {"Mode": about.headers[retention.MODE], "RetainUntilDate": about.headers[retention.UNTIL]}
    return {"Retention": kept}


async def put_object_legal_hold(call: Call, request: dict[str, Any]) -> None:
    """Put a legal hold on a version, or take it off."""
    bucket, version, about = await _find(call, request)
    status = (request.get("LegalHold") or {}).get("Status")
    if status not in ("ON", "OFF"):
        raise errors.MalformedXML()
    headers = {**about.headers, retention.HOLD: status}
    await storage.set_about(call, bucket, version, about._replace(headers=headers))


async def get_object_legal_hold(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Whether there is a legal hold on a version."""
    _, _, about = await _find(call, request)
    if retention.HOLD not in about.headers:
        raise errors.NoSuchObjectLockConfiguration()
    return {"LegalHold": {"Status": about.headers[retention.HOLD]}}


async def _find(call: Call, request: dict[str, Any]) -> tuple[Bucket, Version, About]:
    bucket, version = await finding.find(call, request)
    if bucket.settings.get("object_lock") is None:
        raise errors.InvalidRequest("Bucket is missing Object Lock Configuration")
    return bucket, version, About.read(version.about)
