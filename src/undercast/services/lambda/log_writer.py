"""What functions print, on its way into CloudWatch Logs: buffered, in batches, off the path of an invocation."""

from __future__ import annotations

import asyncio
import logging

from undercast.kit.call import Call, Platform
from undercast.kit.credentials import root_identity
from undercast.kit.errors import ServiceError
from undercast.runtime import FunctionSpec

log = logging.getLogger("undercast.lambda")

_BATCH_EVENTS = 10_000  # https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
_BATCH_BYTES = 1_048_576
_EVENT_OVERHEAD_BYTES = 26
_HIGH_WATER_BYTES = 8_000_000  # that wait to be written; beyond, functions are read no further
_TRIES = 5

_Events = list[tuple[int, str]]
_Stream = tuple[str, str, str, str]  # account, region, group, stream


class LogWriter:
    """Takes lines at once and writes them soon, each stream's in order; nothing is dropped while the store works."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._waiting: dict[_Stream, _Events] = {}
        self._bytes = 0
        self._task: asyncio.Task[None] | None = None
        self._room = asyncio.Event()

    def take(self, spec: FunctionSpec, stream: str, events: _Events) -> asyncio.Future[None] | None:
        """The `on_log` of the runtimes. What it returns is done when there is room again."""
        key = (spec.account_id, spec.region, spec.log_group, stream)
        self._waiting.setdefault(key, []).extend(events)
        self._bytes += sum(len(text) + _EVENT_OVERHEAD_BYTES for _, text in events)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._write())
        if self._bytes < _HIGH_WATER_BYTES:
            return None
        self._room.clear()
        return asyncio.ensure_future(self._until_room())

    async def drain(self) -> None:
        """Until all that was taken is written."""
        while self._task is not None:
            await asyncio.wait([self._task])

    async def _until_room(self) -> None:
        await self._room.wait()

    async def _write(self) -> None:
        try:
            while self._waiting:
                waiting, self._waiting, self._bytes = self._waiting, {}, 0
                self._room.set()
                await asyncio.gather(*[self._write_stream(key, events) for key, events in waiting.items()])
        finally:
            self._task = None
            self._room.set()

    async def _write_stream(self, key: _Stream, events: _Events) -> None:
        account, region, group, stream = key
        call = Call(
            self._platform,
            account=account,
            region=region,
            identity=root_identity(account),
            request_id=self._platform.ids.uuid(),
            service="lambda",
        )
        for batch in _batches(events):
            await self._put(call, group, stream, batch)

    async def _put(self, call: Call, group: str, stream: str, batch: list[dict[str, object]]) -> None:
        for attempt in range(_TRIES):
            try:
                await call.aws.logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=batch)
                return
            except ServiceError as error:
                if error.code == "ResourceNotFoundException":
                    await _create(call, group, stream)
                    continue
                log.warning("the log %s/%s refused %d events: %s", group, stream, len(batch), error)
                return
            except Exception as error:  # noqa: BLE001  logs must not end with the first failure of the database
                log.warning("the log %s/%s cannot be written now: %r", group, stream, error)
                await asyncio.sleep(0.1 * 2**attempt)
        log.error("%d events of the log %s/%s are lost", len(batch), group, stream)


async def _create(call: Call, group: str, stream: str) -> None:
    logs = call.aws.logs
    for create, names in (
        (logs.create_log_group, {"logGroupName": group}),
        (logs.create_log_stream, {"logGroupName": group, "logStreamName": stream}),
    ):
        try:
            await create(**names)
        except ServiceError as error:
            if error.code != "ResourceAlreadyExistsException":
                raise


def _batches(events: _Events) -> list[list[dict[str, object]]]:
    """Cut where CloudWatch Logs would refuse; in order of time, as it demands."""
    batches: list[list[dict[str, object]]] = [[]]
    size = 0
    for at, text in sorted(events, key=lambda event: event[0]):
        weight = len(text.encode()) + _EVENT_OVERHEAD_BYTES
        if batches[-1] and (len(batches[-1]) == _BATCH_EVENTS or size + weight > _BATCH_BYTES):
            batches.append([])
            size = 0
        batches[-1].append({"timestamp": at, "message": text})
        size += weight
    return batches
