"""The query protocol: forms in, XML out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from undercast.kit.errors import SerializationException, ServiceError
from undercast.kit.http import Request, Response
from undercast.wire import texts
from undercast.wire.errors import describe
from undercast.wire.shapes import Member, Shape, Shapes
from undercast.wire.trees import Convert
from undercast.wire.xml import XmlWriter, escape, render

if TYPE_CHECKING:
    from undercast.wire.models import Operation, Parse, Serialize, ServiceModel

ACTION = re.compile(r"(?:^|&)Action=(\w+)")
MAX_PARAMETERS = 100_000
CONTENT_TYPE = ("Content-Type", "text/xml")


def match(service: ServiceModel, request: Request) -> tuple[Operation, dict[str, str]] | None:
    found = ACTION.search(request.query_string) or ACTION.search(request.body.decode("latin-1"))
    if found is None or found[1] not in service.operations:
        return None
    return service.operations[found[1]], {}


def compile_parse(operation: Operation) -> Parse:
    shape = _query_shape(operation.service.query_shapes, operation.input)
    if shape is None:
        return lambda request, labels: {}
    read = operation.service.codec("forms", lambda: FormReader()).structure(shape)
    if "QueueUrl" in shape.members:  # older clients of SQS send the form to the queue's own URL and do not repeat it
        return lambda request, labels: read(_at_queue(request) | _tree(request))
    return lambda request, labels: read(_tree(request))


def compile_serialize(operation: Operation) -> Serialize:
    service, output = operation.service, _query_shape(operation.service.query_shapes, operation.output)
    result = operation.raw.get("output", {}).get("resultWrapper", operation.name + "Result")
    head = f'<{operation.name}Response xmlns="{escape(service.xmlns)}">'
    tail = f"</ResponseMetadata></{operation.name}Response>"
    write = _writer(service).content(output) if output is not None else None

    def serialize(value: dict[str, Any], request_id: str) -> Response:
        out = [head]
        if write is not None:
            out.append(f"<{result}>")
            write(value, out)
            out.append(f"</{result}>")
        out += ("<ResponseMetadata><RequestId>", escape(request_id), "</RequestId>", tail)
        return Response(200, [("x-amzn-RequestId", request_id), CONTENT_TYPE], render(out))

    return serialize


def serialize_error(error: ServiceError, request_id: str, service: ServiceModel | None) -> Response:
    """`<ErrorResponse><Error><Type/><Code/><Message/>`; SQS adds an empty `<Detail/>`, as its recorded answers show."""
    facts = describe("query", error, service)
    out = [f'<ErrorResponse xmlns="{escape(service.xmlns)}">' if service else "<ErrorResponse>"]
    out.append(f"<Error><Type>{facts.fault}</Type><Code>{escape(facts.code)}</Code>")
    out.append(f"<Message>{escape(facts.message)}</Message>")
    if service is not None and "query" not in service.raw["metadata"].get("protocols", ["query"]):
        out.append("<Detail/>")
    if service is not None and facts.shape is not None:
        members = {key: value for key, value in facts.members.items() if key != facts.message_name}
        _writer(service).content(service.query_shapes[facts.shape.name])(members, out)
    out.append(f"</Error><RequestId>{escape(request_id)}</RequestId></ErrorResponse>")
    return Response(facts.status, [("x-amzn-RequestId", request_id), CONTENT_TYPE], render(out))


class FormReader:
    """Compiles shapes to functions over the tree that the dotted names of a form make."""

    def __init__(self) -> None:
        self._made: dict[Shape, Convert] = {}

    def structure(self, shape: Shape) -> Convert:
        made = self._made.get(shape)
        return made if made is not None else self._structure(shape)

    def _of(self, member: Member) -> Convert:
        shape = member.shape
        if shape.kind == "structure":
            return self.structure(shape)
        if shape.kind == "list":
            return self._list(member)
        if shape.kind == "map":
            return self._map(member)
        return _scalar(texts.reader(member))

    def _structure(self, shape: Shape) -> Convert:
        known: dict[str, tuple[str, Convert]] = {}

        def read(node: Any) -> dict[str, Any]:
            if node.__class__ is not dict:
                return {} if not node else _malformed(shape.name)
            out = {}
            for key, item in node.items():
                found = known.get(key)
                if found is not None:
                    out[found[0]] = found[1](item)
            return out

        self._made[shape] = read  # before its members: a shape may contain itself
        for name, member in shape.members.items():
            known[_form_name(member)] = (name, self._of(member))
        return read

    def _list(self, member: Member) -> Convert:
        item = member.shape.item
        assert item is not None
        read_item = self._of(item)
        inner = None if member.flattened else item.get("locationName", "member")

        def read(node: Any) -> list[Any]:
            return [read_item(entry) for entry in _numbered(node, inner)]

        return read

    def _map(self, member: Member) -> Convert:
        key, value = member.shape.key, member.shape.item
        assert key is not None and value is not None
        read_value = self._of(value)
        key_name, value_name = key.get("locationName", "key"), value.get("locationName", "value")
        inner = None if member.flattened else "entry"

        def read(node: Any) -> dict[str, Any]:
            out = {}
            for entry in _numbered(node, inner):
                if entry.__class__ is not dict or entry.get(key_name).__class__ is not str:
                    return dict(_malformed(member.name))
                if value_name in entry:
                    out[entry[key_name]] = read_value(entry[value_name])
            return out

        return read


def _form_name(member: Member) -> str:
    """A flattened list whose items are named stands under the items' name."""
    if member.shape.kind == "list" and member.flattened and member.shape.item is not None:
        return str(member.shape.item.get("locationName", member.wire_name))
    return member.wire_name


