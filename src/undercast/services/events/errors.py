"""The errors of EventBridge."""

from undercast.kit.errors import ServiceError


class ValidationException(ServiceError):
    """The input is not valid."""

    status = 400
    modelled = False


class ResourceNotFoundException(ServiceError):
    """An entity that you specified does not exist."""


class ResourceAlreadyExistsException(ServiceError):
    """The resource you are trying to create already exists."""


class LimitExceededException(ServiceError):
    """The requested resource exceeds the maximum number allowed."""


class InvalidEventPatternException(ServiceError):
    """The event pattern is not valid."""


class ManagedRuleException(ServiceError):
    """This rule was created by an Amazon Web Services service on behalf of your account."""


class PolicyLengthExceededException(ServiceError):
    """The event bus policy is too long. For more information, see the limits."""


class IllegalStatusException(ServiceError):
    """An error occurred because a replay can be canceled only when the state is Running or Starting."""


class AccessDeniedException(ServiceError):
    """You do not have the necessary permissions for this action."""


def no_bus(name: str) -> ResourceNotFoundException:
    return ResourceNotFoundException(f"Event bus {name} does not exist.")


def no_rule(name: str, bus: str) -> ResourceNotFoundException:
    return ResourceNotFoundException(f"Rule {name} does not exist on EventBus {bus}.")


def not_valid(parameter: str, reason: str = "") -> ValidationException:
    return ValidationException(f"Parameter {parameter} is not valid." + (f" Reason: {reason}" if reason else ""))
