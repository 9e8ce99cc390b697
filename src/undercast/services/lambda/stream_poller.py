"""Reading one stream for one function: its shards are followed, and each batch of their records is an invocation."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import orjson

from undercast.engines import patterns
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.kit.shards import Batch, Follower, Record, Result
from undercast.runtime import Outcome

from . import batches, errors, lease, mapping_storage, stream_failures, stream_records, targets
from .execution import run
from .fleet import Fleet
from .mapping_model import Mapping

_THROTTLE_PAUSES_MS = (100, 200, 400, 800, 1_600, 3_200, 5_000)
_LARGEST_STATE = 1 << 20  # bytes


class StreamPoller:
    """The reading of one mapping's stream in this process."""

    def __init__(self, fleet: Fleet, call: Call, mapping: Mapping) -> None:
        self.mapping = mapping
        self._fleet = fleet
        self._call = call
        self._follower = Follower(
            call, mapping.source_arn, mapping.id, mapping.stream_settings, Invoker(call, mapping),
            identity=lease.reader(mapping),
        )  # fmt: skip
        self._lease: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Settle where the stream is read from."""
        await self._follower.begin()

    def start(self) -> None:
        self._follower.start()
        self._lease = asyncio.get_running_loop().create_task(self._hold())

    async def stop(self) -> None:
        """Read no more; what comes of a batch under way is kept. Until then this is the poller of its mapping."""
        self._end_lease()
        await self._follower.stop()
        self._leave()

    async def close(self) -> None:
        """The platform ends."""
        self._end_lease()
        self._leave()
        await self._follower.close()

    def _end_lease(self) -> None:
        if self._lease and self._lease is not asyncio.current_task():
            self._lease.cancel()

    def _leave(self) -> None:
        if self._fleet.pollers.get(self.mapping.id) is self:
            del self._fleet.pollers[self.mapping.id]

    async def _hold(self) -> None:
        await lease.keep(self._call, self.mapping, self._fleet.node)
        await self.stop()


@dataclass(frozen=True, slots=True)
class Attempt:
    """One invocation: what records of failures say of it."""

    request_id: str
    context: dict[str, Any] | None  # None when the function did not run
    role: str


class Invoker:
    """The consumer: filters, invokes, and sends on what failed."""

    def __init__(self, call: Call, mapping: Mapping) -> None:
        self._call, self._mapping = call, mapping
        self._filters = [patterns.compile(text) for text in mapping.filters]
        self._noted = mapping.result

    def wants(self, record: Record) -> bool:
        return stream_records.wanted(record, self._mapping.source_arn, self._mapping.region, self._filters)

    async def process(self, batch: Batch) -> Result:
        result = await self._invoke(batch)
        await self._note("OK" if result.failed is None else "PROBLEM: Function call failed")
        return result

    async def discard(self, call: Call, batch: Batch, reason: str, result: Result | None) -> None:
        attempt = result.detail if result else Attempt(call.ids.uuid(), None, "")
        await stream_failures.give_up(
            call, self._mapping, batch, reason, attempt.request_id, attempt.context, attempt.role
        )

    async def _invoke(self, batch: Batch) -> Result:
        call, mapping = self._call.outside(), self._mapping
        request_id, role = call.ids.uuid(), ""
        for pause_ms in (*_THROTTLE_PAUSES_MS, None):
            try:
                version, function = await call.transact(targets.choose, mapping.reference)
                role = version.config["Role"]
                payload = orjson.dumps(stream_records.event(batch, mapping.source_arn, mapping.region, role))
                outcome = await run(call, mapping.reference, version, function, payload, request_id=request_id)
                break
            except errors.TooManyRequestsException:
                if pause_ms is None:
                    return Result(failed="", detail=Attempt(request_id, None, role))
                await call.clock.sleep_until(call.clock.now() + pause_ms)
            except ServiceError:  # the function is gone, or cannot be run now
                return Result(failed="", detail=Attempt(request_id, None, role))
        context = {"statusCode": 200, "executedVersion": version.version, "functionError": outcome.error}
        return self._result(batch, outcome, Attempt(request_id, context, role))

    def _result(self, batch: Batch, outcome: Outcome, attempt: Attempt) -> Result:
        if outcome.error:
            return Result(failed="", detail=attempt)
        state = _state(outcome.payload) if batch.window else None
        if batch.window and state is None:
            return Result(failed="", detail=attempt)
        if not self._mapping.reports_failures or batch.final:
            return Result(state=state, detail=attempt)
        numbers = [record.sequence for record in batch.records]
        failed = batches.unprocessed(outcome.payload, numbers)
        first = next((number for number in numbers if number in failed), None)
        return Result(failed="" if len(failed) == len(numbers) else first, state=state, detail=attempt)

    async def _note(self, text: str) -> None:
        if text != self._noted:
            await self._call.transact(mapping_storage.note_result, self._mapping.id, text)
            self._noted = text


def _state(answer: bytes) -> dict[str, Any] | None:
    """What a function hands on within a window; None when it is not an object, or too large."""
    try:
        found = orjson.loads(answer) if answer else None
    except orjson.JSONDecodeError:
        return None
    state = found.get("state") if isinstance(found, dict) else None
    if state is None:
        return {}
    return state if isinstance(state, dict) and len(answer) <= _LARGEST_STATE else None
