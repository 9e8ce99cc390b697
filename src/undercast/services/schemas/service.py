"""Amazon EventBridge Schemas on one screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from undercast.kit.errors import ServiceError
from undercast.kit.service import Service
from undercast.services.schemas import discoverers, discovery, errors, registries, schemas, tags


def _invalid(message: str, _violations: Sequence[Any], _params: dict[str, Any]) -> ServiceError | None:
    return errors.BadRequestException(message)


service = Service(
    "schemas",
    operations=(registries, schemas, discoverers, tags),
    errors=errors,
    receive=discovery.receive_event,
    invalid=_invalid,
)