def _numbered(node: Any, inner: str | None) -> list[Any]:
    """The entries of a list in the order of their numbers; an empty value is an empty list."""
    if inner is not None and node.__class__ is dict:
        node = node.get(inner, "")
    if node.__class__ is not dict:
        return [] if not node else list(_malformed(inner or "list"))
    try:
        return [node[key] for key in sorted((key for key in node if key), key=int)]
    except ValueError:
        return list(_malformed(inner or "list"))


def _scalar(read: Convert) -> Convert:
    def read_node(node: Any) -> Any:
        if node.__class__ is not str:
            return _malformed("a value")
        return read(node)

    return read_node


def _malformed(what: str) -> Any:
    raise SerializationException(f"Malformed input: {what}")


def _tree(request: Request) -> dict[str, Any]:
    """Dotted names as nested dicts. A name that is both a value and a prefix keeps its value under ""."""
    root: dict[str, Any] = {}
    for name, value in [*request.query, *_form(request.body)]:
        node = root
        *parents, last = name.split(".")
        if len(parents) > 100:
            raise SerializationException("The request is nested too deeply")
        for parent in parents:
            child = node.get(parent)
            if child.__class__ is not dict:
                child = node[parent] = {} if child is None else {"": child}
            node = child
        if node.get(last).__class__ is dict:
            node[last][""] = value
        else:
            node[last] = value
    return root


def _at_queue(request: Request) -> dict[str, Any]:
    return {"QueueUrl": request.path} if len(request.path) > 1 else {}


def _form(body: bytes) -> list[tuple[str, str]]:
    """The pairs of a form; most of them need no decoding, so this is much faster than `parse_qsl`."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise SerializationException("The form is not UTF-8") from None
    if text.count("&") > MAX_PARAMETERS:
        raise SerializationException("The form has too many parameters")
    pairs = (pair.partition("=") for pair in text.split("&") if pair)
    return [(_decoded(name), _decoded(value)) for name, _, value in pairs]


def _decoded(text: str) -> str:
    return unquote_plus(text) if "%" in text or "+" in text else text


def _query_shape(shapes: Shapes, shape: Shape | None) -> Shape | None:
    return None if shape is None else shapes[shape.name]


def _writer(service: ServiceModel) -> XmlWriter:
    made: XmlWriter = service.codec("query-writer", lambda: XmlWriter("iso8601"))
    return made
