"""The errors of Parameter Store."""

from undercast.kit.errors import ServiceError


class ParameterNotFound(ServiceError):
    """"""  # AWS sends none


class ParameterVersionNotFound(ServiceError):
    """The specified parameter version wasn't found. Verify the parameter name and version, and try again."""


class ParameterAlreadyExists(ServiceError):
    """The parameter already exists. To overwrite this value, set the overwrite option in the request to true."""


class ParameterPatternMismatchException(ServiceError):
    """The parameter name isn't valid."""


class InvalidAllowedPatternException(ServiceError):
    """The request doesn't meet the regular expression requirement."""


class ParameterMaxVersionLimitExceeded(ServiceError):
    """Parameter Store retains the 100 most recently created versions of a parameter."""


class ParameterVersionLabelLimitExceeded(ServiceError):
    """A parameter version can have a maximum of ten labels."""


class HierarchyLevelLimitExceededException(ServiceError):
    """A hierarchy can have a maximum of 15 levels. For more information, see Requirements and constraints for \
parameter names in the AWS Systems Manager User Guide."""


class HierarchyTypeMismatchException(ServiceError):
    """Parameter Store doesn't support changing a parameter type in a hierarchy. For example, you can't change a \
parameter from a String type to a SecureString type. You must create a new, unique parameter."""


class InvalidPolicyTypeException(ServiceError):
    """The policy type isn't supported. Parameter Store supports the following policy types: Expiration, \
ExpirationNotification, and NoChangeNotification."""


class InvalidPolicyAttributeException(ServiceError):
    """A policy attribute or its value is invalid."""


class PoliciesLimitExceededException(ServiceError):
    """You specified more than the maximum number of allowed policies for the parameter. The maximum is 10."""


class InvalidKeyId(ServiceError):
    """The query key ID isn't valid."""


class InvalidFilterKey(ServiceError):
    """The specified key isn't valid."""


class InvalidFilterOption(ServiceError):
    """The specified filter option isn't valid. Valid options are Equals and BeginsWith. For Path filter, valid \
options are Recursive and OneLevel."""


class InvalidFilterValue(ServiceError):
    """The filter value isn't valid. Verify the value and try again."""


class InvalidNextToken(ServiceError):
    """The specified token isn't valid."""


class InvalidResourceId(ServiceError):
    """The resource ID isn't valid. Verify that you entered the correct ID and try again."""


class TooManyTagsError(ServiceError):
    """The Targets parameter includes too many tags. Remove one or more tags and try the command again."""


class ValidationException(ServiceError):
    """The request is not valid."""

    status = 400
    modelled = False


class AccessDeniedException(ServiceError):
    """No access to a reserved parameter name."""

    status = 400
    modelled = False
