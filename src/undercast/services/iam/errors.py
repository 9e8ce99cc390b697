"""The errors of IAM, named like their codes."""

from undercast.kit.errors import ServiceError


class NoSuchEntity(ServiceError):
    """The request was rejected because it referenced a resource entity that does not exist."""


class EntityAlreadyExists(ServiceError):
    """The request was rejected because it attempted to create a resource that already exists."""


class DeleteConflict(ServiceError):
    """The request was rejected because it attempted to delete a resource that has attached subordinate entities."""


class LimitExceeded(ServiceError):
    """The request was rejected because it attempted to create resources beyond the current AWS account limits."""


class MalformedPolicyDocument(ServiceError):
    """The request was rejected because the policy document was malformed."""


class InvalidInput(ServiceError):
    """The request was rejected because an invalid or out-of-range value was supplied for an input parameter."""


class UnmodifiableEntity(ServiceError):
    """The request was rejected because service-linked roles are protected AWS resources."""


class PolicyNotAttachable(ServiceError):
    """The request failed because AWS service role policies can only be attached to the service-linked role for that \
service."""


class PasswordPolicyViolation(ServiceError):
    """The request was rejected because the provided password did not meet the requirements of the password policy."""


class InvalidUserType(ServiceError):
    """The request was rejected because the type of user for the transaction was incorrect."""


class EntityTemporarilyUnmodifiable(ServiceError):
    """The request was rejected because it referenced an entity that is temporarily unmodifiable."""


class InvalidAuthenticationCode(ServiceError):
    """The request was rejected because the authentication code was not recognized."""


class MalformedCertificate(ServiceError):
    """The request was rejected because the certificate was malformed or expired."""


class DuplicateCertificate(ServiceError):
    """The request was rejected because the same certificate is associated with an IAM user in the account."""


class KeyPairMismatch(ServiceError):
    """The request was rejected because the public key certificate and the private key do not match."""


class InvalidPublicKey(ServiceError):
    """The request was rejected because the public key is malformed or otherwise invalid."""


class DuplicateSSHPublicKey(ServiceError):
    """The request was rejected because the SSH public key is already associated with the specified IAM user."""


class UnrecognizedPublicKeyEncoding(ServiceError):
    """The request was rejected because the public key encoding format is unsupported or unrecognized."""


class ServiceNotSupported(ServiceError):
    """The specified service does not support service-specific credentials."""

    code = "NotSupportedService"


class ReportNotPresent(ServiceError):
    """Report is not present or has expired. Please generate the report using GenerateCredentialReport."""


class ReportExpired(ServiceError):
    """The most recent report has expired. Please generate the report using GenerateCredentialReport."""


class ValidationError(ServiceError):
    """The input does not satisfy the constraints of IAM."""

    status = 400
    modelled = False
