"""Access logs: a line for every request to a stage that wants it, in CloudWatch Logs."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from undercast.kit.arn import Arn
from undercast.kit.errors import ServiceError
from undercast.services.apigateway.execute import variables

if TYPE_CHECKING:
    from undercast.kit.call import Call
    from undercast.kit.http import Response
    from undercast.services.apigateway.execute.exchange import Exchange

log = logging.getLogger("undercast.apigateway")

_BATCH = 1000


class AccessLogs:
    """Lines that wait to be written together, by destination; they are written off the requests' path."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, str], tuple[Call, list[dict[str, Any]]]] = {}
        self._writing: asyncio.Task[None] | None = None

    def add(self, exchange: Exchange, response: Response) -> None:
        """Keep the line for a request that was answered."""
        settings, served = exchange.served.access_log, exchange.served
        now = exchange.call.clock.now()
        exchange.outcome = {
            "status": response.status,
            "responseLength": len(response.body) if isinstance(response.body, bytes) else None,
            "responseLatency": now - exchange.call.now,
        }
        line = variables.substituted(exchange, settings["format"], "-")
        key = (settings["destinationArn"], f"{served.api_id}/{served.stage_name}".replace(":", "_"))
        self._waiting.setdefault(key, (exchange.call, []))[1].append({"timestamp": now, "message": line})
        if self._writing is None or self._writing.done():
            self._writing = asyncio.ensure_future(self.flush())

    async def flush(self) -> None:
        """Write all that waits."""
        while self._waiting:
            (arn, stream), (call, events) = self._waiting.popitem()
            for start in range(0, len(events), _BATCH):
                try:
                    await _write(call.at(arn), _group(arn), stream, events[start : start + _BATCH])
                except ServiceError as error:  # the requests were answered: a log group that is gone hurts nobody else
                    log.warning("access log of %s: %s", stream, error.message)


async def _write(call: Call, group: str, stream: str, events: list[dict[str, Any]]) -> None:
    try:
        await call.aws.logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
    except ServiceError as error:
        if error.code != "ResourceNotFoundException":
            raise
        await call.aws.logs.create_log_stream(logGroupName=group, logStreamName=stream)
        await call.aws.logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)


def _group(arn: str) -> str:
    return Arn.parse(arn).resource.removeprefix("log-group:").removesuffix(":*")
