"""The errors of Firehose."""

from undercast.kit.errors import ServiceError


class ConcurrentModificationException(ServiceError):
    """Another modification has already happened."""


class InvalidArgumentException(ServiceError):
    """The specified input parameter has a value that is not valid."""


class InvalidKMSResourceException(ServiceError):
    """The KMS key cannot be used."""


class LimitExceededException(ServiceError):
    """You have already reached the limit for a requested resource."""


class ResourceInUseException(ServiceError):
    """The resource is already in use and not available for this operation."""


class ResourceNotFoundException(ServiceError):
    """The specified resource could not be found."""
