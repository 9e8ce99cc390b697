"""The AWS wire protocols, compiled from the botocore models. No I/O but loading a model, no knowledge of services."""

from undercast.wire.errors import ErrorModel
from undercast.wire.models import Operation, ServiceModel, serialize_error, service
from undercast.wire.trees import UnknownMember
from undercast.wire.validation import Violation, violations_message

__all__ = [
    "ErrorModel",
    "Operation",
    "ServiceModel",
    "UnknownMember",
    "Violation",
    "serialize_error",
    "service",
    "violations_message",
]
