"""The errors of KMS."""

from undercast.kit.errors import ServiceError


class NotFoundException(ServiceError):
    """The specified entity or resource could not be found."""


class AlreadyExistsException(ServiceError):
    """A resource of that name already exists."""


class DisabledException(ServiceError):
    """The specified KMS key is not enabled."""


class KMSInvalidStateException(ServiceError):
    """The state of the specified resource is not valid for this request."""


class InvalidKeyUsageException(ServiceError):
    """The key cannot be used for this operation."""


class IncorrectKeyException(ServiceError):
    """The key ID in the request does not identify a CMK that can perform this operation."""


class IncorrectKeyMaterialException(ServiceError):
    """The key material in the request is not the key material that was imported into this KMS key before."""


class InvalidCiphertextException(ServiceError):
    """"""  # AWS sends none


class KMSInvalidMacException(ServiceError):
    """"""


class KMSInvalidSignatureException(ServiceError):
    """"""


class UnsupportedOperationException(ServiceError):
    """"""


class DryRunOperationException(ServiceError):
    """The request would have succeeded, but the DryRun option is set."""


class InvalidArnException(ServiceError):
    """A specified ARN is not valid."""


class InvalidMarkerException(ServiceError):
    """The marker that specifies where pagination should next begin is not valid."""


class InvalidGrantIdException(ServiceError):
    """The specified GrantId is not valid."""


class InvalidGrantTokenException(ServiceError):
    """The specified grant token is not valid."""


class InvalidImportTokenException(ServiceError):
    """The provided import token is not valid or is associated with a different KMS key."""


class ExpiredImportTokenException(ServiceError):
    """The specified import token is expired."""


class LimitExceededException(ServiceError):
    """A quota was exceeded."""


class MalformedPolicyDocumentException(ServiceError):
    """The specified policy is not syntactically or semantically correct."""


class TagException(ServiceError):
    """One or more tags are not valid."""


class ValidationException(ServiceError):
    """The input does not satisfy the constraints of the model."""

    status = 400
    modelled = False


class NotAuthorizedException(ServiceError):
    """"""  # said of names that begin with alias/aws/

    status = 400
    modelled = False


class AccessDeniedException(ServiceError):
    """AWS managed keys are managed by the services that use them."""

    status = 400
    modelled = False
