"""The JSON protocol with its documents in CBOR, which the SDKs for Java speak to Kinesis unless they are told not to.

Blobs are bytes, and timestamps (tag 1) count milliseconds where CBOR says seconds, as those SDKs write and read them:
https://github.com/aws/aws-sdk-java-v2/blob/master/core/protocols/aws-cbor-protocol/src/main/java/software/amazon/awssdk/protocols/cbor/internal/SdkCborGenerator.java
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cbor2

from undercast.kit.errors import ServiceError
from undercast.kit.http import Response
from undercast.wire import cbor, json, trees
from undercast.wire.errors import describe
from undercast.wire.shapes import Member
from undercast.wire.trees import Leaf, Reader, Writer

if TYPE_CHECKING:
    from undercast.wire.models import Operation, Parse, Serialize, ServiceModel

match = json.match


def compile_parse(operation: Operation) -> Parse:
    if operation.input is None:
        return lambda request, labels: {}
    codec = operation.service.codec("json-cbor-reader", lambda: Reader(_read_leaf))
    read = codec.structure(operation.input)
    return lambda request, labels: read(cbor.loads(request.body, _TAGS) if request.body else {})


def compile_serialize(operation: Operation) -> Serialize:
    if operation.output is None or operation.event_stream_output:
        return json.compile_serialize(operation)
    service = operation.service
    write = _writer(service).structure(operation.output)
    return lambda value, request_id: Response(200, _headers(request_id, service), cbor2.dumps(write(value)))


def serialize_error(error: ServiceError, request_id: str, service: ServiceModel | None) -> Response:
    """As in JSON; no member of an error is written otherwise in CBOR."""
    facts = describe("json", error, service)
    body = {"__type": facts.shape_name, **json.error_body(facts, service)}
    return Response(facts.status, _headers(request_id, service), cbor2.dumps(body))


def _headers(request_id: str, service: ServiceModel | None) -> list[tuple[str, str]]:
    version = service.json_version if service else "1.1"
    return [("x-amzn-RequestId", request_id), ("Content-Type", f"application/x-amz-cbor-{version}")]


def _writer(service: ServiceModel) -> Writer:
    made: Writer = service.codec("json-cbor-writer", lambda: Writer(_write_leaf))
    return made


def _moment(value: Any, *_: Any) -> int:
    if value.__class__ is not int and value.__class__ is not float:
        raise ValueError("a timestamp must be a number")
    return int(value)


def _read_leaf(member: Member) -> Leaf:
    return _READ.get(member.shape.kind) or cbor.read_leaf(member)


def _write_leaf(member: Member) -> Leaf:
    return _WRITE.get(member.shape.kind) or cbor.write_leaf(member)


def _read_timestamp(value: Any) -> int:
    raise trees.unexpected(value, "timestamp")  # numbers are `plain`


_TAGS = cbor.TAGS | {1: _moment}
_READ = {"timestamp": Leaf(int, _read_timestamp)}
_WRITE = {"timestamp": Leaf(None, lambda ms: cbor2.CBORTag(1, ms))}
