"""The errors of Step Functions."""

from undercast.kit.errors import ServiceError
from undercast.services.stepfunctions.about import About


class AccessDeniedException(ServiceError):
    """Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role."""

    modelled = False


class ActivityAlreadyExists(About):
    """Activity already exists."""

    prefix = "Activity Already Exists"


class ActivityDoesNotExist(About):
    """The specified activity does not exist."""

    prefix = "Activity Does Not Exist"


class ConflictException(ServiceError):
    """Updating or deleting a resource can cause inconsistency."""


class ExecutionAlreadyExists(About):
    """The execution has the same name as another execution (but a different input)."""

    prefix = "Execution Already Exists"


class ExecutionDoesNotExist(About):
    """The specified execution does not exist."""

    prefix = "Execution Does Not Exist"


class ExecutionNotRedrivable(ServiceError):
    """The execution cannot be redriven."""


class InvalidArn(About):
    """The provided Amazon Resource Name (ARN) is not valid."""

    prefix = "Invalid Arn"


class InvalidDefinition(ServiceError):
    """The provided Amazon States Language definition is not valid."""


class InvalidEncryptionConfiguration(About):
    """The encryption configuration is not valid."""

    prefix = "Invalid Encryption Configuration"


class InvalidExecutionInput(About):
    """The provided JSON input data is not valid."""

    prefix = "Invalid State Machine Execution Input"


class InvalidLoggingConfiguration(ServiceError):
    """The logging configuration is not valid."""

    def __init__(self, about: str) -> None:
        super().__init__(f"Invalid Logging Configuration: {about}")


class InvalidName(About):
    """The provided name is not valid."""

    prefix = "Invalid Name"


class InvalidOutput(About):
    """The provided JSON output data is not valid."""

    prefix = "Invalid Output"


class InvalidToken(About):
    """The provided token is not valid."""

    prefix = "Invalid Token"


class KmsAccessDeniedException(ServiceError):
    """Either your KMS key policy or API caller does not have the required permissions."""


class MissingRequiredParameter(ServiceError):
    """Request is missing a required parameter."""


class ResourceNotFound(ServiceError):
    """Request references a resource that does not exist."""


class ServiceQuotaExceededException(ServiceError):
    """The request would cause a service quota to be exceeded."""


class StateMachineAlreadyExists(About):
    """A state machine with the same name but a different definition or role ARN already exists."""

    prefix = "State Machine Already Exists"


class StateMachineDoesNotExist(About):
    """The specified state machine does not exist."""

    prefix = "State Machine Does Not Exist"


class StateMachineTypeNotSupported(ServiceError):
    """This operation is not supported by this type of state machine"""


class TaskDoesNotExist(About):
    """The activity does not exist."""

    prefix = "Task Does Not Exist"


class TaskTimedOut(About):
    """The task token has either expired or the task associated with the token has already been closed."""

    prefix = "Task Timed Out"


class TooManyTags(About):
    """You've exceeded the number of tags allowed for a resource."""

    prefix = "Too Many Tags"


class ValidationException(ServiceError):
    """The input does not satisfy the constraints specified by an AWS service."""
