"""Express executions: a coroutine takes one through its states, in memory.

An asynchronous one is a job that is deleted when it has ended, so that after a crash it begins anew: at least once.
A synchronous one lives as long as its request: at most once.
https://docs.aws.amazon.com/step-functions/latest/dg/express-at-least-once-execution.html
"""

from __future__ import annotations

import asyncio
import itertools
import math
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from undercast.engines.states.actions import RunMap
from undercast.kit.call import Call
from undercast.kit.clock import Timer
from undercast.kit.service import waits
from undercast.services.stepfunctions import compiled, integrations, notices
from undercast.services.stepfunctions.frames import Frame, Frames
from undercast.services.stepfunctions.model import TIMED_OUT, Execution
from undercast.services.stepfunctions.run import Run

LONGEST_S = 300  # "Execution quotas", developer guide
_TRANSITIONS = 500  # before others get their turn

Happening = Callable[[], Awaitable[None]]


def arn_of(call: Call, execution: Execution) -> str:
    """A new ARN for an Express execution."""
    return call.arn(f"express:{execution.machine}:{execution.name}:{call.ids.uuid()}", "states")


async def start(call: Call, execution: Execution) -> str:
    """Have an execution run after the commit. Its ARN."""
    arn = arn_of(call, execution)
    await call.later(call.now, "run express", {"execution": asdict(execution), "arn": arn})
    return arn


@waits
async def run_express(call: Call, payload: dict[str, Any]) -> None:
    """The job: one execution from its beginning to its end."""
    execution = Execution(**payload["execution"])
    execution.started_at = call.clock.now()
    await run(call, execution, payload["arn"])


async def run(call: Call, execution: Execution, arn: str) -> Run:
    """Run an execution to its end."""
    revision, machine = await compiled.revision_apart(call, execution.revision)
    count = itertools.count(1)
    one = Run(call, execution, revision, machine, Frames(lambda: next(count)), arn)
    one.most_events = math.inf
    world = one.world = _Memory(one)
    deadline = execution.started_at + 1000 * min(machine.timeout_s or LONGEST_S, LONGEST_S)
    world.at(deadline, lambda: one.end(TIMED_OUT))
    try:
        one.begin()
        while one.runs:
            if not await one.proceed(_TRANSITIONS):
                await asyncio.sleep(0)
            elif one.runs:
                await (await world.happened.get())()
            await notices.log(one, arn)
            one.events.clear()  # nothing but its log tells of an Express execution
    finally:
        world.close()
    return one


def billed(run: Run) -> dict[str, int]:
    """In steps of 100 ms and 64 MB, as AWS bills."""
    execution = run.execution
    took_ms = (execution.stopped_at or execution.started_at) - execution.started_at
    return {
        "billedDurationInMilliseconds": max(100, math.ceil(took_ms / 100) * 100),
        "billedMemoryUsedInMB": 64,
    }


class _Memory:
    """The world of an Express execution: timers and tasks of this process, whose ends come one after the other."""

    def __init__(self, run: Run) -> None:
        self.happened: asyncio.Queue[Happening] = asyncio.Queue()
        self._run = run
        self._timers: dict[int, list[Timer]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def at(self, at: int, action: Happening, frame: int = -1) -> None:
        timer = self._run.call.clock.call_at(at, lambda: self.happened.put_nowait(action))
        self._timers.setdefault(frame, []).append(timer)

    def close(self) -> None:
        for timers in self._timers.values():
            for timer in timers:
                timer.cancel()
        for task in self._tasks:
            task.cancel()

    async def wake(self, frame: Frame, at: int) -> None:
        self._later(frame, at, lambda: self._run.woken(frame))

    async def start_task(self, frame: Frame, task: integrations.Task) -> None:
        work = frame.work
        assert work is not None
        for limit in (work["timeout_s"], work["heartbeat_s"]):
            if limit is not None:
                self._later(frame, self._run.now + 1000 * limit, lambda: self._run.timed_out(frame))
        doing = asyncio.get_running_loop().create_task(self._do(frame, task))
        self._tasks.add(doing)
        doing.add_done_callback(self._tasks.discard)

    async def start_map_run(self, frame: Frame, run: RunMap) -> None:
        raise AssertionError("a definition of an Express machine with a distributed map is refused")

    async def forget(self, frame: Frame) -> None:
        for timer in self._timers.pop(frame.id, ()):
            timer.cancel()

    async def ended(self) -> None:
        self.close()

    def _later(self, frame: Frame, at: int, action: Happening) -> None:
        serial = frame.serial

        async def unless_late() -> None:
            if frame.serial == serial and frame.work is not None and self._run.runs:
                await action()

        self.at(at, unless_late, frame.id)

    async def _do(self, frame: Frame, task: integrations.Task) -> None:
        serial = frame.serial
        try:
            outcome = await integrations.start(self._run.call, task)
        except Exception as error:  # noqa: BLE001  who waits for the outcome must not wait for ever
            raised = error

            async def fail() -> None:
                raise raised

            self.happened.put_nowait(fail)
            return

        async def settle() -> None:
            if frame.serial == serial and frame.work is not None and self._run.runs:
                await self._run.settled(frame, outcome)

        self.happened.put_nowait(settle)
