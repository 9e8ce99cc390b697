"""The Smithy RPC v2 CBOR protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import cbor2

from undercast.kit.errors import SerializationException, ServiceError
from undercast.kit.http import Request, Response
from undercast.wire import eventstream, json, timestamps, trees
from undercast.wire.errors import ErrorFacts, describe
from undercast.wire.shapes import Member
from undercast.wire.trees import Leaf, Reader, Writer

if TYPE_CHECKING:
    from undercast.wire.models import Operation, Parse, Serialize, ServiceModel

MAX_DEPTH = 200
PROTOCOL = ("smithy-protocol", "rpc-v2-cbor")
CONTENT_TYPE = ("Content-Type", "application/cbor")


def match(service: ServiceModel, request: Request) -> tuple[Operation, dict[str, str]] | None:
    """The path is /service/{target prefix}/operation/{operation}, perhaps behind a prefix of a proxy."""
    parts = request.path.split("/")
    if len(parts) < 5 or parts[-4] != "service" or parts[-2] != "operation" or parts[-3] != service.target_prefix:
        return None
    return (service.operations[parts[-1]], {}) if parts[-1] in service.operations else None


def compile_parse(operation: Operation) -> Parse:
    if operation.input is None:
        return lambda request, labels: {}
    codec = operation.service.codec("cbor-reader", lambda: Reader(read_leaf))
    read = codec.structure(operation.input)
    return lambda request, labels: read(loads(request.body, TAGS) if request.body else {})


def compile_serialize(operation: Operation) -> Serialize:
    service, output = operation.service, operation.output
    if output is None:
        return lambda value, request_id: Response(200, _headers(request_id))
    if operation.event_stream_output:
        codec = eventstream.Codec(CONTENT_TYPE[1], lambda shape, members: _document(service, shape, members))
        return eventstream.compile_rpc(output, codec, [PROTOCOL])
    document = _document(service, output, None)
    return lambda value, request_id: Response(200, [*_headers(request_id), CONTENT_TYPE], document(value))


def serialize_error(error: ServiceError, request_id: str, service: ServiceModel | None) -> Response:
    facts = describe("smithy-rpc-v2-cbor", error, service)
    headers = [*_headers(request_id), CONTENT_TYPE]
    if service is not None and service.query_compatible:
        headers.append(("x-amzn-query-error", f"{facts.code};{facts.fault}"))
    return Response(facts.status, headers, cbor2.dumps({"__type": facts.json_type, **_error_body(facts, service)}))


def _error_body(facts: ErrorFacts, service: ServiceModel | None) -> dict[str, Any]:
    known = facts.known(location=False)
    if service is None or facts.shape is None or not known:
        return facts.extra
    members = {name: value for name, value in facts.members.items() if name in known}
    return {**facts.extra, **_writer(service).structure(facts.shape, known)(members)}


def _headers(request_id: str) -> list[tuple[str, str]]:
    return [("x-amzn-RequestId", request_id), PROTOCOL]


def _document(service: ServiceModel, shape: Any, members: Any) -> eventstream.Document:
    write = _writer(service).structure(shape, members)
    return lambda value: cbor2.dumps(write(value))


def _writer(service: ServiceModel) -> Writer:
    made: Writer = service.codec("cbor-writer", lambda: Writer(write_leaf))
    return made


def loads(body: bytes, tags: dict[int, Any]) -> Any:
    """Plain data with timestamps (tag 1) as `tags` has them; every other tag is refused, some of them run code."""
    try:
        return cbor2.loads(body, tag_hook=_refuse, semantic_decoders=tags, max_depth=MAX_DEPTH)
    except (cbor2.CBORError, ValueError, OverflowError, MemoryError, TypeError):
        raise SerializationException("The CBOR body could not be read") from None


class _Moment(int):
    """A timestamp in milliseconds that came with its tag."""


def _epoch(value: Any, *_: Any) -> _Moment:
    if value.__class__ is not int and value.__class__ is not float:
        raise ValueError("a timestamp must be a number")
    return _Moment(timestamps.from_epoch(value))


def _refuse(*_: Any) -> NoReturn:
    raise ValueError("unsupported tag")


BUILT_IN = (0, 2, 3, 4, 5, 25, 28, 29, 30, 35, 36, 37, 100, 256, 258, 259, 260, 261, 1004, 43000, 55799)
TAGS = {1: _epoch} | dict.fromkeys(BUILT_IN, _refuse)


def read_leaf(member: Member) -> Leaf:
    return READ.get(member.shape.kind) or json.read_leaf(member)


def write_leaf(member: Member) -> Leaf:
    return WRITE.get(member.shape.kind) or json.write_leaf(member)


def _read_blob(value: Any) -> bytes:
    raise trees.unexpected(value, "blob")  # bytes are `plain`


def _read_timestamp(value: Any) -> int:
    if value.__class__ is _Moment:
        return int(value)
    raise trees.unexpected(value, "timestamp")


def _write_timestamp(ms: int) -> cbor2.CBORTag:
    return cbor2.CBORTag(1, timestamps.to_epoch(ms))


READ = {"blob": Leaf(bytes, _read_blob), "timestamp": Leaf(None, _read_timestamp)}
WRITE = {
    "blob": Leaf(bytes, bytes),
    "timestamp": Leaf(None, _write_timestamp),
    "float": Leaf(float, float),
    "double": Leaf(float, float),
}
