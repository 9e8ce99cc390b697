"""Amazon DynamoDB on one screen."""

from __future__ import annotations

from undercast.kit.service import Job, Service
from undercast.services.dynamodb import (
    backfill,
    backup_jobs,
    backups,
    batches,
    errors,
    expiry_jobs,
    global_tables,
    history,
    items,
    kinesis_destinations,
    kinesis_records,
    partiql,
    queries,
    recovery,
    refusals,
    replica_updates,
    resource_policies,
    restoring,
    table_updates,
    tables,
    tags,
    transactions,
    ttl,
)

service = Service(
    "dynamodb",
    operations=(
        tables,
        items,
        queries,
        batches,
        transactions,
        table_updates,
        ttl,
        backups,
        recovery,
        tags,
        resource_policies,
        kinesis_destinations,
        global_tables,
        partiql,
    ),
    errors=errors,
    jobs={
        "drain": Job(backfill.drain),
        "drain index": Job(backfill.drain_index),
        "backfill": Job(backfill.fill),
        "expire items": Job(expiry_jobs.expire_items),
        "find expiries": Job(expiry_jobs.backfill),
        "forget expiries": Job(expiry_jobs.forget_all),
        "forget history": Job(history.forget_some),
        "trim history": Job(history.trim),
        "back up": Job(backup_jobs.copy_some),
        "expire backup": Job(backup_jobs.expire),
        "restore": Job(restoring.restore_some),
        "copy to replica": Job(replica_updates.copy_some),
        "put to kinesis": Job(kinesis_records.put_record, attempts=300),  # about a day
    },
)
service.operations = {name: refusals.answered(one) for name, one in service.operations.items()}
