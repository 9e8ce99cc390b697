"""How Tasks do their work: every resource a Task may name, called in the name of its role.

    integrations.is_known(platform, arn)             whether AWS has such a resource
    resource = integrations.parse(arn)
    integrations.check(call, task)                   InvalidArguments: States.Runtime, before TaskScheduled
    outcome = await integrations.start(call, task)   Done, Submitted or Failed

`start` in a transaction joins it, so that the call and the transition happen together or not at all. What waits for
the outside world (a function, an HTTP request, operations that wait) raises MustWait there, and is to be started again
from a job that `@waits`; `integrations.waits(resource)` tells beforehand what surely will.

Activities are not started: whoever keeps the tasks (`resource.kind is Kind.ACTIVITY`) hands them to workers.
A task that waits for its token is Submitted; so is one that waits for an execution it started, and
`finished(resource, description)` turns the description of that execution into the outcome when it ends.
"""

from undercast.services.stepfunctions.integrations import mocks
from undercast.services.stepfunctions.integrations.executions import finished
from undercast.services.stepfunctions.integrations.model import (
    Done,
    Failed,
    InvalidArguments,
    Outcome,
    Submitted,
    Task,
)
from undercast.services.stepfunctions.integrations.operations import operation_of
from undercast.services.stepfunctions.integrations.resources import Kind, Resource, parse
from undercast.services.stepfunctions.integrations.starting import check, is_known, is_relaxed, start, waits

__all__ = [
    "Done", "Failed", "InvalidArguments", "Kind", "Outcome", "Resource", "Submitted", "Task", "check",
    "finished", "is_known", "is_relaxed", "mocks", "operation_of", "parse", "start", "waits",
]  # fmt: skip
