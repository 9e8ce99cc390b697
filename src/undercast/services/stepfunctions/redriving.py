"""Redrives: an execution that did not succeed goes on from the states that failed or were given up.

https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
"""

from __future__ import annotations

from undercast.kit.call import Call
from undercast.services.stepfunctions import map_running, notices, standard
from undercast.services.stepfunctions.execution_storage import StoredFrames
from undercast.services.stepfunctions.frames import (
    ABORTED,
    CALLING,
    CHILDREN,
    DONE,
    FAILED,
    READY,
    ROOT,
    WAITING,
    Frame,
)
from undercast.services.stepfunctions.model import RUNNING, Execution
from undercast.services.stepfunctions.run import Run

_STOPPED = (FAILED, ABORTED, WAITING, CALLING, READY)


async def redrive(call: Call, execution: Execution) -> None:
    """Let it run again, in this transaction."""
    execution.status, execution.stopped_at = RUNNING, None
    execution.error = execution.cause = None
    execution.redrives += 1
    execution.redriven_at = call.now
    run = await standard.load(call, execution)
    assert isinstance(run.frames, StoredFrames)
    frames = await run.frames.all()
    root = next((frame for frame in frames if frame.id == ROOT), None)
    if root is None:  # it was stopped before its first turn
        run.begin()
    run.redriven()
    if run.machine.timeout_s is not None:
        await call.later(call.now + 1000 * run.machine.timeout_s, "time out", [execution.number, execution.redrives])
    below: dict[int, list[Frame]] = {}
    for frame in frames:
        below.setdefault(frame.parent, []).append(frame)
    for frame in frames:
        if not await map_running.redrive(run, frame):
            _revive(run, frame, below.get(frame.id, []))
    await notices.status_changed(run)
    await standard.save(run, done=not run.ready)


def _revive(run: Run, frame: Frame, children: list[Frame]) -> None:
    """A frame whose branches failed waits for them again; any other enters its state again."""
    if frame.status not in (*_STOPPED, CHILDREN):
        return
    if children:
        left = sum(child.status != DONE for child in children)
        frame.status, frame.work = CHILDREN, {"left": left}
        frame.serial += 1
        run.frames.changed(frame)
        return
    run.enter_again(frame)
