"""Standard executions: every turn is one transaction with its frames, events and the jobs that do the next things.

`kill -9` at any instant leaves a whole turn or none of it, and the job that led to it runs again. A task that joins the
transaction is done exactly once; one that waits for the outside world is called from a job of its own, and only the
result of its first whole call counts.

Turns hold their execution's row, so they need no serializable transactions. On PostgreSQL all that begin or turn at the
same time would conflict in these: to read an index guards its pages, and they write to the same ones. There a task
whose operation relies on that strictness is done in a transaction of its own, together with a note of what came of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from weakref import WeakValueDictionary

from undercast.engines.states.actions import RunMap
from undercast.engines.states.payloads import json_text
from undercast.kit.call import Call
from undercast.kit.service import MustWait, relaxed, waits
from undercast.services.stepfunctions import (
    arns,
    compiled,
    context,
    execution_storage,
    history,
    integrations,
    map_running,
    notices,
    storage,
)
from undercast.services.stepfunctions.execution_storage import StoredFrames
from undercast.services.stepfunctions.frames import CALLING, Frame
from undercast.services.stepfunctions.integrations import Kind
from undercast.services.stepfunctions.model import ABORTED, FAILED, KEPT_MS, RUNNING, SUCCEEDED, TIMED_OUT, Execution
from undercast.services.stepfunctions.run import Run
from undercast.services.stepfunctions.stage import HistoryIsFull

TRANSITIONS = 100  # of one turn
_SWEEP_MS = 86_400_000
_AT_ONCE = 200  # executions that one job aborts or forgets

Act = Callable[[Run], Awaitable[None]]


async def start(call: Call, execution: Execution) -> bool:
    """Write an execution down; its first turn follows the commit. Whether there was none of its name."""
    if not await execution_storage.add_execution(call, execution):
        return False
    await call.later(call.now, "begin", execution.number)
    await _sweep_some_day(call)
    return True


@relaxed
async def begin(call: Call, number: int) -> None:
    """The job: the first turn."""

    async def act(run: Run) -> None:
        if run.machine.timeout_s is not None:
            await call.later(run.execution.started_at + 1000 * run.machine.timeout_s, "time out", [number, 0])
        run.begin()
        await notices.status_changed(run)

    await turn(call, number, act)


@relaxed
async def advance(call: Call, number: int) -> None:
    """The job: another turn for frames that the last one left."""

    async def act(run: Run) -> None:
        assert isinstance(run.frames, StoredFrames)
        run.ready.extend(await run.frames.ready(TRANSITIONS))

    await turn(call, number, act)


@relaxed
async def wake(call: Call, where: list[int]) -> None:
    """The job: the time of a Wait or a retry has come."""
    await of_frame(call, where, lambda run, frame: run.woken(frame))


@relaxed
async def time_out(call: Call, payload: list[int]) -> None:
    """The job: the machine's TimeoutSeconds are over, counted from the start or a redrive."""
    number, redrives = payload
    execution = await execution_storage.find_by_number(call, number, hold=True)
    if execution is not None and execution.redrives == redrives:
        await stop(call, number, TIMED_OUT, None, None)


@relaxed
async def time_out_task(call: Call, where: list[int]) -> None:
    """The job: a task's TimeoutSeconds are over."""
    await of_frame(call, where, lambda run, frame: run.timed_out(frame))


@relaxed
async def miss_heartbeat(call: Call, where: list[int]) -> None:
    """The job: a worker should have been heard by now."""

    async def act(run: Run, frame: Frame) -> None:
        work = frame.work
        assert work is not None
        due = work.get("heard_at", 0) + 1000 * work["heartbeat_s"]
        if due <= call.now:
            await run.timed_out(frame)
        else:
            await _alarm(call, run, frame, due, "miss heartbeat")

    await of_frame(call, where, act)


