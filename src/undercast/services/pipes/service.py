"""Amazon EventBridge Pipes on one screen."""

from __future__ import annotations

from undercast.kit.service import Job, Service
from undercast.services.pipes import errors, pipes, states, tags

service = Service(
    "pipes",
    operations=(pipes, tags),
    errors=errors,
    jobs={"pipe": Job(states.keep)},
    without=("KmsKeyIdentifier",),
    stop=states.close,
    leave=states.leave,
)
