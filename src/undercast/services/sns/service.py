"""Amazon SNS on one screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from undercast.kit.errors import ServiceError
from undercast.kit.service import Job, Service, exponential
from undercast.services.sns import (
    applications,
    confirmations,
    errors,
    http_delivery,
    inspection,
    permissions,
    publishing,
    sending,
    sms,
    subscriptions,
    topics,
)


def _invalid(message: str, _violations: Sequence[Any], _params: dict[str, Any]) -> ServiceError:
    """The framework's own error, not the ValidationException that SNS's model has for something else."""
    return errors.ValidationError(message)


service = Service(
    "sns",
    operations=(topics, permissions, subscriptions, publishing, applications, sms),
    errors=errors,
    without=("LanguageCode",),
    receive=sending.receive_event,
    http=inspection.answer,
    invalid=_invalid,
    jobs={
        "http": Job(http_delivery.send, backoff_s=exponential(1, 60)),
        "forget": Job(confirmations.forget),
    },
)
