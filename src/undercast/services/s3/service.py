"""Amazon S3 on one screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.kit.http import Request, Response
from undercast.kit.service import Job, Service
from undercast.services.s3 import (
    access_logs,
    buckets,
    copies,
    cors,
    digests,
    errors,
    forms,
    inventories,
    inventory_reports,
    lifecycle,
    lifecycle_runs,
    listings,
    locks,
    log_settings,
    notifications,
    objects,
    payment,
    permissions,
    reencryption,
    replicating,
    replications,
    restores,
    restoring,
    settings,
    sweeps,
    tags,
    upload_storage,
    uploads,
    website_pages,
    websites,
)


async def _delete_file(call: Call, blob: str) -> None:
    """Nothing has named the file since this job was made, and nothing can: its name is its own."""
    call.blobs.delete(blob)


def _invalid(message: str, violations: Sequence[Any], _params: dict[str, Any]) -> ServiceError | None:
    """What is missing in a document makes it malformed; S3 checks values itself."""
    if any(violation.value == "null" for violation in violations):
        return errors.MalformedXML()
    return None


async def _http(call: Call, request: Request) -> Response:
    """Websites, and uploads by HTML forms."""
    serve = website_pages.serve if website_pages.is_website(request.host) else forms.answer
    return await serve(call, request)


_WITHOUT = (
    "AnnotationDirective", "BucketNamespace", "ChecksumMD5", "ChecksumSHA512", "ChecksumXXHASH128", "ChecksumXXHASH3",
    "ChecksumXXHASH64", "IfMatchInitiatedTime", "MFA", "ObjectLockEventHold", "ObjectLockEventHoldDurationDays",
    "ObjectLockEventHoldDurationYears", "WriteOffsetBytes",
)  # fmt: skip


async def _stop(platform: Any) -> None:
    await access_logs.close(platform)
    await sweeps.stop(platform)


service = Service(
    "s3",
    operations=(
        buckets,
        settings,
        permissions,
        objects,
        locks,
        reencryption,
        copies,
        tags,
        listings,
        uploads,
        notifications,
        lifecycle,
        restores,
        websites,
        replications,
        inventories,
        payment,
        log_settings,
    ),
    errors=errors,
    jobs={
        "delete file": Job(_delete_file),
        "delete parts": Job(upload_storage.delete_parts),
        "lifecycle": Job(lifecycle_runs.walk),
        "inventory": Job(inventory_reports.make),
        "replicate": Job(replicating.replicate),
        "restore": Job(restoring.finish),
        "end restore": Job(restoring.end),
        "deliver logs": Job(access_logs.deliver),
    },
    invalid=_invalid,
    cors=cors.answer_page,
    without=_WITHOUT,
    http=_http,
    start=sweeps.start,
    stop=_stop,
)
service.operations = digests.checked(service.operations)
