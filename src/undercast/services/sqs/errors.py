"""The errors of SQS. Codes of the query protocol come from the model, or stand here where it has none."""

from undercast.kit.errors import ServiceError


class QueueDoesNotExist(ServiceError):
    """The specified queue does not exist."""


class QueueNameExists(ServiceError):
    """A queue already exists with the same name and a different value for attribute."""


class InvalidAttributeName(ServiceError):
    """The specified attribute doesn't exist."""


class InvalidAttributeValue(ServiceError):
    """A queue attribute value is invalid."""


class InvalidMessageContents(ServiceError):
    """The message contains characters outside the allowed set."""


class ReceiptHandleIsInvalid(ServiceError):
    """The specified receipt handle isn't valid."""


class PurgeQueueInProgress(ServiceError):
    """Only one PurgeQueue operation is allowed every 60 seconds."""


class EmptyBatchRequest(ServiceError):
    """The batch request doesn't contain any entries."""


class TooManyEntriesInBatchRequest(ServiceError):
    """Maximum number of entries per request are 10."""


class BatchEntryIdsNotDistinct(ServiceError):
    """Two or more batch entries in the request have the same Id."""


class InvalidBatchEntryId(ServiceError):
    """A batch entry id can only contain alphanumeric characters, hyphens and underscores. \
It can be at most 80 letters long."""


class BatchRequestTooLong(ServiceError):
    """The length of all the messages put together is more than the limit."""


class OverLimit(ServiceError):
    """The maximum number of in flight messages is reached."""


class UnsupportedOperation(ServiceError):
    """Error code 400. Unsupported operation."""


class ResourceNotFoundException(ServiceError):
    """One or more specified resources don't exist."""


class KmsNotFound(ServiceError):
    """The specified entity or resource could not be found."""


class KmsDisabled(ServiceError):
    """The specified KMS key isn't enabled."""


class KmsInvalidState(ServiceError):
    """The state of the specified resource is not valid for this request."""


class KmsInvalidKeyUsage(ServiceError):
    """The KMS key cannot be used for this operation."""


class KmsAccessDenied(ServiceError):
    """The ciphertext refers to a customer master key that does not exist, does not exist in this region, \
or you are not allowed to access."""


class InvalidParameterValue(ServiceError):
    """A parameter's value is invalid."""

    code = "InvalidParameterValueException"
    query_code = "InvalidParameterValue"
    status = 400
    modelled = False


class MissingParameter(ServiceError):
    """The request must contain a parameter."""

    code = "MissingRequiredParameterException"
    query_code = "MissingParameter"
    status = 400
    modelled = False


def invalid_value(value: object, parameter: str, reason: str) -> InvalidParameterValue:
    """SQS's usual complaint about a parameter."""
    return InvalidParameterValue(f"Value {value} for parameter {parameter} is invalid. Reason: {reason}")
