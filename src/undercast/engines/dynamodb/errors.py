"""What DynamoDB's data rules refuse; the service answers it as a ValidationException."""

from __future__ import annotations


class Invalid(ValueError):
    """A value, key or expression that DynamoDB does not take; the text is AWS's."""


def invalid_value(reason: str) -> Invalid:
    """AWS's usual words for a bad parameter value."""
    return Invalid(f"One or more parameter values were invalid: {reason}")
