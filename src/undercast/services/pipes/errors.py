"""The errors of EventBridge Pipes."""

from undercast.kit.errors import NotImplementedYet, ServiceError


class ConflictException(ServiceError):
    """An action you attempted resulted in an exception."""


class NotFoundException(ServiceError):
    """An entity that you specified does not exist."""


class ServiceQuotaExceededException(ServiceError):
    """A quota has been exceeded."""


class ValidationException(ServiceError):
    """Indicates that an error has occurred while performing a validate operation."""


def conflict(name: str, message: str) -> ConflictException:
    """What a pipe cannot do as it is."""
    return ConflictException(message, resourceId=name, resourceType="Pipe")


def unavailable(what: str) -> NotImplementedYet:
    """What Undercast cannot connect yet."""
    return NotImplementedYet(f"Undercast's pipes do not have {what} yet.")
