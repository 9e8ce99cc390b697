"""Amazon S3 on one screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.kit.service import Job, Service
from undercast.services.s3 import (
    buckets,
    copies,
    cors,
    errors,
    lifecycle,
    lifecycle_runs,
    listings,
    locks,
    notifications,
    objects,
    permissions,
    restores,
    restoring,
    settings,
    sweeps,
    tags,
    upload_storage,
    uploads,
)


async def _delete_file(call: Call, blob: str) -> None:
    """Nothing has named the file since this job was made, and nothing can: its name is its own."""
    call.blobs.delete(blob)


def _invalid(message: str, violations: Sequence[Any], _params: dict[str, Any]) -> ServiceError | None:
    """What is missing in a document makes it malformed; S3 checks values itself."""
    if any(violation.value == "null" for violation in violations):
        return errors.MalformedXML()
    return None


service = Service(
    "s3",
    operations=(
        buckets,
        settings,
        permissions,
        objects,
        locks,
        copies,
        tags,
        listings,
        uploads,
        notifications,
        lifecycle,
        restores,
    ),
    errors=errors,
    jobs={
        "delete file": Job(_delete_file),
        "delete parts": Job(upload_storage.delete_parts),
        "lifecycle": Job(lifecycle_runs.walk),
        "restore": Job(restoring.finish),
        "end restore": Job(restoring.end),
    },
    invalid=_invalid,
    cors=cors.answer_page,
    start=sweeps.start,
    stop=sweeps.stop,
)
