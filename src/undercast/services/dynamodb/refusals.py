"""What the engine finds wrong with data and expressions, answered as DynamoDB's ValidationException."""

from __future__ import annotations

from functools import wraps
from typing import Any

from undercast.engines.dynamodb.errors import Invalid
from undercast.kit.call import Call
from undercast.kit.service import Operation
from undercast.services.dynamodb.errors import ValidationException


def answered(operation: Operation) -> Operation:
    """The operation, with what the engine refuses turned into the error that clients know."""

    @wraps(operation)  # keeps the marks of the kit: waits, relaxed
    async def answer(call: Call, request: dict[str, Any]) -> dict[str, Any] | None:
        try:
            return await operation(call, request)
        except Invalid as error:
            raise ValidationException(str(error)) from error

    return answer
