"""XML: values of a model to elements and back, safe against entities, DTDs and depth."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from undercast.kit.errors import SerializationException
from undercast.wire import texts
from undercast.wire.shapes import Member, Shape
from undercast.wire.trees import UnknownMember, plain_text

Write = Callable[[Any, list[str]], None]
Read = Callable[[Any], Any]
MAX_DEPTH = 200

SPECIAL = re.compile('[&<>"\r\x00-\x08\x0b\x0c\x0e-\x1f\x85\u2028]')
REFERENCES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


def escape(text: str) -> str:
    """Text for an element or attribute; control characters become references, as S3 sends them."""
    if SPECIAL.search(text) is None:
        return text
    return SPECIAL.sub(lambda found: REFERENCES.get(found[0]) or f"&#x{ord(found[0]):x};", text)


def render(parts: list[str]) -> bytes:
    return "".join(parts).encode("utf-8", "replace")


class XmlWriter:
    """Compiles shapes to functions that append text to a list of parts."""

    def __init__(self, timestamp_format: str) -> None:
        self._timestamp_format = timestamp_format
        self._contents: dict[Shape, Write] = {}

    def content(self, shape: Shape, members: Mapping[str, Member] | None = None) -> Write:
        """The function that writes a structure's members in the model's order, without an element around them."""
        if members is not None:
            return self._compile(shape, members)
        made = self._contents.get(shape)
        return made if made is not None else self._compile(shape, shape.members)

    def element(self, member: Member, name: str) -> Write:
        """The function that writes a value as the element `name` (or elements, when it is flattened)."""
        kind = member.shape.kind
        if kind == "structure":
            return self._structure(member, name)
        if kind == "list":
            return self._list(member, name)
        if kind == "map":
            return self._map(member, name)
        text = texts.writer(member, self._timestamp_format)
        start, end = f"<{name}{_namespace(member)}>", f"</{name}>"
        return lambda value, out: out.append(f"{start}{escape(text(value))}{end}")

    def _compile(self, shape: Shape, members: Mapping[str, Member]) -> Write:
        writers: list[tuple[str, Write]] = []

        def write(value: Any, out: list[str]) -> None:
            left = len(value)
            for key, write_member in writers:
                item = value.get(key)
                if item is not None:
                    write_member(item, out)
                    left -= 1
            if left:
                _check_names(shape, value)

        if members is shape.members:
            self._contents[shape] = write  # before its members: a shape may contain itself
        for name, member in members.items():
            if not member.get("xmlAttribute"):
                writers.append((name, self.element(member, element_name(member))))
        return write

    def _structure(self, member: Member, name: str) -> Write:
        content, end = self.content(member.shape), f"</{name}>"
        attributes = [(key, m.wire_name) for key, m in member.shape.members.items() if m.get("xmlAttribute")]
        start = f"<{name}{_namespace(member)}"

        def write(value: Any, out: list[str]) -> None:
            out.append(start)
            for key, attribute in attributes:
                if value.get(key) is not None:
                    out.append(f' {attribute}="{escape(plain_text(value[key]))}"')
            out.append(">")
            content(value, out)
            out.append(end)

        return write

    def _list(self, member: Member, name: str) -> Write:
        item = member.shape.item
        assert item is not None
        flattened = member.flattened
        write_item = self.element(item, name if flattened else item.get("locationName", "member"))
        start, end = ("", "") if flattened else (f"<{name}{_namespace(member)}>", f"</{name}>")

        def write(value: Any, out: list[str]) -> None:
            out.append(start)
            for entry in value:
                write_item(entry, out)
            out.append(end)

        return write

    def _map(self, member: Member, name: str) -> Write:
        key, value = member.shape.key, member.shape.item
        assert key is not None and value is not None
        write_key = self.element(key, key.get("locationName", "key"))
        write_value = self.element(value, value.get("locationName", "value"))
        flattened = member.flattened
        around = ("", "") if flattened else (f"<{name}>", f"</{name}>")
        entry = (f"<{name}>", f"</{name}>") if flattened else ("<entry>", "</entry>")

        def write(items: Any, out: list[str]) -> None:
            out.append(around[0])
            for one, what in items.items():
                if what is not None:
                    out.append(entry[0])
                    write_key(one, out)
                    write_value(what, out)
                    out.append(entry[1])
            out.append(around[1])

        return write


class XmlReader:
    """Compiles shapes to functions over parsed elements."""

    def __init__(self) -> None:
        self._structures: dict[Shape, Read] = {}

    def structure(self, shape: Shape, members: Mapping[str, Member] | None = None) -> Read:
        if members is not None:
            return self._compile(shape, members)
        made = self._structures.get(shape)
        return made if made is not None else self._compile(shape, shape.members)

    def of(self, member: Member) -> Read:
        """The function for one element, or for the list of elements of a flattened list or map."""
        kind = member.shape.kind
        if kind == "structure":
            return self.structure(member.shape)
        if kind == "list":
            return self._list(member)
        if kind == "map":
            return self._map(member)
        read = texts.reader(member)
        return lambda node: read(_text(node))

    def _compile(self, shape: Shape, members: Mapping[str, Member]) -> Read:
        single: dict[str, tuple[str, Read]] = {}
        repeated: dict[str, tuple[str, Read]] = {}
        attributes: dict[str, str] = {}

        def read(node: Element) -> dict[str, Any]:
            out: dict[str, Any] = {}
            many: dict[str, list[Element]] = {}
            for child in node:
                tag = local(child.tag)
                found = single.get(tag)
                if found is not None:
                    out[found[0]] = found[1](child)
                elif tag in repeated:
                    many.setdefault(tag, []).append(child)
            for tag, children in many.items():
                name, read_many = repeated[tag]
                out[name] = read_many(children)
            for attribute, text in node.items() if attributes else ():
                if local(attribute) in attributes:
                    out[attributes[local(attribute)]] = text
            return out

        if members is shape.members:
            self._structures[shape] = read  # before its members: a shape may contain itself
        for name, member in members.items():
            if member.get("xmlAttribute"):
                attributes[local(member.wire_name)] = name
            elif member.flattened and member.shape.kind in ("list", "map"):
                repeated[element_name(member)] = (name, self.of(member))
            else:
                single[member.wire_name] = (name, self.of(member))
        return read

    def _list(self, member: Member) -> Read:
        assert member.shape.item is not None
        read_item = self.of(member.shape.item)
        return lambda nodes: [read_item(node) for node in nodes]

    def _map(self, member: Member) -> Read:
        key, value = member.shape.key, member.shape.item
        assert key is not None and value is not None
        names = key.get("locationName", "key"), value.get("locationName", "value")
        read_key, read_value = self.of(key), self.of(value)

        def read(entries: Any) -> dict[str, Any]:
            out = {}
            for entry in entries:
                parts = {local(child.tag): child for child in entry}
                if not parts.keys() >= set(names):
                    raise malformed()
                out[read_key(parts[names[0]])] = read_value(parts[names[1]])
            return out

        return read


def parse(body: bytes) -> Element:
    """The root element. Raises `SerializationException` for anything but plain XML of a sane depth."""
    parser, builder = expat.ParserCreate(), TreeBuilder()
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise malformed()
        builder.start(tag, attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    def no_doctype(*_: Any) -> None:
        raise malformed()

    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = no_doctype
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError, LookupError):
        raise malformed() from None
    root: Element = builder.close()
    return root


def malformed() -> SerializationException:
    return SerializationException(
        "The XML you provided was not well-formed or did not validate against our published schema"
    )


def element_name(member: Member) -> str:
    """A flattened list whose items are named stands under the items' name."""
    if member.shape.kind == "list" and member.flattened and member.shape.item is not None:
        return str(member.shape.item.get("locationName", member.wire_name))
    return member.wire_name


def local(tag: str) -> str:
    return tag.rpartition(":")[2]


def _text(node: Element) -> str:
    if len(node):
        raise malformed()
    return node.text or ""


def _namespace(member: Member) -> str:
    namespace = member.get("xmlNamespace")
    if not namespace:
        return ""
    if isinstance(namespace, str):
        return f' xmlns="{escape(namespace)}"'
    prefix = ":" + namespace["prefix"] if namespace.get("prefix") else ""
    return f' xmlns{prefix}="{escape(namespace["uri"])}"'


def _check_names(shape: Shape, value: Mapping[str, Any]) -> None:
    for key, item in value.items():
        if key not in shape.members and item is not None and key[:1] != "_":
            raise UnknownMember(f"{shape.name} has no member {key!r}")
