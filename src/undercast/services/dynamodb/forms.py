"""Items in answers: to a client over HTTP the JSON that is kept, to a caller in this process plain dicts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from undercast.engines.dynamodb.expressions import Projection
from undercast.engines.dynamodb.paths import pick
from undercast.kit.call import Call
from undercast.services.dynamodb.model import Stored

_TARGET = "DynamoDB_20120810."


def over_http(call: Call) -> bool:
    """Whether this very operation is what a client asked for, so that its answer goes out as JSON."""
    request = call.request
    return request is not None and request.headers.get("x-amz-target") == _TARGET + call.operation


def one(call: Call, stored: Stored, projection: Projection | None = None) -> Any:
    """An item for the answer."""
    if projection is not None:
        return pick(stored.item, projection.tree)
    return orjson.Fragment(stored.json) if over_http(call) else stored.item


def many(call: Call, found: Sequence[Stored], projection: Projection | None = None) -> Any:
    """A list of items for the answer."""
    if projection is not None:
        return [pick(stored.item, projection.tree) for stored in found]
    if over_http(call):
        return orjson.Fragment(b"[" + b",".join([stored.json for stored in found]) + b"]")
    return [stored.item for stored in found]
