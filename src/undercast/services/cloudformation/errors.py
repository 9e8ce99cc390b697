"""The errors of CloudFormation."""

from undercast.kit.errors import ServiceError


class ValidationError(ServiceError):
    """The input is not what CloudFormation takes."""

    status = 400
    modelled = False


class AlreadyExistsException(ServiceError):
    """The resource with the name requested already exists."""


class ChangeSetNotFoundException(ServiceError):
    """The specified change set name or ID doesn't exit."""

    code = "ChangeSetNotFound"
    status = 404


class InsufficientCapabilitiesException(ServiceError):
    """The template contains resources with capabilities that weren't specified in the Capabilities parameter."""


class InvalidChangeSetStatusException(ServiceError):
    """The specified change set can't be used to update the stack."""

    code = "InvalidChangeSetStatus"


class TokenAlreadyExistsException(ServiceError):
    """A client request token already exists."""


def no_stack(name: str) -> ValidationError:
    """The sentence of most operations about a stack that is not there."""
    return ValidationError(f"Stack with id {name} does not exist")
