"""What a discoverer does with an event of its bus."""

from __future__ import annotations

from typing import Any

import orjson

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.services.schemas import inference, storage, versions
from undercast.services.schemas.model import DISCOVERED, Registry


async def receive_event(call: Call, arn: str, payload: bytes) -> None:
    """Learn from an event that a bus delivers to a discoverer's ARN; what fits a known schema changes nothing."""
    discoverer = await storage.load_discoverer(call, Arn.parse(arn).resource.removeprefix("discoverer/"))
    if discoverer is None or discoverer.state != "STARTED":
        return
    event = orjson.loads(payload)
    if inference.is_deep(event) or (event["account"] != call.account and not discoverer.cross_account):
        return
    source, detail_type = event["source"], event["detail-type"]
    name, shape = f"{source}@{inference.camel(detail_type)}", inference.infer(event["detail"])
    known = await storage.load_schema(call, DISCOVERED, name)
    if known:
        latest = orjson.loads((await storage.find_version(call, known, None)).content)
        shape = _merged(latest, shape)
        if inference.document_of(source, detail_type, shape) == latest:
            return
    else:
        await storage.add_registry(call, Registry(call.account, call.region, DISCOVERED))
    content = orjson.dumps(inference.document_of(source, detail_type, shape)).decode()
    description = f"Schema for event type {detail_type}, published by AWS event source {source}"
    schema, _ = await versions.add(
        call, known or versions.new(call, DISCOVERED, name, description, {}), "OpenApi3", content
    )
    await storage.save_schema(call, schema)


def _merged(latest: dict[str, Any], shape: inference.Shape) -> inference.Shape:
    """What fits the newest version and a new shape; a version that someone wrote by hand may be of any form."""
    try:
        return inference.merge(inference.detail_of(latest), shape)
    except (KeyError, TypeError, AttributeError, RecursionError):
        return shape