@waits
async def call_task(call: Call, payload: dict[str, Any]) -> None:
    """The job: call what waits for the outside world, then tell the execution."""
    where = payload["where"]
    if not await call.transact_relaxed(_is_under_way, where):
        return
    outcome = await integrations.start(call, _task(payload))
    async with _one_at_a_time(call, where[0]):
        await call.transact_relaxed(_called, where, outcome)


@waits
async def do_task(call: Call, payload: dict[str, Any]) -> None:
    """The job: do what needs a serializable transaction, once, then tell the execution."""
    where = payload["where"]
    if not await call.transact_relaxed(_is_under_way, where):
        return
    try:
        await call.transact(_done_once, payload)
    except MustWait:
        await call_task(call, payload)
        return
    except _WasDone:  # before a crash
        pass
    async with _one_at_a_time(call, where[0]):
        await call.transact_relaxed(_noted, where)


async def with_task(call: Call, token: tuple[int, int, str], act: Callable[[Run, Frame], Awaitable[None]]) -> bool:
    """Let a worker's word happen to its task. Whether that is still waited for."""
    number, id, secret = token
    found = False

    async def of_run(run: Run) -> None:
        nonlocal found
        frame = await run.frames.find(id)
        if frame is not None and frame.work is not None and frame.work.get("secret") == secret:
            found = True
            await act(run, frame)

    await turn(call, number, of_run)
    return found


async def taken(run: Run, frame: Frame, worker: str | None) -> None:
    """A worker took an activity's task: its heartbeats count from now."""
    work = frame.work
    assert work is not None
    work.pop("offered", None)
    run.taken(frame, worker)
    if work["heartbeat_s"] is not None:
        work["heard_at"] = run.call.now
        await _alarm(run.call, run, frame, run.call.now + 1000 * work["heartbeat_s"], "miss heartbeat")


async def stop(call: Call, number: int, status: str, error: str | None, cause: str | None) -> None:
    """End an execution from outside."""

    async def act(run: Run) -> None:
        assert isinstance(run.frames, StoredFrames)
        for frame in await run.frames.all():
            await run.world.forget(frame)
        await run.end(status, error=error, cause=cause)

    await turn(call, number, act)


@relaxed
async def abort_all(call: Call, machine: str) -> None:
    """The job: stop what runs of a machine that was deleted."""
    found = await execution_storage.find_running(call, machine, _AT_ONCE)
    for execution in found:
        await stop(call, execution.number, ABORTED, None, None)
    if len(found) == _AT_ONCE:
        await call.later(call.now, "abort all", machine)


async def sweep(call: Call, _payload: None) -> None:
    """The job: forget executions whose retention is over."""
    found = await execution_storage.find_old(call, call.now - KEPT_MS, _AT_ONCE)
    for execution in found:
        await execution_storage.delete_execution(call, execution)
    for machine in {execution.machine.partition("/")[0] for execution in found}:
        await storage.delete_unused_revisions(call, machine)
    again = call.now if len(found) == _AT_ONCE else call.now + _SWEEP_MS
    await call.later(again, "sweep")


async def turn(call: Call, number: int, act: Act) -> bool:
    """Load an execution that runs, let something happen to it, take it as far as it goes, and save it."""
    execution = await execution_storage.find_by_number(call, number, hold=True)
    if execution is None or execution.status != RUNNING:
        return False
    run = await load(call, execution)
    try:
        await act(run)
        done = await run.proceed(TRANSITIONS)
    except HistoryIsFull:
        done = True
        await run.end(FAILED, error="States.Runtime", cause=history.FULL)
    await save(run, done=done)
    return True


async def load(call: Call, execution: Execution) -> Run:
    """An execution as its last turn left it."""
    revision, machine = await compiled.revision(call, execution.revision)
    if execution.parent:
        machine = machine.at(execution.parent["path"])
    run = Run(call, execution, revision, machine, StoredFrames(call, execution.number))
    run.world = _Durable(run)
    return run


