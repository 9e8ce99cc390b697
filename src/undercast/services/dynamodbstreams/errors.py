"""The errors of DynamoDB Streams."""

from __future__ import annotations

from undercast.kit.errors import ServiceError
from undercast.kit.errors import ValidationException as ValidationException


class ResourceNotFoundException(ServiceError):
    """Requested resource not found"""


class ExpiredIteratorException(ServiceError):
    """The shard iterator has expired and can no longer be used to retrieve stream records. \
A shard iterator expires 15 minutes after it is retrieved using the GetShardIterator action."""


class TrimmedDataAccessException(ServiceError):
    """The operation attempted to read past the oldest stream record in a shard."""
