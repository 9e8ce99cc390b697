"""The errors of Secrets Manager."""

from undercast.kit.errors import ServiceError


class ResourceNotFoundException(ServiceError):
    """Secrets Manager can't find the specified secret."""


class ResourceExistsException(ServiceError):
    """A resource with the ID you requested already exists."""


class InvalidParameterException(ServiceError):
    """The parameter name or value is invalid."""


class InvalidRequestException(ServiceError):
    """You can't perform this operation on the secret because it was marked for deletion."""


class InvalidNextTokenException(ServiceError):
    """The NextToken value is invalid."""


class MalformedPolicyDocumentException(ServiceError):
    """This resource policy contains invalid Json."""


class PublicPolicyException(ServiceError):
    """You can't set a resource policy with BlockPublicPolicy that allows broad access to your secret."""


class EncryptionFailure(ServiceError):
    """Secrets Manager can't encrypt the protected secret text using the provided KMS key."""


class DecryptionFailure(ServiceError):
    """Secrets Manager can't decrypt the protected secret text using the provided KMS key."""


class AccessDeniedException(ServiceError):
    """Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to \
the principal secretsmanager.amazonaws.com."""

    status = 400
    modelled = False


class ValidationException(ServiceError):
    """The input does not satisfy the constraints of the model."""

    status = 400
    modelled = False
