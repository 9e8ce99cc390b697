"""AWS Secrets Manager on one screen."""

from __future__ import annotations

from undercast.kit.service import Job, Service
from undercast.services.secretsmanager import (
    errors,
    expiry,
    listing,
    passwords,
    policies,
    rotating,
    rotation,
    secret_values,
    secrets,
)

service = Service(
    "secretsmanager",
    operations=(secrets, secret_values, listing, policies, rotation, passwords),
    errors=errors,
    jobs={
        "delete": Job(expiry.delete),
        "rotate": Job(rotating.run_step, attempts=5, exhausted=rotating.gave_up),
        "rotation due": Job(rotating.due),
    },
)
