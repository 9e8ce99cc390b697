"""Enrichments: a function or a state machine gets the whole batch, an HTTP endpoint one event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.services.pipes import functions, http_calls, machines
from undercast.services.pipes.items import Item
from undercast.services.pipes.model import Pipe


async def enrich(call: Call, pipe: Pipe, items: Sequence[Item]) -> list[Any]:
    """The events for the target: what the enrichment returned; none of them when that is nothing. ServiceError, Failed."""
    service = Arn.parse(pipe.enrichment).service
    if service in ("lambda", "states"):
        run = functions.invoke if service == "lambda" else machines.execute
        return _events(await run(call, pipe, pipe.enrichment, [item.payload for item in items]))
    parameters = (pipe.settings.get("EnrichmentParameters") or {}).get("HttpParameters") or {}
    found: list[Any] = []
    for item in items:
        found += _events(await http_calls.post(call, pipe, pipe.enrichment, item, parameters))
    return found


def _events(answer: bytes) -> list[Any]:
    try:
        value = orjson.loads(answer) if answer else None
    except orjson.JSONDecodeError:
        value = answer.decode("utf-8", "replace")
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]
