"""The states of pipes: a job brings each into the state it is to have, and sees that one process runs it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

from undercast.kit import leases, shards
from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.kit.jobs import AT_START
from undercast.kit.service import waits
from undercast.services.pipes import model, sources, storage
from undercast.services.pipes.model import Pipe
from undercast.services.pipes.queue_reader import QueueReader
from undercast.services.pipes.stream_reader import StreamReader, reader_name

_LOOK_AGAIN_MS = 30_000  # for a pipe whose process died, where there are several
_THING = "pipes.runners"


@dataclass
class _Runner:
    """A pipe that runs here."""

    pipe: Pipe
    reader: QueueReader | StreamReader
    lease: asyncio.Task[None] | None = None

    async def stop(self) -> None:
        self._leave()
        await self.reader.stop()

    async def close(self) -> None:
        self._leave()
        await self.reader.close()

    def _leave(self) -> None:
        if self.lease and self.lease is not asyncio.current_task():
            self.lease.cancel()


@dataclass
class _Runners:
    """All that run in this process, by ARN."""

    node: str
    by_arn: dict[str, _Runner] = field(default_factory=dict)


async def later(call: Call, pipe: Pipe) -> None:
    """Have a new, changed or deleted pipe come into its state."""
    await call.later(call.now, "pipe", [pipe.name, pipe.generation], key=pipe.arn)


@waits
async def keep(call: Call, payload: list[Any]) -> None:
    """The job. It is written anew for the next start of the platform (or, among several nodes, for a while later)."""
    name, generation = payload
    here = _runners(call)
    pipe = await call.transact(storage.find, name)
    if pipe is None or pipe.generation != generation:  # another generation's own job sees to it
        return
    runner = here.by_arn.get(pipe.arn)
    if runner and (runner.pipe.generation != generation or pipe.desired != model.RUNNING):
        del here.by_arn[pipe.arn]
        await runner.stop()
        runner = None
    reader, reason = await _prepared(call, pipe)
    settled, mine = await call.transact(_settle, pipe, reason, here.node)
    if reader and mine and not runner:
        runner = here.by_arn[pipe.arn] = _Runner(settled, reader)
        reader.start()
        runner.lease = asyncio.get_running_loop().create_task(_hold(here, call.outside(), settled))


async def close(platform: Any) -> None:
    """The platform ends: every reader stops at once; what it had is processed again after the next start."""
    here: _Runners | None = platform.things.pop(_THING, None)
    for runner in list(here.by_arn.values()) if here else ():
        await runner.close()


async def leave(platform: Any, account: str) -> None:
    """Run no pipe of an account any more."""
    here: _Runners | None = platform.things.get(_THING)
    if here:
        for runner in [one for one in here.by_arn.values() if one.pipe.account == account]:
            del here.by_arn[runner.pipe.arn]
            await runner.close()


async def _prepared(call: Call, pipe: Pipe) -> tuple[QueueReader | StreamReader | None, str]:
    """A reader that knows where it begins, for a pipe that is to run; or why there is none."""
    if pipe.state in (model.DELETING, *model.FAILED.values()) or pipe.desired != model.RUNNING:
        return None, ""
    kind = QueueReader if Arn.parse(pipe.source).service == "sqs" else StreamReader
    reader = kind(call.outside(), pipe)
    if pipe.state in model.TRANSITIONS:
        try:
            await sources.look(call, pipe)
            await reader.begin()
        except ServiceError as error:
            return None, f"{pipe.source} cannot be read: {error.message}"
    return reader, ""


async def _settle(call: Call, seen: Pipe, reason: str, node: str) -> tuple[Pipe, bool]:
    """The pipe in its state, and whether this process is to run it."""
    pipe = await storage.find(call, seen.name)
    if pipe is None or pipe.generation != seen.generation:
        return seen, False
    if pipe.state == model.DELETING:
        await storage.delete(call, pipe.name)
        await shards.forget(call, reader_name(pipe))
        return pipe, False
    if reason and pipe.state in model.TRANSITIONS:
        await storage.save(call, replace(pipe, state=model.FAILED[pipe.state], reason=reason))
        return pipe, False
    if pipe.state in model.TRANSITIONS:
        pipe = replace(pipe, state=pipe.desired)
        await storage.save(call, pipe)
    if pipe.state != model.RUNNING:
        return pipe, False
    alone = call.platform.store.dialect == "sqlite"
    mine = await storage.lease(call, pipe.name, node, call.now + leases.LEASE_MS, alone=alone)
    await call.later(AT_START if alone else call.now + _LOOK_AGAIN_MS, "pipe", [pipe.name, pipe.generation])
    return pipe, mine


async def _hold(here: _Runners, call: Call, pipe: Pipe) -> None:
    """Keep the right to run the pipe; stop when another process has it, or the pipe was changed."""
    await leases.keep(call, pipe.arn, _renew, pipe, here.node)
    runner = here.by_arn.get(pipe.arn)
    if runner and runner.pipe.generation == pipe.generation:
        del here.by_arn[pipe.arn]
        await runner.stop()


async def _renew(call: Call, pipe: Pipe, node: str) -> bool:
    found = await storage.find(call, pipe.name)
    if found is None or found.generation != pipe.generation:
        return False
    alone = call.platform.store.dialect == "sqlite"
    return await storage.lease(call, pipe.name, node, call.now + leases.LEASE_MS, alone=alone)


def _runners(call: Call) -> _Runners:
    things = call.platform.things
    if _THING not in things:
        things[_THING] = _Runners(call.ids.hex(16))
    here: _Runners = things[_THING]
    return here
