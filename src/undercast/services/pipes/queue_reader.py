"""Reading a queue for a pipe: batches are received here and executed side by side."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from undercast.engines import patterns
from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.pipes import sources
from undercast.services.pipes.execution import Execution
from undercast.services.pipes.model import Pipe
from undercast.services.pipes.records import Event, of_message

log = logging.getLogger("undercast.pipes")

_AT_ONCE = 5  # batches
_LONGEST_POLL_S = 20
_PAUSE_MS = 2_000  # after the queue could not be used


class QueueReader:
    """The tasks of one pipe in this process. `call` has no transaction."""

    def __init__(self, call: Call, pipe: Pipe) -> None:
        parameters = sources.parameters_of(pipe)
        self._pipe, self._execution = pipe, Execution(call, pipe)
        self._call = call.as_role(pipe.role, "pipe").at(pipe.source)
        source = Arn.parse(pipe.source)
        self._url = f"{call.platform.endpoint_url}/{source.account}/{source.resource}"
        self._size: int = parameters["BatchSize"]
        self._window_ms = 1000 * (parameters.get("MaximumBatchingWindowInSeconds") or 0)
        self._filters = [patterns.compile(text) for text in pipe.filters]
        self._batches: set[asyncio.Task[None]] = set()
        self._poller: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """A queue keeps what comes before it is read."""

    def start(self) -> None:
        self._poller = asyncio.get_running_loop().create_task(self._poll())

    async def stop(self) -> None:
        """Receive no more; batches under way end first."""
        await self._end_polling()
        if self._batches:
            await asyncio.wait(self._batches)

    async def close(self) -> None:
        """The platform ends: what is under way returns to the queue."""
        await self._end_polling()
        for task in self._batches:
            task.cancel()
        await asyncio.gather(*self._batches, return_exceptions=True)

    async def _end_polling(self) -> None:
        if self._poller:
            self._poller.cancel()
            await asyncio.gather(self._poller, return_exceptions=True)

    # --- receiving ---

    async def _poll(self) -> None:
        while True:
            try:
                messages = await self._gather()
            except Exception as error:  # noqa: BLE001  a pipe goes on when its queue or the database is back
                log.warning("%s cannot be read: %s", self._pipe.source, error)
                await self._call.clock.sleep_until(self._call.clock.now() + _PAUSE_MS)
                continue
            if messages:
                task = asyncio.get_running_loop().create_task(self._process(messages))
                self._batches.add(task)
                task.add_done_callback(self._batches.discard)
            while len(self._batches) >= _AT_ONCE:
                await asyncio.wait(self._batches, return_when=asyncio.FIRST_COMPLETED)

    async def _gather(self) -> list[dict[str, Any]]:
        """A batch: as many messages as it may have, or those that came within the window."""
        now = self._call.clock.now
        messages = await self._receive(self._size, _LONGEST_POLL_S)
        until = now() + self._window_ms
        while messages and len(messages) < self._size and now() < until:
            left_ms = until - now()
            if left_ms < 1000:
                await self._call.clock.sleep_until(until)
            messages += await self._receive(self._size - len(messages), min(_LONGEST_POLL_S, left_ms // 1000))
        # one that became visible again meanwhile counts by its last receipt
        return list({message["MessageId"]: message for message in messages}.values())

    async def _receive(self, limit: int, wait_s: int) -> list[dict[str, Any]]:
        answer = await self._call.aws.sqs.receive_message(
            QueueUrl=self._url, MaxNumberOfMessages=min(10, limit), WaitTimeSeconds=wait_s,
            MessageSystemAttributeNames=["All"], MessageAttributeNames=["All"],
        )  # fmt: skip
        return answer.get("Messages") or []

    # --- processing ---

    async def _process(self, messages: Sequence[dict[str, Any]]) -> None:
        events = [of_message(message, self._pipe.source, self._call.region) for message in messages]
        wanted: list[Event] = []
        done: list[Event] = []
        for event in events:
            (wanted if event.passes(self._filters) else done).append(event)
        if wanted:
            try:
                failed = await self._execution.run(wanted)
            except Exception:  # an error of ours, or no database: nobody awaits this task
                log.exception("%s could not execute a batch", self._pipe.arn)
                failed = set(range(len(wanted)))
            done += [event for place, event in enumerate(wanted) if place not in failed]
        try:
            await self._call.transact(self._delete, done)
        except ServiceError as error:  # the queue is gone, and they with it
            log.info("%s: %s", self._pipe.source, error)

    async def _delete(self, call: Call, events: Sequence[Event]) -> None:
        for start in range(0, len(events), 10):
            entries = [
                {"Id": str(place), "ReceiptHandle": event.content["receiptHandle"]}
                for place, event in enumerate(events[start : start + 10])
            ]
            await call.aws.sqs.delete_message_batch(QueueUrl=self._url, Entries=entries)
