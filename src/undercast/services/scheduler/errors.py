"""The errors of EventBridge Scheduler."""

from undercast.kit.errors import NotImplementedYet, ServiceError


class ConflictException(ServiceError):
    """Updating or deleting the resource can cause an inconsistent state."""


class ResourceNotFoundException(ServiceError):
    """The request references a resource which does not exist."""


class ServiceQuotaExceededException(ServiceError):
    """The request exceeds a service quota."""


class ValidationException(ServiceError):
    """The input fails to satisfy the constraints specified by an AWS service."""


def unavailable(what: str) -> NotImplementedYet:
    """What Undercast cannot reach yet."""
    return NotImplementedYet(f"Undercast does not have {what} as the target of a schedule yet.")
