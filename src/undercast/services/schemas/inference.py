"""Schemas learnt from events: what shape values have, several shapes as one, and the document that AWS makes of it.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-schemas-infer.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from undercast.engines.depth import is_deeper

Shape = dict[str, Any]  # JSON Schema without references; {} for anything

_EMPTY: Shape = {"type": "array", "items": {}, "maxItems": 0}  # what is in the array is not known yet

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)")
_ENVELOPE = ("detail-type", "resources", "detail", "id", "source", "time", "region", "version", "account")
_EVENT = "AWSEvent"
_DEEPEST = 200  # levels; AWS learns from 255, but orjson writes 254, and a document has some more than its events
_REFERENCE = "#/components/schemas/"


def infer(value: Any) -> Shape:
    """The shape of a JSON value."""
    if isinstance(value, dict):
        properties = {name: infer(one) for name, one in value.items()}
        return {"type": "object", "required": sorted(value), "properties": properties}
    if isinstance(value, list):
        return {"type": "array", "items": reduce(merge, map(infer, value))} if value else _EMPTY
    if isinstance(value, bool):
        return {"type": "boolean"}
    if isinstance(value, int | float):
        return {"type": "number"}
    if isinstance(value, str):
        return {"type": "string", "format": "date-time"} if _DATE_TIME.fullmatch(value) else {"type": "string"}
    return {}


def is_deep(event: Mapping[str, Any]) -> bool:
    """Whether an event is nested too deeply to learn from; AWS leaves such events out.

    https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-discover.html
    """
    return is_deeper(event, _DEEPEST)


def merge(one: Shape, other: Shape) -> Shape:
    """A shape that fits whatever fits one of two."""
    if not one or not other or one["type"] != other["type"]:
        return {}
    if one["type"] == "array":
        if "maxItems" in one or "maxItems" in other:
            return one if "maxItems" in other else other
        return {"type": "array", "items": merge(one["items"], other["items"])}
    if one["type"] != "object":
        return one if one == other else {"type": one["type"]}
    before, after = one["properties"], other["properties"]
    properties = {
        name: merge(before[name], after[name]) if name in before and name in after else before.get(name, after.get(name))
        for name in {**before, **after}
    }  # fmt: skip
    required = sorted(set(one["required"]) & set(other["required"]))
    return {"type": "object", "required": required, "properties": properties}


def describe(events: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The OpenAPI document for events of one kind."""
    first = events[0]
    if not all(all(name in event for name in _ENVELOPE) for event in events):
        return _document("Event", {"Event": reduce(merge, (infer(dict(event)) for event in events))}, {})
    shape = reduce(merge, (infer(event["detail"]) for event in events))
    return document_of(str(first["source"]), str(first["detail-type"]), shape)


def document_of(source: str, detail_type: str, detail: Shape) -> dict[str, Any]:
    """The OpenAPI document for an event whose detail has a shape."""
    title = camel(detail_type)
    title = f"{title}Detail" if title == _EVENT else title
    text = {"type": "string"}
    event = {
        "type": "object",
        "required": list(_ENVELOPE),
        "x-amazon-events-detail-type": detail_type,
        "x-amazon-events-source": source,
        "properties": {
            "detail": {"$ref": f"{_REFERENCE}{title}"},
            "account": text,
            "detail-type": text,
            "id": text,
            "region": text,
            "resources": {"type": "array", "items": {"type": "string"}},
            "source": text,
            "time": {"type": "string", "format": "date-time"},
            "version": text,
        },
    }
    return _document(title, {title: detail}, {_EVENT: event})


def detail_of(document: Mapping[str, Any]) -> Shape:
    """The inverse of `document_of`: the shape of the detail. KeyError, TypeError for a document of someone else."""
    components = document["components"]["schemas"]
    return _inlined(components[_EVENT]["properties"]["detail"], components)


def camel(text: str) -> str:
    """`Order created` as `OrderCreated`."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[^0-9A-Za-z]+", text)) or "Event"


def _document(title: str, shapes: Mapping[str, Shape], first: dict[str, Any]) -> dict[str, Any]:
    components: dict[str, Any] = dict(first)
    for name, shape in shapes.items():
        components[name] = {}
        components[name] = _hoisted(shape, components)
    return {
        "openapi": "3.0.0",
        "info": {"version": "1.0.0", "title": title},
        "paths": {},
        "components": {"schemas": components},
    }


def _hoisted(shape: Shape, components: dict[str, Any]) -> Shape:
    """A shape whose inner objects are components of their own, named after their properties."""
    if shape.get("type") == "array":
        return {**shape, "items": _hoisted(shape["items"], components)}
    if shape.get("type") != "object":
        return shape
    properties = {name: _referred(name, one, components) for name, one in shape["properties"].items()}
    return {**shape, "properties": properties}


def _referred(name: str, shape: Shape, components: dict[str, Any]) -> Shape:
    if shape.get("type") == "array":
        return {**shape, "items": _referred(f"{name}Item", shape["items"], components)}
    if shape.get("type") != "object":
        return shape
    chosen, number = camel(name), 1
    while chosen in components:
        number += 1
        chosen = f"{camel(name)}_{number}"
    components[chosen] = {}
    components[chosen] = _hoisted(shape, components)
    return {"$ref": f"{_REFERENCE}{chosen}"}


def _inlined(shape: Shape, components: Mapping[str, Shape]) -> Shape:
    if "$ref" in shape:
        return _inlined(components[shape["$ref"].removeprefix(_REFERENCE)], components)
    if shape.get("type") == "array":
        return {**shape, "items": _inlined(shape["items"], components)}
    if shape.get("type") != "object":
        return shape
    properties = {name: _inlined(one, components) for name, one in shape["properties"].items()}
    return {**shape, "properties": properties}
