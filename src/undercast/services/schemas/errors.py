"""The errors of EventBridge Schemas."""

from undercast.services.schemas.coded import CodedError


class BadRequestException(CodedError):
    """The request is wrong."""


class ConflictException(CodedError):
    """The name is taken."""


class ForbiddenException(CodedError):
    """The thing belongs to AWS."""


class NotFoundException(CodedError):
    """The thing is not there."""


class PreconditionFailedException(CodedError):
    """The policy was changed meanwhile."""
