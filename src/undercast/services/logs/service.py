"""Amazon CloudWatch Logs on one screen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from undercast.kit.errors import ServiceError
from undercast.kit.service import Job, Service
from undercast.services.logs import (
    errors,
    events,
    exporting,
    exports,
    filters,
    forwarding,
    groups,
    policies,
    streams,
    sweeps,
    tags,
)

# The model has them in this order, the service's answers in the other (test_put_metric_filter_too_many_transformations).
_DIMENSIONS_FIRST = re.compile(r"(dimensions=(?:null|\{.*?\})), (unit=\w+)")


def _invalid(message: str, violations: Sequence[Any], _params: dict[str, Any]) -> ServiceError | None:
    """Names that are too long have words of their own (recorded: test_create_log_group_invalid_name_length)."""
    first = violations[0]
    if first.path in ("logGroupName", "logStreamName") and "less than or equal to 512" in first.constraint:
        message = "Invalid LogGroup or LogStream, both must have length less than or equal to 512."
    return errors.InvalidParameterException(_DIMENSIONS_FIRST.sub(r"\2, \1", message))


service = Service(
    "logs",
    operations=(groups, streams, events, filters, policies, exports, tags),
    errors=errors,
    without=("accountIdentifiers", "includeLinkedAccounts"),
    jobs={
        "drain": Job(sweeps.drain),
        "expire": Job(sweeps.expire),
        "export": Job(exporting.export, attempts=5, exhausted=exporting.failed),
        "forward": Job(forwarding.deliver_batch, attempts=12),
    },
    invalid=_invalid,
)
