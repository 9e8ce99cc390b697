"""The log of a pipe: a record for each step, into a log group or a delivery stream, as its level asks for.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-logs-schema.html
"""

from __future__ import annotations

import logging
from typing import Any

import orjson

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.pipes.model import Pipe

log = logging.getLogger("undercast.pipes")

ERROR, INFO, TRACE = 1, 2, 3
_LEVELS = {"OFF": 0, "ERROR": ERROR, "INFO": INFO, "TRACE": TRACE}
_NAMES = {rank: name for name, rank in _LEVELS.items()}
_LARGEST = 200_000  # characters of a payload


class Journal:
    """Where the steps of a pipe's executions are written."""

    def __init__(self, call: Call, pipe: Pipe) -> None:
        config = pipe.settings.get("LogConfiguration") or {}
        self._pipe = pipe
        self._call = call.as_role(pipe.role, "pipe")
        self._level = _LEVELS[config.get("Level") or "OFF"]
        self._whole = "ALL" in (config.get("IncludeExecutionData") or ())
        self._group: str = (config.get("CloudwatchLogsLogDestination") or {}).get("LogGroupArn") or ""
        self._delivery: str = (config.get("FirehoseLogDestination") or {}).get("DeliveryStreamArn") or ""

    async def note(
        self, execution: str, step: str, level: int, payload: Any = None, error: Exception | None = None
    ) -> None:
        """Write down a step. A log that cannot be written holds nothing up."""
        if level > self._level:
            return
        record: dict[str, Any] = {
            "resourceArn": self._pipe.arn,
            "timestamp": self._call.clock.now(),
            "executionId": execution,
            "messageType": step,
            "logLevel": _NAMES[level],
        }
        if self._whole and payload is not None:
            text = orjson.dumps(payload).decode()
            record["payload"] = text[:_LARGEST]
            record["truncatedFields"] = ["payload"] if len(text) > _LARGEST else []
        if error is not None:
            record["error"] = {"message": str(error)}
        text = orjson.dumps(record).decode()
        try:
            if self._group:
                await self._to_group(text)
            if self._delivery:
                await self._to_stream(text)
        except ServiceError as refusal:
            log.warning("%s cannot write its log: %s", self._pipe.arn, refusal)

    async def _to_group(self, text: str) -> None:
        there = self._call.at(self._group)
        group = Arn.parse(self._group).resource.removeprefix("log-group:").removesuffix(":*")
        where = {"logGroupName": group, "logStreamName": self._pipe.name}
        entries = [{"timestamp": there.clock.now(), "message": text}]
        try:
            await there.aws.logs.put_log_events(**where, logEvents=entries)
        except ServiceError as error:
            if error.code != "ResourceNotFoundException":
                raise
            await there.aws.logs.create_log_stream(**where)
            await there.aws.logs.put_log_events(**where, logEvents=entries)

    async def _to_stream(self, text: str) -> None:
        name = Arn.parse(self._delivery).resource.partition("/")[2]
        record = {"Data": text.encode() + b"\n"}
        await self._call.at(self._delivery).aws.firehose.put_record(DeliveryStreamName=name, Record=record)
