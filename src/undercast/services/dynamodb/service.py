"""Amazon DynamoDB on one screen."""

from __future__ import annotations

from undercast.kit.service import Job, Service
from undercast.services.dynamodb import (
    backfill,
    backup_jobs,
    backups,
    errors,
    expiry_jobs,
    history,
    recovery,
    restoring,
    tables,
    ttl,
)

service = Service(
    "dynamodb",
    operations=(tables, ttl, backups, recovery),
    errors=errors,
    jobs={
        "drain": Job(backfill.drain),
        "backfill": Job(backfill.fill),
        "expire items": Job(expiry_jobs.expire_items),
        "find expiries": Job(expiry_jobs.backfill),
        "forget expiries": Job(expiry_jobs.forget_all),
        "forget history": Job(history.forget_some),
        "trim history": Job(history.trim),
        "back up": Job(backup_jobs.copy_some),
        "expire backup": Job(backup_jobs.expire),
        "restore": Job(restoring.restore_some),
    },
)
