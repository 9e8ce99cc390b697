"""The errors of Kinesis."""

from __future__ import annotations

from typing import Any

from undercast.kit.errors import ServiceError


class ResourceNotFoundException(ServiceError):
    """The requested resource could not be found."""


class ResourceInUseException(ServiceError):
    """The resource is not available for this operation."""


class InvalidArgumentException(ServiceError):
    """A specified parameter exceeds its restrictions, is not supported, or can't be used."""


class ValidationException(ServiceError):
    """Specifies that you tried to invoke this API for a data stream in the wrong mode."""


class LimitExceededException(ServiceError):
    """The requested resource exceeds the maximum number allowed, or the number of concurrent stream requests exceeds \
the maximum number allowed."""


class ProvisionedThroughputExceededException(ServiceError):
    """The request rate for the stream is too high, or the requested data is too large for the available throughput."""


class ExpiredIteratorException(ServiceError):
    """The provided iterator exceeds the maximum age allowed."""


class ExpiredNextTokenException(ServiceError):
    """The pagination token passed to the operation is expired."""


class KMSDisabledException(ServiceError):
    """The request was rejected because the specified KMS key isn't enabled."""


class KMSInvalidStateException(ServiceError):
    """The request was rejected because the state of the specified resource isn't valid for this request."""


class KMSAccessDeniedException(ServiceError):
    """The ciphertext references a key that doesn't exist or that you don't have access to."""


class KMSNotFoundException(ServiceError):
    """The request was rejected because the specified entity or resource can't be found."""


class DryRunOperationException(ServiceError):
    """Request would have succeeded, but DryRun flag is set."""


def no_stream(name: str, account: str) -> ResourceNotFoundException:
    """As AWS words it."""
    return ResourceNotFoundException(f"Stream {name} under account {account} not found.")


def check_dry_run(request: dict[str, Any]) -> None:
    """Everything about the request is right; it must not be done when it says so."""
    if request.get("DryRun"):
        raise DryRunOperationException
