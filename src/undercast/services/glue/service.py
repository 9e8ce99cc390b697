"""AWS Glue on one screen: the Data Catalog's databases and tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from undercast.kit.errors import ServiceError
from undercast.kit.service import Service
from undercast.services.glue import databases, errors, tables


def _invalid(message: str, _violations: Sequence[Any], _params: dict[str, Any]) -> ServiceError | None:
    return errors.InvalidInputException(message)


service = Service(
    "glue",
    operations=(databases, tables),
    errors=errors,
    without=("AttributesToGet", "Force", "IncludeStatusDetails"),
    invalid=_invalid,
)
