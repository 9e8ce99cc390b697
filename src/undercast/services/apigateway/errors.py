"""The errors of API Gateway."""

from undercast.kit.errors import ServiceError


class NotFoundException(ServiceError):
    """The requested resource is not found."""


class BadRequestException(ServiceError):
    """The submitted request is not valid."""


class ConflictException(ServiceError):
    """The request configuration has conflicts."""


class LimitExceededException(ServiceError):
    """The request exceeded the rate limit."""


def no_api(account: str, api_id: str) -> NotFoundException:
    return NotFoundException(f"Invalid API identifier specified {account}:{api_id}")


def no_resource() -> NotFoundException:
    return NotFoundException("Invalid Resource identifier specified")
