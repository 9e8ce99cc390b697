"""The errors of STS, named like their codes."""

from undercast.kit.errors import ServiceError


class MalformedPolicyDocument(ServiceError):
    """The request was rejected because the policy document was malformed."""


class PackedPolicyTooLarge(ServiceError):
    """The request was rejected because the total packed size of the session policies and session tags combined was \
too large."""


class InvalidIdentityToken(ServiceError):
    """The web identity token that was passed could not be validated by AWS."""


class ExpiredTokenException(ServiceError):
    """The web identity token that was passed is expired or is not valid."""


class IDPRejectedClaim(ServiceError):
    """The identity provider reported that authentication failed."""


class InvalidParameterValue(ServiceError):
    """An invalid or out-of-range value was supplied for the input parameter."""

    status = 400
    modelled = False


class ValidationError(ServiceError):
    """The input does not satisfy the constraints of STS."""

    status = 400
    modelled = False


class AccessDenied(ServiceError):
    """The caller is not authorized to perform the operation."""

    status = 403
    modelled = False
