"""Reading one queue for one function: batches are received here and invoked side by side, more while there is more."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import orjson

from undercast.engines import patterns
from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError

from . import batches, errors, lease, targets
from .batches import Message
from .execution import run
from .fleet import Fleet
from .mapping_model import Mapping

log = logging.getLogger("undercast.lambda")

_FIRST_CONCURRENCY = 5  # as AWS; it grows by as much while batches wait
_LARGEST_CONCURRENCY = 100
_LARGEST_PAYLOAD_BYTES = 6_000_000
_LONGEST_POLL_S = 20
_PAUSE_MS = 2_000  # after a queue or a function could not be used
_THROTTLE_PAUSES_MS = (100, 200, 400, 800, 1_600, 3_200, 5_000)


class Poller:
    """The tasks of one mapping in this process."""

    def __init__(self, fleet: Fleet, call: Call, mapping: Mapping) -> None:
        self.mapping = mapping
        self._fleet = fleet
        self._call = call
        source = Arn.parse(mapping.source_arn)
        self._url = f"{call.platform.endpoint_url}/{source.account}/{source.resource}"
        self._filters = [patterns.compile(text) for text in mapping.filters]
        self._limit = min(_FIRST_CONCURRENCY, mapping.largest_concurrency)
        self._most = min(_LARGEST_CONCURRENCY, mapping.largest_concurrency)
        self._batches: set[asyncio.Task[None]] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False

    def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._poll()), loop.create_task(self._hold())]

    async def stop(self) -> None:
        """Receive no more; batches under way end by themselves."""
        self._stopping = True
        if self._fleet.pollers.get(self.mapping.id) is self:
            del self._fleet.pollers[self.mapping.id]
        for task in self._tasks:
            if task is not asyncio.current_task():
                task.cancel()

    async def close(self) -> None:
        """The platform ends."""
        await self.stop()

    # --- receiving ---

    async def _poll(self) -> None:
        while not self._stopping:
            try:
                await self._room()
                messages = await self._gather()
            except Exception as error:  # noqa: BLE001  a poller must go on when the queue or the database is back
                log.warning("%s cannot be polled: %s", self.mapping.source_arn, error)
                await self._pause(_PAUSE_MS)
                continue
            if messages:
                task = asyncio.get_running_loop().create_task(self._process(messages))
                self._batches.add(task)
                task.add_done_callback(self._batches.discard)

    async def _room(self) -> None:
        """Wait for one of the batches under way; grow when the queue has more than they can take."""
        while len(self._batches) >= self._limit:
            await asyncio.wait(self._batches, return_when=asyncio.FIRST_COMPLETED, timeout=0.1)
            if len(self._batches) >= self._limit and self._limit < self._most and await self._backlog():
                self._limit = min(self._most, self._limit + _FIRST_CONCURRENCY)

    async def _backlog(self) -> bool:
        name = "ApproximateNumberOfMessages"
        answer = await self._as_function().aws.sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=[name])
        return int(answer["Attributes"][name]) > 0

    async def _gather(self) -> list[Message]:
        """A batch: as many messages as one invocation takes, or those that came within the window."""
        size, now = self.mapping.batch_size, self._call.clock.now
        messages = await self._receive(min(10, size), _LONGEST_POLL_S)
        if not messages or not self.mapping.window_ms:
            return messages
        until = now() + self.mapping.window_ms
        while len(messages) < size and _weight(messages) < _LARGEST_PAYLOAD_BYTES and not self._stopping:
            left_ms = until - now()
            if 0 < left_ms < 1000:
                await self._pause(left_ms)
            more = await self._receive(min(10, size - len(messages)), max(0, min(_LONGEST_POLL_S, left_ms // 1000)))
            messages += more
            if now() >= until:
                break
        # one that became visible again meanwhile counts by its last receipt
        return list({message["MessageId"]: message for message in messages}.values())

    async def _receive(self, limit: int, wait_s: int) -> list[Message]:
        answer = await self._as_function().aws.sqs.receive_message(
            QueueUrl=self._url, MaxNumberOfMessages=limit, WaitTimeSeconds=wait_s,
            MessageSystemAttributeNames=["All"], MessageAttributeNames=["All"],
        )  # fmt: skip
        return answer.get("Messages") or []

    # --- processing ---

    async def _process(self, messages: list[Message]) -> None:
        mapping = self.mapping
        records = [
            batches.record(message, mapping.source_arn, mapping.region, windowed=bool(mapping.window_ms))
            for message in messages
        ]
        kept = [record for record in records if batches.wanted(record, self._filters)]
        dropped = [record for record in records if record not in kept] if len(kept) < len(records) else []
        try:
            done = await self._invoke(kept) if kept else []
        except ServiceError as error:
            log.warning("%s could not process a batch: %s", mapping.name, error)
            done = []
        except Exception:  # an error of ours, or no database: nobody awaits this task
            log.exception("%s could not process a batch", mapping.name)
            done = []
        await self._delete(dropped + done)

    async def _invoke(self, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Those of the records that were processed."""
        payload = orjson.dumps({"Records": records})
        trace = next(
            (one["attributes"]["AWSTraceHeader"] for one in records if "AWSTraceHeader" in one["attributes"]), None
        )
        call = self._call.outside()
        for pause_ms in (*_THROTTLE_PAUSES_MS, None):
            version, function = await call.transact(targets.choose, self.mapping.reference)
            try:
                outcome = await run(
                    call, self.mapping.reference, version, function, payload, trace=trace,
                    request_id=call.ids.uuid(),
                )  # fmt: skip
                break
            except errors.TooManyRequestsException:
                if pause_ms is None or self._stopping:
                    return []  # they return to the queue
                await self._pause(pause_ms)
        if outcome.error:
            return []
        if not self.mapping.reports_failures:
            return records
        failed = batches.unprocessed(outcome.payload, [one["messageId"] for one in records])
        return [one for one in records if one["messageId"] not in failed]

    async def _delete(self, records: list[dict[str, Any]]) -> None:
        async def delete(call: Call) -> None:
            for start in range(0, len(records), 10):
                entries = [
                    {"Id": str(number), "ReceiptHandle": record["receiptHandle"]}
                    for number, record in enumerate(records[start : start + 10])
                ]
                await call.aws.sqs.delete_message_batch(QueueUrl=self._url, Entries=entries)

        if records:
            try:
                await self._as_function().transact(delete)
            except ServiceError as error:  # the queue is gone, and they with it
                log.info("%s: %s", self.mapping.source_arn, error)

    # --- the rest ---

    def _as_function(self) -> Call:
        call = self._call.outside().at(self.mapping.source_arn)
        call.identity = lease.reader(self.mapping)
        return call

    async def _pause(self, milliseconds: int) -> None:
        await self._call.clock.sleep_until(self._call.clock.now() + milliseconds)

    async def _hold(self) -> None:
        await lease.keep(self._call, self.mapping, self._fleet.node)
        await self.stop()


def _weight(messages: list[Message]) -> int:
    return sum(len(message["Body"]) for message in messages)
