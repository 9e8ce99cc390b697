"""Amazon SQS on one screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from undercast.kit.errors import ServiceError
from undercast.kit.service import Job, Service
from undercast.services.sqs import errors, messages, moves, permissions, queues, redrive, sending, sweeps


def _invalid(_message: str, violations: Sequence[Any], _params: dict[str, Any]) -> ServiceError | None:
    """SQS has words of its own for what is missing, and checks values itself."""
    for violation in violations:
        if violation.value == "null" and "." not in violation.path:
            name = violation.path[0].upper() + violation.path[1:]
            return errors.MissingParameter(f"The request must contain the parameter {name}.")
    return None


service = Service(
    "sqs",
    operations=(queues, messages, moves, permissions),
    errors=errors,
    receive=sending.receive_event,
    jobs={
        "drain": Job(sweeps.drain_generation),
        "expire": Job(sweeps.expire_messages),
        "move": Job(redrive.move_messages),
    },
    invalid=_invalid,
)
