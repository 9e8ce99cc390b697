"""Errors on the wire: which code, status and members an error is sent with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from undercast.kit.errors import ServiceError
from undercast.wire.shapes import Member, Shape

if TYPE_CHECKING:
    from undercast.wire.models import ServiceModel


class ErrorModel(NamedTuple):
    """A modelled error. `code` is what query, XML and `x-amzn-query-error` say; `name` is what JSON and CBOR say."""

    name: str
    code: str
    status: int | None
    sender_fault: bool
    shape: Shape | None


@dataclass(slots=True)
class ErrorFacts:
    """One error, ready to be written in any format."""

    shape_name: str
    code: str
    json_type: str  # qualified by a namespace
    status: int
    fault: str
    message: str
    message_name: str
    members: dict[str, Any]  # by model name, message included when the shape has it
    shape: Shape | None

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Headers that no model has, which an error may carry as its member `_headers` (S3's x-amz-delete-marker)."""
        return list(self.members.get("_headers", ()))

    def known(self, location: bool) -> dict[str, Member]:
        """The members that the model has, in HTTP headers or in the body."""
        members = self.shape.members if self.shape else {}
        return {name: member for name, member in members.items() if (member.location is not None) == location}

    @property
    def extra(self) -> dict[str, Any]:
        """Members that AWS sends although the model does not list them."""
        known = self.shape.members if self.shape else {}
        extra = {
            name: value
            for name, value in self.members.items()
            if name not in known and value is not None and not name.startswith("_")
        }
        if self.message_name not in self.members:
            extra = {self.message_name: self.message, **extra}
        return extra


# What the frameworks under the services say for errors that no model lists: code and status per protocol.
FRAMEWORK: dict[str, dict[str, tuple[str, int]]] = {
    "AccessDeniedException": {
        "json": ("AccessDeniedException", 400),
        "smithy-rpc-v2-cbor": ("AccessDeniedException", 400),
        "query": ("AccessDenied", 403),
        "rest-xml": ("AccessDenied", 403),
    },
    "ValidationException": {"query": ("ValidationError", 400), "rest-xml": ("ValidationError", 400)},
    "SerializationException": {"query": ("MalformedInput", 400), "rest-xml": ("MalformedXML", 400)},
    "UnknownOperationException": {
        "json": ("UnknownOperationException", 400),
        "query": ("InvalidAction", 400),
        "rest-xml": ("MethodNotAllowed", 405),
    },
    "InternalFailure": {"rest-xml": ("InternalError", 500)},
}
# These two come from the framework's own serializer, which spells the member with a capital.
CAPITAL_MESSAGE = {"SerializationException", "AccessDeniedException"}


def describe(protocol: str, error: ServiceError, service: ServiceModel | None) -> ErrorFacts:
    """What to send for an error of a service; without a service only what the error itself says."""
    model = service.error_codes.get(error.code) if service else None
    if model is None:
        return _unmodelled(protocol, error, service)
    members = dict(error.members)
    names = model.shape.members if model.shape else {}
    message_name = next((name for name in names if name.lower() == "message"), "message")
    if message_name in names:
        members.setdefault(message_name, error.message or None)  # KMS and SSM send some errors without one
    fault = "Sender" if model.sender_fault else "Receiver"
    if "Type" in names:  # Lambda's errors say whose fault it was
        members.setdefault("Type", "User" if model.sender_fault else "Service")
    return ErrorFacts(
        shape_name=model.name,
        code=model.code,
        json_type=f"{_namespace(service)}#{model.name}",
        status=_status(protocol, error, model),
        fault=fault,
        message=error.message,
        message_name=message_name,
        members=members,
        shape=model.shape,
    )


def _status(protocol: str, error: ServiceError, model: ErrorModel) -> int:
    """The model's word first, then what the protocol always says, then the error's own."""
    if model.status is not None:
        return model.status
    framework = FRAMEWORK.get(error.code, {}).get(protocol)
    if framework is not None:
        return framework[1]
    return error.status or (400 if model.sender_fault else 500)


def _unmodelled(protocol: str, error: ServiceError, service: ServiceModel | None) -> ErrorFacts:
    status = error.status or (400 if error.fault == "Sender" else 500)
    code, status = FRAMEWORK.get(error.code, {}).get(protocol, (error.code, status))
    package = "com.amazon.coral.validate" if code == "ValidationException" else "com.amazon.coral.service"
    return ErrorFacts(
        shape_name=code,
        code=error.query_code or code,
        json_type=f"{package}#{code}",
        status=status,
        fault=error.fault,
        message=error.message,
        message_name="Message" if code in CAPITAL_MESSAGE else "message",
        members=dict(error.members),
        shape=None,
    )


def _namespace(service: ServiceModel | None) -> str:
    """`com.amazonaws.sqs`; DynamoDB's carries the version of its target: `com.amazonaws.dynamodb.v20120810`."""
    if service is None:
        return "com.amazon.coral.service"
    name, _, version = service.target_prefix.partition("_")
    if version.isdigit():
        return f"com.amazonaws.{name.lower()}.v{version}"
    return f"com.amazonaws.{service.endpoint_prefix}"


def error_models(shapes: Mapping[str, Mapping[str, Any]], resolve: Any) -> dict[str, ErrorModel]:
    """Every error of a model by its shape's name and by the code it is sent with."""
    found: dict[str, ErrorModel] = {}
    for name, raw in shapes.items():
        if raw.get("exception"):
            trait = raw.get("error", {})
            sender = not raw.get("fault") and trait.get("httpStatusCode", 400) < 500
            model = ErrorModel(name, trait.get("code", name), trait.get("httpStatusCode"), sender, resolve(name))
            found[name] = model
    return {model.code: model for model in reversed(found.values())} | found
