"""The JSON protocols awsJson 1.0 and 1.1, and how JSON values of any protocol are read and written."""

from __future__ import annotations

from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from collections.abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any

import orjson

from undercast.kit.errors import SerializationException, ServiceError
from undercast.kit.http import Request, Response
from undercast.wire import eventstream, timestamps, trees
from undercast.wire.errors import ErrorFacts, describe
from undercast.wire.shapes import Member, Shape
from undercast.wire.trees import Leaf, Reader, Writer

if TYPE_CHECKING:
    from undercast.wire.models import Operation, Parse, Serialize, ServiceModel


def match(service: ServiceModel, request: Request) -> tuple[Operation, dict[str, str]] | None:
    prefix, _, name = request.headers.get("x-amz-target", "").rpartition(".")
    if prefix != service.target_prefix or name not in service.operations:
        return None
    return service.operations[name], {}


def compile_parse(operation: Operation) -> Parse:
    if operation.input is None:
        return lambda request, labels: {}
    read = reader(operation.service).structure(operation.input)
    return lambda request, labels: read(loads(request.body) if request.body else {})


def compile_serialize(operation: Operation) -> Serialize:
    content_type = ("Content-Type", f"application/x-amz-json-{operation.service.json_version}")
    if operation.output is None:
        # "the service sends back an HTTP 200 response with an empty HTTP body", say the API references
        return lambda output, request_id: Response(200, [("x-amzn-RequestId", request_id), content_type])
    service = operation.service
    if operation.event_stream_output:
        codec = eventstream.Codec(content_type[1], lambda shape, members: document(service, shape, members))
        return eventstream.compile_rpc(operation.output, codec, [])
    write = writer(service).structure(operation.output)
    dumps = orjson.dumps

    def serialize(output: dict[str, Any], request_id: str) -> Response:
        return Response(200, [("x-amzn-RequestId", request_id), content_type], dumps(write(output)))

    return serialize


def serialize_error(error: ServiceError, request_id: str, service: ServiceModel | None) -> Response:
    """The error as JSON: `__type` is qualified by a namespace in version 1.0 and bare in 1.1."""
    facts = describe("json", error, service)
    version = service.json_version if service else "1.0"
    body = {"__type": facts.json_type if version == "1.0" else facts.shape_name, **error_body(facts, service)}
    headers = [("x-amzn-RequestId", request_id), ("Content-Type", f"application/x-amz-json-{version}")]
    if service is not None and service.query_compatible:
        headers.append(("x-amzn-query-error", f"{facts.code};{facts.fault}"))
    return Response(facts.status, headers, orjson.dumps(body))


def error_body(facts: ErrorFacts, service: ServiceModel | None) -> dict[str, Any]:
    """The members of an error by their names on the wire, the message always among them."""
    known = facts.known(location=False)
    if service is None or facts.shape is None or not known:
        return facts.extra
    members = {name: value for name, value in facts.members.items() if name in known}
    return {**facts.extra, **writer(service).structure(facts.shape, known)(members)}


def document(service: ServiceModel, shape: Shape, members: Mapping[str, Member] | None) -> eventstream.Document:
    """The function from a structure, or some of its members, to JSON."""
    write = writer(service).structure(shape, members)
    return lambda value: orjson.dumps(write(value))


def loads(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except ValueError:
        raise SerializationException("Unexpected token received from parser") from None


def reader(service: ServiceModel) -> Reader:
    made: Reader = service.codec("json-reader", lambda: Reader(read_leaf))
    return made


def writer(service: ServiceModel) -> Writer:
    made: Writer = service.codec("json-writer", lambda: Writer(write_leaf))
    return made


def read_leaf(member: Member) -> Leaf:
    kind = member.shape.kind
    if kind in trees.INTEGERS:
        return Leaf(None, trees.integer_reader(kind))
    return READ[kind]


def write_leaf(member: Member) -> Leaf:
    if member.shape.kind == "timestamp":
        return Leaf(None, timestamps.WRITERS[member.get("timestampFormat", "unixTimestamp")])
    return WRITE[member.shape.kind]


def read_blob(value: Any) -> bytes:
    """Bytes from base64 text, padding and alphabet checked as AWS does."""
    if value.__class__ is not str:
        raise trees.unexpected(value, "blob")
    try:
        return a2b_base64(value, strict_mode=True)
    except (Base64Error, ValueError):
        raise SerializationException("Invalid base64 in a blob") from None


def read_timestamp(value: Any) -> int:
    if value.__class__ is int or value.__class__ is float:
        return timestamps.from_epoch(value)
    if value.__class__ is str:
        return timestamps.from_text(value)
    raise trees.unexpected(value, "timestamp")


def write_blob(value: bytes | bytearray | memoryview) -> str:
    return b2a_base64(value, newline=False).decode("ascii")


def write_float(value: Any) -> float | str:
    value = float(value)
    if isfinite(value):
        return float(value)
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"


READ = {
    "string": Leaf(str, trees.read_string),
    "boolean": Leaf(bool, trees.read_boolean),
    "float": Leaf(float, trees.read_float),
    "double": Leaf(float, trees.read_float),
    "blob": Leaf(None, read_blob),
    "timestamp": Leaf(None, read_timestamp),
}
WRITE = {
    "string": Leaf(str, trees.plain_text),
    "boolean": Leaf(bool, trees.plain_boolean),
    "integer": Leaf(int, trees.plain_integer),
    "long": Leaf(int, trees.plain_integer),
    "float": Leaf(None, write_float),
    "double": Leaf(None, write_float),
    "blob": Leaf(None, write_blob),
}
