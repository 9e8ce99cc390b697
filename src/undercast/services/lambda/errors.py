"""The errors of Lambda. Status, `Type` and the spelling of `Message` come from the model."""

from __future__ import annotations

from undercast.kit.errors import ServiceError


class ResourceNotFoundException(ServiceError):
    """The resource you requested does not exist."""


class ResourceConflictException(ServiceError):
    """The resource already exists, or another operation is in progress."""


class InvalidParameterValueException(ServiceError):
    """One of the parameters in the request is not valid."""


class InvalidRequestContentException(ServiceError):
    """The request body could not be parsed as JSON, or a request header is invalid."""


class RequestTooLargeException(ServiceError):
    """The request payload exceeded the Invoke request body JSON input quota."""


class RequestEntityTooLargeException(ServiceError):
    """Request must be smaller than 70167211 bytes for the CreateFunction operation"""

    status = 413
    modelled = False


class PreconditionFailedException(ServiceError):
    """The Revision Id provided does not match the latest Revision Id. \
Call the GetFunction/GetAlias API to retrieve the latest Revision Id"""


class TooManyRequestsException(ServiceError):
    """Rate Exceeded."""


class CodeStorageExceededException(ServiceError):
    """Code storage limit exceeded."""


class PolicyLengthExceededException(ServiceError):
    """The permissions policy for the resource is too large."""


class CodeSigningConfigNotFoundException(ServiceError):
    """The specified code signing configuration does not exist."""


class ProvisionedConcurrencyConfigNotFoundException(ServiceError):
    """No Provisioned Concurrency Config found for this function"""


class InvalidRuntimeException(ServiceError):
    """The runtime or runtime version specified is not supported."""


class InvalidZipFileException(ServiceError):
    """Lambda could not unzip the deployment package."""


class ResourceInUseException(ServiceError):
    """The operation conflicts with the resource's availability."""


class RecursiveInvocationException(ServiceError):
    """Lambda has detected your function being invoked in a recursive loop with other AWS resources \
and stopped your function's invocation."""


class ServiceException(ServiceError):
    """The Lambda service encountered an internal error."""


class UnsupportedMediaTypeException(ServiceError):
    """The content type of the Invoke request body is not JSON."""


class KMSAccessDeniedException(ServiceError):
    """Lambda was unable to decrypt the environment variables because KMS access was denied. \
Please check the function's KMS key settings."""


class KMSDisabledException(ServiceError):
    """Lambda was unable to decrypt the environment variables because the KMS key used is disabled. \
Please check the function's KMS key settings."""


class KMSInvalidStateException(ServiceError):
    """Lambda was unable to decrypt the environment variables because the KMS key used is in an invalid state for Decrypt. \
Please check the function's KMS key settings."""


class KMSNotFoundException(ServiceError):
    """Lambda was unable to decrypt the environment variables because the KMS key was not found. \
Please check the function's KMS key settings."""


class AccessDeniedException(ServiceError):
    """User is not authorized to perform this operation."""

    status = 403
    modelled = False


class UnsupportedSetting(ServiceError):
    """This setting cannot act in Undercast yet."""

    code = "NotImplemented"
    status = 501
    modelled = False


def no_function(arn: str) -> ResourceNotFoundException:
    """Lambda's usual complaint about a function, version or alias that is not there."""
    return ResourceNotFoundException(f"Function not found: {arn}")


def unsupported(setting: str, why: str) -> UnsupportedSetting:
    """Refuse what could only be stored but would not act."""
    return UnsupportedSetting(f"Undercast does not have {setting} yet: {why}")