async def save(run: Run, *, done: bool) -> None:
    """Write down what a turn made of an execution; unless it is `done` for now, another turn follows."""
    call, execution = run.call, run.execution
    assert isinstance(run.frames, StoredFrames)
    if run.runs:
        await run.frames.save()
        if not done:
            await call.later(call.now, "advance", execution.number)
    elif execution.status == SUCCEEDED:
        await run.frames.remove_all()
    else:
        await run.frames.save()  # for a redrive
    await execution_storage.add_events(call, execution.number, run.events)
    await execution_storage.save_execution(call, execution)
    await notices.log(run)


class _Durable:
    """The world of a Standard execution: the database and its jobs."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._call = run.call

    async def wake(self, frame: Frame, at: int) -> None:
        await _alarm(self._call, self._run, frame, at, "wake")

    async def start_task(self, frame: Frame, task: integrations.Task) -> None:
        if task.resource.kind is Kind.ACTIVITY:
            await self._offer(frame, task)
        elif integrations.waits(task.resource):
            await self._later("call task", frame, task)
        elif self._call.platform.store.dialect == "sqlite" or await integrations.is_relaxed(self._call, task.resource):
            await self._start(frame, task)
        else:
            await self._later("do task", frame, task)
        if frame.status == CALLING:
            await self._limit(frame)

    async def start_map_run(self, frame: Frame, run: RunMap) -> None:
        await map_running.start(self._run, frame, run)

    async def forget(self, frame: Frame) -> None:
        work = frame.work
        if not work:
            return
        for job in work.pop("jobs", ()):
            if job != self._call.job_id:
                await self._call.cancel_job(job)
        if "offered" in work:
            await storage.delete_activity_task(self._call, self._run.execution.number, work["offered"])

    async def ended(self) -> None:
        await notices.status_changed(self._run)
        await map_running.abort_below(self._run)
        execution = self._run.execution
        arn = self._run.arn
        for number, frame, serial in await execution_storage.take_watchers(self._call, arn):
            await self._call.later(self._call.now, "watched ended", [number, frame, serial, execution.number])
        if execution.map_run:
            await map_running.child_ended(self._call, execution)

    async def _start(self, frame: Frame, task: integrations.Task) -> None:
        """Do a task in this transaction; later when it waits."""
        serial = frame.serial
        try:
            async with self._call.db.savepoint():
                outcome = await integrations.start(self._call, task)
        except MustWait:
            await self._later("call task", frame, task)
            return
        if frame.serial == serial:
            await _settle(self._run, frame, outcome)

    async def _offer(self, frame: Frame, task: integrations.Task) -> None:
        """Let a worker take it."""
        work, number = frame.work, self._run.execution.number
        assert work is not None
        token = context.token(number, frame.id, work["secret"])
        work["offered"] = token
        there = self._call.at(task.resource.arn)
        name = task.resource.arn.rpartition(":")[2]
        await storage.add_activity_task(there, name, token, number, json_text(task.arguments))
        self._call.notify(f"stepfunctions:{task.resource.arn}")

    async def _later(self, job: str, frame: Frame, task: integrations.Task) -> None:
        where = [self._run.execution.number, frame.id, frame.serial]
        rest = [
            task.arguments, task.role_arn, task.execution_arn, task.machine_arn, task.timeout_s,
            task.has_credentials, task.trace,
        ]  # fmt: skip
        payload = {"where": where, "resource": task.resource.arn, "task": rest}
        await self._call.later(self._call.now, job, payload)

    async def _limit(self, frame: Frame) -> None:
        work, now = frame.work, self._call.now
        assert work is not None
        if work["timeout_s"] is not None:
            await _alarm(self._call, self._run, frame, now + 1000 * work["timeout_s"], "time out task")
        if work["heartbeat_s"] is not None and "offered" not in work:
            work["heard_at"] = now
            await _alarm(self._call, self._run, frame, now + 1000 * work["heartbeat_s"], "miss heartbeat")


@relaxed
async def watched_ended(call: Call, where: list[int]) -> None:
    """The job: the nested execution that a task waits for has ended."""
    *frame, number = where
    execution = await execution_storage.find_by_number(call, number)
    if execution is None:
        return

    async def act(run: Run, frame: Frame) -> None:
        arn = arns.execution(call, execution.machine, execution.name)
        described = await call.aws.stepfunctions.describe_execution(executionArn=arn)
        await run.settled(frame, integrations.finished(run.resource(frame), described))

    await of_frame(call, frame, act)


async def _settle(run: Run, frame: Frame, outcome: integrations.Outcome) -> None:
    """Tell a run; a nested execution that was started is watched."""
    await run.settled(frame, outcome)
    if not isinstance(outcome, integrations.Submitted) or not outcome.execution_arn:
        return
    number = run.execution.number
    await execution_storage.add_watcher(run.call, outcome.execution_arn, number, frame.id, frame.serial)
    machine, name = outcome.execution_arn.split(":")[6:8]
    watched = await execution_storage.find_execution(run.call, machine, name, hold=True)
    if watched is not None and watched.status != RUNNING:  # the call is made again after a crash
        await execution_storage.take_watchers(run.call, outcome.execution_arn)
        await run.call.later(run.call.now, "watched ended", [number, frame.id, frame.serial, watched.number])


async def _called(call: Call, where: list[int], outcome: integrations.Outcome) -> None:
    await call.finish_job()
    await of_frame(call, where, lambda run, frame: _settle(run, frame, outcome))


class _WasDone(Exception):
    """What came of a task is noted already."""


async def _done_once(call: Call, payload: dict[str, Any]) -> None:
    """Nothing of an execution is read here: see above."""
    outcome = await integrations.start(call, _task(payload))
    if not await execution_storage.note_outcome(call, payload["where"], outcome):
        raise _WasDone


async def _noted(call: Call, where: list[int]) -> None:
    outcome = await execution_storage.take_outcome(call, where)
    if outcome is not None:  # otherwise another node, which took this one for dead, was faster
        await _called(call, where, outcome)


def _task(payload: dict[str, Any]) -> integrations.Task:
    return integrations.Task(integrations.parse(payload["resource"]), *payload["task"])


def _one_at_a_time(call: Call, number: int) -> asyncio.Lock:
    """Branches whose tasks end together would only wait for one another, each with a connection of its own."""
    locks: WeakValueDictionary[int, asyncio.Lock] = call.platform.things.setdefault(
        "stepfunctions.locks", WeakValueDictionary()
    )
    lock = locks.get(number)
    if lock is None:
        lock = locks[number] = asyncio.Lock()
    return lock


async def _is_under_way(call: Call, where: list[int]) -> bool:
    number, id, serial = where
    execution = await execution_storage.find_by_number(call, number)
    if execution is None or execution.status != RUNNING:
        return False
    frame = await StoredFrames(call, number).find(id)
    return frame is not None and frame.serial == serial


async def of_frame(call: Call, where: list[int], act: Callable[[Run, Frame], Awaitable[None]]) -> bool:
    """A turn that begins with a frame, if that still waits for the same."""
    number, id, serial = where
    found = False

    async def of_run(run: Run) -> None:
        nonlocal found
        frame = await run.frames.find(id)
        if frame is not None and frame.serial == serial and frame.work is not None:
            found = True
            await act(run, frame)

    await turn(call, number, of_run)
    return found


async def _alarm(call: Call, run: Run, frame: Frame, at: int, name: str) -> None:
    """A job for what a frame waits for, to be cancelled with it."""
    job = await call.later(at, name, [run.execution.number, frame.id, frame.serial])
    assert frame.work is not None
    frame.work.setdefault("jobs", []).append(job)


async def _sweep_some_day(call: Call) -> None:
    """Have ended executions swept away in this account and region."""
    known: set[tuple[str, str]] = call.platform.things.setdefault("stepfunctions.sweeps", set())
    here = (call.account, call.region)
    if here in known:
        return
    if await execution_storage.begins_sweeping(call):
        await call.later(call.now + _SWEEP_MS, "sweep")
    call.after_commit(lambda: known.add(here))
