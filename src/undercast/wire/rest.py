"""The REST protocols, JSON and XML: what of an input or output stands in the path, query, headers and body."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson

from undercast.kit.errors import ServiceError
from undercast.kit.http import Request, Response
from undercast.wire import bindings, eventstream, json, xml, xml_roots
from undercast.wire.errors import ErrorFacts, describe
from undercast.wire.router import Router
from undercast.wire.shapes import Member, Shape
from undercast.wire.xml import XmlReader, XmlWriter, escape, render

if TYPE_CHECKING:
    from undercast.wire.models import Operation, Parse, Serialize, ServiceModel

ReadBody = Callable[[Request, dict[str, Any]], None]
WriteBody = Callable[[dict[str, Any]], Any]
PROLOG = '<?xml version="1.0" encoding="UTF-8"?>\n'


def match(service: ServiceModel, request: Request) -> tuple[Operation, dict[str, str]] | None:
    router: Router = service.codec("router", lambda: Router(service))
    found = router.match(request)
    return None if found is None else (service.operations[found[0]], found[1])


def compile_parse(operation: Operation) -> Parse:
    shape = operation.input
    if shape is None:
        return lambda request, labels: {}
    bind = bindings.compile_read(shape, operation.request_uri)
    read_body = _body_reader(operation, shape)

    def parse(request: Request, labels: dict[str, str]) -> dict[str, Any]:
        params = bind(request, labels)
        read_body(request, params)
        return params

    return parse


def compile_serialize(operation: Operation) -> Serialize:
    """An output may say another status than the model's as `_status`: 206 for a part of an object."""
    service, shape, status = operation.service, operation.output, operation.status
    if shape is None:
        return lambda value, request_id: Response(value.get("_status", status), request_headers(service, request_id))
    write_headers = bindings.compile_write(shape)
    content_type, write_body = _body_writer(operation, shape)

    def serialize(value: dict[str, Any], request_id: str) -> Response:
        headers = request_headers(service, request_id)
        code = write_headers(value, headers) or value.get("_status", status)
        body = write_body(value) if code not in (204, 304) and operation.http_method != "HEAD" else b""
        if body != b"" and not any(name.lower() == "content-type" for name, _ in headers):
            headers.append(("Content-Type", content_type))
        return Response(code, headers, body)

    return serialize


def serialize_error(error: ServiceError, request_id: str, service: ServiceModel | None) -> Response:
    """JSON with `x-amzn-ErrorType`, or XML; S3's XML has no `<ErrorResponse>` around it."""
    protocol = "rest-xml" if service is not None and "rest-xml" in service.protocols else "rest-json"
    facts = describe(protocol, error, service)
    headers = request_headers(service, request_id)
    if facts.shape is not None:
        values = {name: value for name, value in facts.members.items() if facts.shape.members.get(name)}
        bindings.compile_write(facts.shape)(values, headers)
    headers += facts.headers
    if protocol == "rest-json":
        headers += (("Content-Type", "application/json"), ("x-amzn-ErrorType", facts.shape_name))
        return Response(facts.status, headers, orjson.dumps(json.error_body(facts, service)))
    assert service is not None
    if facts.status == 304:
        return Response(304, headers)
    inner, request = "".join(_error_parts(facts, service)), escape(request_id)
    if _is_s3(service):
        text = f"<Error>{inner}<RequestId>{request}</RequestId><HostId>{_host_id(request_id)}</HostId></Error>"
    else:
        text = f'<ErrorResponse xmlns="{_xmlns(service)}"><Error><Type>{facts.fault}</Type>{inner}</Error>'
        text += f"<RequestId>{request}</RequestId></ErrorResponse>"
    return Response(facts.status, [*headers, ("Content-Type", _xml_type(service))], render([PROLOG, text]))


def _error_parts(facts: ErrorFacts, service: ServiceModel) -> list[str]:
    out = [f"<Code>{escape(facts.code)}</Code><Message>{escape(facts.message)}</Message>"]
    known, said = facts.known(location=False), {facts.message_name, "message"}
    if facts.shape is not None and known.keys() - said:
        members = {name: value for name, value in facts.members.items() if name in known.keys() - said}
        _xml_codec(service).content(facts.shape, known)(members, out)
    extra = ((name, value) for name, value in facts.extra.items() if name not in said)
    out.extend(f"<{name}>{escape(str(value))}</{name}>" for name, value in extra)
    return out


def request_headers(service: ServiceModel | None, request_id: str) -> list[tuple[str, str]]:
    if service is not None and _is_s3(service):
        return [("x-amz-request-id", request_id), ("x-amz-id-2", _host_id(request_id))]
    return [("x-amzn-RequestId", request_id)]


def _body_reader(operation: Operation, shape: Shape) -> ReadBody:
    payload = shape.payload
    if payload is None:
        members = {name: member for name, member in shape.members.items() if member.location is None}
        document = _document_reader(operation, shape, members)
        return _whole_reader(document) if members else lambda request, params: None
    kind, name = payload.shape.kind, payload.name
    if kind in ("blob", "string"):
        return _raw_reader(name, kind, operation.streaming_input)
    document = _document_reader(operation, payload.shape, None)

    def read(request: Request, params: dict[str, Any]) -> None:
        if request.body:
            params[name] = document(request.body)

    return read


def _whole_reader(document: Callable[[bytes], dict[str, Any]]) -> ReadBody:
    def read(request: Request, params: dict[str, Any]) -> None:
        if request.body:
            params.update(document(request.body))

    return read


