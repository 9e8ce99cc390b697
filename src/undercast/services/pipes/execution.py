"""One batch on its way: its events go through the enrichment, then to the target."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.pipes import enrichments, limits, targets
from undercast.services.pipes.items import Failed, Item
from undercast.services.pipes.journal import ERROR, INFO, TRACE, Journal
from undercast.services.pipes.model import Pipe
from undercast.services.pipes.records import Event
from undercast.services.pipes.templates import Template

log = logging.getLogger("undercast.pipes")


class Execution:
    """What a pipe does with batches. `call` has no transaction."""

    def __init__(self, call: Call, pipe: Pipe) -> None:
        self._call, self._pipe = call.outside(), pipe
        self._enriching = _template(pipe.settings.get("EnrichmentParameters"))
        self._targeting = _template(pipe.settings.get("TargetParameters"))
        self._journal = Journal(self._call, pipe)

    async def run(self, events: Sequence[Event]) -> set[int]:
        """Take a batch through the pipe. Which of the events failed: they are to be tried again."""
        everything = set(range(len(events)))
        id = self._call.ids.uuid()
        await self._journal.note(id, "ExecutionStarted", INFO, [event.content for event in events])
        try:
            failed = await self._pass(id, events)
        except (ServiceError, Failed) as error:
            log.warning("%s: a batch of %d events failed: %s", self._pipe.arn, len(events), error)
            await self._journal.note(id, "ExecutionFailed", ERROR, error=error)
            return everything
        if failed:
            await self._journal.note(id, "ExecutionPartiallyFailed", ERROR)
        else:
            await self._journal.note(id, "ExecutionSucceeded", INFO)
        return failed

    async def _pass(self, id: str, events: Sequence[Event]) -> set[int]:
        items = [self._item(event.content, event.read) for event in events]
        if self._pipe.enrichment:
            values = await self._enrich(id, items)
            if not values:
                await self._journal.note(id, "TargetStageSkipped", INFO)
                return set()
            items = [self._item(value, value) for value in values]
        return await self._send(id, [item.through(self._targeting) for item in items], events)

    async def _enrich(self, id: str, items: Sequence[Item]) -> list[Any]:
        note = self._journal.note
        await note(id, "EnrichmentStageStarted", INFO, [item.value for item in items])
        try:
            made = [item.through(self._enriching) for item in items]
            await note(id, "EnrichmentInvocationStarted", TRACE, [item.payload for item in made])
            values = await enrichments.enrich(self._call, self._pipe, made)
        except (ServiceError, Failed) as error:
            await note(id, "EnrichmentStageFailed", ERROR, error=error)
            raise
        await note(id, "EnrichmentStageSucceeded", INFO, values)
        limit = limits.target_limit(self._pipe.target)
        if len(values) > limit:
            raise Failed(f"The enrichment returned {len(values)} events; the target takes {limit}.")
        return values

    async def _send(self, id: str, items: Sequence[Item], events: Sequence[Event]) -> set[int]:
        """Which events failed. Where the enrichment made other ones of them, all of them fail together."""
        note = self._journal.note
        await note(id, "TargetStageStarted", INFO, [item.value for item in items])
        try:
            await note(id, "TargetInvocationStarted", TRACE, [item.payload for item in items])
            failed = await targets.send(self._call, self._pipe, items, events)
        except (ServiceError, Failed) as error:
            await note(id, "TargetStageFailed", ERROR, error=error)
            raise
        if not failed:
            await note(id, "TargetStageSucceeded", INFO)
            return failed
        await note(id, "TargetStagePartiallyFailed", ERROR)
        return failed if len(items) == len(events) else set(range(len(events)))

    def _item(self, value: Any, read: Any) -> Item:
        pipe = self._pipe
        now = datetime.fromtimestamp(self._call.clock.now() / 1000, UTC)
        variables = {
            "aws.pipes.event": value,
            "aws.pipes.event.ingestion-time": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "aws.pipes.pipe-arn": pipe.arn,
            "aws.pipes.pipe-name": pipe.name,
            "aws.pipes.source-arn": pipe.source,
            "aws.pipes.enrichment-arn": pipe.enrichment,
            "aws.pipes.target-arn": pipe.target,
        }
        text = value if isinstance(value, str) else orjson.dumps(value).decode()
        return Item(value, read, text, variables)


def _template(parameters: dict[str, Any] | None) -> Template | None:
    text = (parameters or {}).get("InputTemplate")
    return Template(text) if text else None
