"""The errors of EventBridge Schemas."""

from __future__ import annotations

from undercast.kit.errors import ServiceError


class _Error(ServiceError):
    """Their shapes have the code as a member, too."""

    def __init__(self, message: str) -> None:
        super().__init__(message, Code=self.code)


class BadRequestException(_Error):
    """The request is wrong."""


class ConflictException(_Error):
    """The name is taken."""


class ForbiddenException(_Error):
    """The thing belongs to AWS."""


class NotFoundException(_Error):
    """The thing is not there."""


class PreconditionFailedException(_Error):
    """The policy was changed meanwhile."""
