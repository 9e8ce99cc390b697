"""The errors of CloudWatch Logs."""

from undercast.kit.errors import ServiceError


class ResourceNotFoundException(ServiceError):
    """The specified resource does not exist."""


class ResourceAlreadyExistsException(ServiceError):
    """The specified resource already exists."""


class InvalidParameterException(ServiceError):
    """A parameter is specified incorrectly."""


class AccessDeniedException(ServiceError):
    """The caller, or the service for it, may not do this."""


class LimitExceededException(ServiceError):
    """Resource limit exceeded."""


class InvalidOperationException(ServiceError):
    """The operation is not valid on the specified resource."""


class ValidationException(ServiceError):
    """One of the parameters for the request is not valid."""


class TooManyTagsException(ServiceError):
    """A resource can have no more than 50 tags."""


def no_group() -> ResourceNotFoundException:
    return ResourceNotFoundException("The specified log group does not exist.")


def no_stream() -> ResourceNotFoundException:
    return ResourceNotFoundException("The specified log stream does not exist.")
