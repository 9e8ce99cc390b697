"""The errors of Glue."""

from undercast.kit.errors import ServiceError


class AlreadyExistsException(ServiceError):
    """A resource to be created or added already exists."""


class ConcurrentModificationException(ServiceError):
    """Two processes are trying to modify a resource simultaneously."""


class EntityNotFoundException(ServiceError):
    """A specified entity does not exist."""


class InvalidInputException(ServiceError):
    """The input provided was not valid."""