def _raw_reader(name: str, kind: str, streaming: bool) -> ReadBody:
    def read(request: Request, params: dict[str, Any]) -> None:
        if request.stream is not None:
            params[name] = request.stream
        elif request.body or streaming:
            params[name] = bindings.text(request.body) if kind == "string" else request.body

    return read


def _document_reader(
    operation: Operation, shape: Shape, members: dict[str, Member] | None
) -> Callable[[bytes], dict[str, Any]]:
    service = operation.service
    if "rest-xml" in service.protocols:
        read_xml = service.codec("xml-reader", XmlReader).structure(shape, members)
        return lambda body: read_xml(xml.parse(body))
    if shape.is_document:
        return json.loads
    read = json.reader(service).structure(shape, members)
    return lambda body: read(json.loads(body))


def _body_writer(operation: Operation, shape: Shape) -> tuple[str, WriteBody]:
    """The content type and the function that writes the body."""
    service, payload = operation.service, shape.payload
    is_xml = "rest-xml" in service.protocols
    content_type = _xml_type(service) if is_xml else "application/json"
    stream = next((member for member in shape.members.values() if member.get("eventstream")), None)
    if stream is not None:
        codec = eventstream.Codec("text/xml" if is_xml else content_type, _event_document(service))
        events, name = eventstream.compile_events(stream.shape, codec), stream.name
        return eventstream.CONTENT_TYPE, lambda value: events(value[name])
    if payload is not None and payload.shape.kind in ("blob", "string"):
        return ("binary/octet-stream" if is_xml else content_type), _raw_writer(payload.name)
    if payload is not None:
        return content_type, _payload_writer(operation, payload)
    members = {name: member for name, member in shape.members.items() if member.location is None}
    if is_xml:
        root = xml_roots.root(service.name, operation.name, shape.name)
        return content_type, _xml_writer(operation, shape, members, root) if members else lambda value: b""
    write = json.writer(service).structure(shape, members)
    bound = shape.members.keys() - members.keys()
    return content_type, lambda value: orjson.dumps(write({k: v for k, v in value.items() if k not in bound}))


def _raw_writer(name: str) -> WriteBody:
    def write(value: dict[str, Any]) -> Any:
        body = value.get(name)
        return b"" if body is None else body.encode() if isinstance(body, str) else body

    return write


def _payload_writer(operation: Operation, payload: Member) -> WriteBody:
    service, name = operation.service, payload.name
    if "rest-xml" in service.protocols:
        root = xml_roots.payload(service.name, payload.get("locationName", payload.shape.name), payload.shape.name)
        write_xml = _xml_writer(operation, payload.shape, None, root)
        return lambda value: write_xml(value[name]) if value.get(name) is not None else b""
    if payload.shape.is_document:
        return lambda value: orjson.dumps(value[name]) if value.get(name) is not None else b""
    write = json.writer(service).structure(payload.shape)
    return lambda value: orjson.dumps(write(value[name])) if value.get(name) is not None else b"{}"


def _xml_writer(operation: Operation, shape: Shape, members: dict[str, Member] | None, root: str) -> WriteBody:
    service = operation.service
    content = _xml_codec(service).content(shape, members)
    head = f'{PROLOG}<{root} xmlns="{_xmlns(service)}">'
    bound = shape.members.keys() - members.keys() if members is not None else frozenset[str]()
    if (service.name, operation.name) in xml_roots.UNWRAPPED:
        return lambda value: _unwrapped(root, _xmlns(service), value)

    def write(value: dict[str, Any]) -> bytes:
        out = [head]
        content({key: item for key, item in value.items() if key not in bound} if bound else value, out)
        out.append(f"</{root}>")
        return render(out)

    return write


def _unwrapped(root: str, xmlns: str, value: dict[str, Any]) -> bytes:
    """GetBucketLocation's only member is the root itself, and empty for us-east-1."""
    text = next((item for item in value.values() if item is not None), "")
    return render([f'{PROLOG}<{root} xmlns="{xmlns}">{escape(text)}</{root}>'])


def _event_document(service: ServiceModel) -> Callable[[Shape, Any], eventstream.Document]:
    def compile_xml(shape: Shape, members: Any) -> eventstream.Document:
        content = _xml_codec(service).content(shape, members)

        def document(value: dict[str, Any]) -> bytes:
            out = [f'<{shape.name} xmlns="">']
            content(value, out)
            return render([*out, f"</{shape.name}>"])

        return document

    if "rest-xml" in service.protocols:
        return compile_xml
    return lambda shape, members: json.document(service, shape, members)


def _xml_codec(service: ServiceModel) -> XmlWriter:
    made: XmlWriter = service.codec("xml-writer", lambda: XmlWriter("iso8601-ms" if _is_s3(service) else "iso8601"))
    return made


def _is_s3(service: ServiceModel) -> bool:
    return service.endpoint_prefix == "s3"


def _xml_type(service: ServiceModel) -> str:
    return "application/xml" if _is_s3(service) else "text/xml"


def _xmlns(service: ServiceModel) -> str:
    """The namespace of the answers is the one that the model gives the requests."""
    made: str = service.codec("xmlns", lambda: xml_roots.namespace(service.raw))
    return made


def _host_id(request_id: str) -> str:
    """S3's second id: opaque, as long as AWS's, the same for the same request."""
    return b64encode(sha256(request_id.encode()).digest() * 2)[:76].decode()
