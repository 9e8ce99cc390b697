"""Amazon EventBridge Scheduler on one screen."""

from __future__ import annotations

from undercast.kit.service import Job, Service
from undercast.services.scheduler import errors, firing, groups, schedules, sweeps, tags

service = Service(
    "scheduler",
    operations=(groups, schedules, tags),
    errors=errors,
    jobs={
        "empty": Job(sweeps.empty),
        "fire": Job(firing.fire),
        "invoke": Job(firing.invoke),
        "invoke outside": Job(firing.invoke_outside, at_once=64),
    },
)
