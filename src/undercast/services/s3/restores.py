"""Restoring objects from the archive: the operation."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.s3 import archive, changes, errors, finding, restoring, storage
from undercast.services.s3.lifecycle_rules import midnight_after
from undercast.services.s3.model import About


async def restore_object(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Have a copy of an archived object made that can be read for some days."""
    bucket, version = await finding.find(call, request)
    about = About.read(version.about)
    waits = archive.WAITS_MS.get(about.storage_class)
    if waits is None:
        raise errors.InvalidObjectState(
            "Restore is not allowed for the object's current storage class", StorageClass=about.storage_class
        )
    days, tier = archive.read_request(request.get("RestoreRequest") or {}, about)
    restore = about.headers.get("Restore", "")
    if restore == archive.ONGOING:
        raise errors.RestoreAlreadyInProgress()
    if restore:
        await restoring.keep_until(call, bucket, version, about, midnight_after(call.now, days))
        return {"_status": 200}
    await storage.set_about(call, bucket, version, archive.with_restore(about, archive.ONGOING))
    await changes.happened(call, bucket, "ObjectRestore:Post", version, storage_class=about.storage_class)
    await restoring.later(call, bucket, call.now + waits[tier], "restore", version, days)
    return {"_status": 202}
