"""The errors of SNS, named like the codes it sends."""

from undercast.kit.errors import ServiceError


class InvalidParameter(ServiceError):
    """Invalid parameter"""


class ParameterValueInvalid(ServiceError):
    """The message attribute is invalid."""


class NotFound(ServiceError):
    """Topic does not exist"""


class ResourceNotFound(ServiceError):
    """Resource does not exist"""


class AuthorizationError(ServiceError):
    """User is not authorized to perform this operation."""


class EndpointDisabled(ServiceError):
    """Endpoint is disabled"""


class PlatformApplicationDisabled(ServiceError):
    """Platform application is disabled"""


class TagLimitExceeded(ServiceError):
    """Could not complete request: tag quota of per resource exceeded"""


class EmptyBatchRequest(ServiceError):
    """The batch request doesn't contain any entries."""


class TooManyEntriesInBatchRequest(ServiceError):
    """The batch request contains more entries than permissible."""


class BatchEntryIdsNotDistinct(ServiceError):
    """Two or more batch entries in the request have the same Id."""


class InvalidBatchEntryId(ServiceError):
    """The Id of a batch entry in the batch request doesn't abide by the specification."""


class BatchRequestTooLong(ServiceError):
    """The length of all the batch messages put together is more than the limit."""


class KMSNotFound(ServiceError):
    """The request was rejected because the specified entity or resource can't be found."""


class KMSDisabled(ServiceError):
    """The request was rejected because the specified Amazon Web Services KMS key isn't enabled."""


class KMSInvalidState(ServiceError):
    """The request was rejected because the state of the specified resource isn't valid for this request."""


class KMSAccessDenied(ServiceError):
    """The ciphertext references a key that doesn't exist or that you don't have access to."""


class VerificationException(ServiceError):
    """The one-time password (OTP) used for verification is invalid."""

    status = 400


class ValidationError(ServiceError):
    """The input does not satisfy the constraints of the model."""

    status = 400
    modelled = False


def invalid(parameter: str, reason: str = "") -> InvalidParameter:
    """SNS's usual complaint about a parameter."""
    return InvalidParameter(f"Invalid parameter: {parameter}" + (f" Reason: {reason}" if reason else ""))
