"""Reading a stream for a pipe: the follower reads its shards, each batch is an execution; what is given up is told."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import orjson

from undercast.engines import patterns
from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.kit.shards import Batch, Follower, Record, Result
from undercast.services.pipes import sources
from undercast.services.pipes.execution import Execution
from undercast.services.pipes.model import Pipe
from undercast.services.pipes.records import Event, of_record

log = logging.getLogger("undercast.pipes")


class StreamReader:
    """The reading of one pipe's stream in this process. `call` has no transaction."""

    def __init__(self, call: Call, pipe: Pipe) -> None:
        self._pipe, self._execution = pipe, Execution(call, pipe)
        self._filters = [patterns.compile(text) for text in pipe.filters]
        self._region = Arn.parse(pipe.source).region
        identity = call.as_role(pipe.role, "pipe").identity
        self._follower = Follower(
            call, pipe.source, reader_name(pipe), sources.stream_settings(pipe), self, identity=identity
        )

    async def begin(self) -> None:
        """Settle where the stream is read from."""
        await self._follower.begin()

    def start(self) -> None:
        self._follower.start()

    async def stop(self) -> None:
        """Read no more; batches under way end first."""
        await self._follower.stop()

    async def close(self) -> None:
        """The platform ends."""
        await self._follower.close()

    # --- what the follower asks ---

    def wants(self, record: Record) -> bool:
        """Whether a record passes the filters."""
        return self._event(record, "").passes(self._filters)

    async def process(self, batch: Batch) -> Result:
        """Execute the pipe with a batch; from the first event that failed on it is tried again."""
        failed = await self._execution.run([self._event(record, batch.shard) for record in batch.records])
        if not failed:
            return Result()
        everything = len(failed) == len(batch.records)
        return Result(failed="" if everything else batch.records[min(failed)].sequence)

    async def discard(self, call: Call, batch: Batch, reason: str, result: Result | None) -> None:
        """Tell the dead-letter queue or topic which records were given up."""
        arn = (sources.parameters_of(self._pipe).get("DeadLetterConfig") or {}).get("Arn")
        log.warning("%s gives up %d records: %s", self._pipe.arn, len(batch.records), reason)
        if not arn or not batch.records:
            return
        there = call.as_role(self._pipe.role, "pipe").at(arn)
        text = orjson.dumps(_letter(self._pipe, batch, reason, call.now)).decode()
        try:
            if Arn.parse(arn).service == "sns":
                await there.aws.sns.publish(TopicArn=arn, Message=text)
            else:
                queue = Arn.parse(arn)
                url = f"{call.platform.endpoint_url}/{queue.account}/{queue.resource}"
                await there.aws.sqs.send_message(QueueUrl=url, MessageBody=text)
        except ServiceError as error:
            log.warning("%s: %s did not take the dead letter: %s", self._pipe.arn, arn, error)

    def _event(self, record: Record, shard: str) -> Event:
        return of_record(record, shard, self._pipe.source, self._region, self._pipe.role)


def reader_name(pipe: Pipe) -> str:
    """Under which the checkpoints of a pipe are kept."""
    return f"pipe/{pipe.name}/{pipe.created_at}"


def _letter(pipe: Pipe, batch: Batch, reason: str, now: int) -> dict[str, Any]:
    first, last = batch.records[0], batch.records[-1]
    return {
        "context": {"partnerResourceArn": pipe.arn, "condition": reason},
        "version": "1.0",
        "timestamp": _zulu(now),
        "DDBStreamBatchInfo" if "dynamodb" in first.raw else "KinesisBatchInfo": {
            "shardId": batch.shard,
            "startSequenceNumber": first.sequence,
            "endSequenceNumber": last.sequence,
            "approximateArrivalOfFirstRecord": _zulu(first.at),
            "approximateArrivalOfLastRecord": _zulu(last.at),
            "batchSize": len(batch.records),
            "streamArn": pipe.source,
        },
    }


def _zulu(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
