"""Sample values of any shape: every member set once, with text that has to be escaped wherever it may stand."""

from __future__ import annotations

from typing import Any

from botocore.model import Shape

WHOLE_SECOND, MILLISECOND = 1_704_164_645_000, 1_704_164_645_678
TEXT = 'a <b> & "c" é/ü %25 + \U0001f600'


def sample(shape: Shape, stack: tuple[str, ...] = ()) -> Any:
    """A value; None where the shape would contain itself."""
    kind = shape.type_name
    if kind == "structure":
        return _structure(shape, stack)
    if kind == "list":
        item = sample(shape.member, (*stack, shape.name))
        return None if item is None else [item, item]
    if kind == "map":
        item = sample(shape.value, (*stack, shape.name))
        key = _enum(shape.key) or "key-1"
        return None if item is None else {key: item}
    return _scalar(shape)


def _structure(shape: Shape, stack: tuple[str, ...]) -> Any:
    if shape.is_document_type:
        return {"any": ["thing", 1, True]}
    if shape.name in stack:
        return None
    out = {}
    for name, member in shape.members.items():
        if member.serialization.get("eventstream"):
            continue
        value = sample(member, (*stack, shape.name))
        if value is not None:
            out[name] = value
            if shape.is_tagged_union:
                break
    return out


def _scalar(shape: Shape) -> Any:
    location = shape.serialization.get("location")
    if shape.type_name == "string":
        if shape.serialization.get("hostLabel"):
            return "route"
        plain = location in ("header", "headers")
        return _enum(shape) or ("plain text" if plain else TEXT)
    if shape.type_name == "timestamp":
        seconds = location == "header" or shape.serialization.get("timestampFormat") == "rfc822"
        return WHOLE_SECOND if seconds else MILLISECOND
    values = {"integer": 200, "long": 2**40, "float": 0.5, "double": 1e-3, "boolean": True, "blob": b"\x00\xffblob"}
    return values[shape.type_name]


def _enum(shape: Shape) -> Any:
    return next(iter(shape.enum or ()), None)
