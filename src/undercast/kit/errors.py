"""What goes wrong on purpose: errors that a client sees."""

from __future__ import annotations

from inspect import cleandoc
from typing import Any


class ServiceError(Exception):
    """An AWS error. The class name is the code, the docstring the default message, the model gives the status.

    Subclasses may set `code` when the code is not a Python name (`AWS.SimpleQueueService.NonExistentQueue`),
    `status` when the model has none, and `modelled = False` when AWS sends a code that its model does not list.
    Extra members of the modelled error shape are given as keywords: `raise ResourceInUse("...", ResourceName=name)`.
    """

    code: str = ""
    status: int | None = None
    modelled: bool = True
    query_code: str = ""  # what the query protocol says when it is not `code` and the model does not tell
    fault: str = "Sender"  # the <Type> of query and XML errors: Sender or Receiver

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "code" not in cls.__dict__:
            cls.code = cls.__name__

    def __init__(self, message: str | None = None, **members: Any) -> None:
        self.message = cleandoc(self.__doc__ or "") if message is None else message
        self.members = members
        super().__init__(self.message)


class NotImplementedYet(ServiceError):
    """An operation or option of AWS that Undercast does not have yet."""

    code = "NotImplemented"
    status = 501
    modelled = False
    fault = "Receiver"


class InternalFailure(ServiceError):
    """The request processing has failed because of an unknown error, exception or failure."""

    status = 500
    modelled = False
    fault = "Receiver"


class AccessDenied(ServiceError):
    """User is not authorized to perform this operation."""

    code = "AccessDeniedException"
    status = 403
    modelled = False


class SerializationException(ServiceError):
    """The request could not be read: it is not what the protocol or the model says."""

    status = 400
    modelled = False


class UnknownOperation(ServiceError):
    """The operation is not one of this service's."""

    code = "UnknownOperationException"
    status = 404
    modelled = False


class ValidationException(ServiceError):
    """The input does not satisfy the constraints of the model."""

    status = 400
    modelled = False


class UnknownService(ServiceError):
    """Undercast could not tell which service the request is for."""

    code = "UnknownService"
    status = 404
    modelled = False
