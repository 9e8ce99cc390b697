"""What the errors of EventBridge Schemas have in common."""

from __future__ import annotations

from undercast.kit.errors import ServiceError


class CodedError(ServiceError):
    """An error whose shape has the code as a member, too."""

    def __init__(self, message: str) -> None:
        super().__init__(message, Code=self.code)
