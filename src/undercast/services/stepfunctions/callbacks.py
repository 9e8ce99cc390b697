"""Operations of workers: what became of a task, by its token."""

from __future__ import annotations

from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.kit.service import relaxed
from undercast.services.stepfunctions import context, errors, integrations, standard
from undercast.services.stepfunctions.frames import Frame
from undercast.services.stepfunctions.run import Run

_MOST_BYTES = 262_144


@relaxed
async def send_task_success(call: Call, request: dict[str, Any]) -> None:
    """The task is done. A token that is none is told first, as recorded."""
    _read(request["taskToken"])
    try:
        output = orjson.loads(request["output"])
    except orjson.JSONDecodeError as error:
        raise errors.InvalidOutput(str(error)) from None
    if len(request["output"].encode()) > _MOST_BYTES:
        raise errors.InvalidOutput("The output is larger than 262144 bytes")
    await _settle(call, request["taskToken"], integrations.Done(output))


@relaxed
async def send_task_failure(call: Call, request: dict[str, Any]) -> None:
    """The task failed."""
    await _settle(call, request["taskToken"], integrations.Failed(request.get("error"), request.get("cause")))


@relaxed
async def send_task_heartbeat(call: Call, request: dict[str, Any]) -> None:
    """The worker is alive."""

    async def hear(run: Run, frame: Frame) -> None:
        assert frame.work is not None
        frame.work["heard_at"] = call.now
        run.frames.changed(frame)

    await _with_task(call, request["taskToken"], hear)


async def _settle(call: Call, token: str, outcome: integrations.Outcome) -> None:
    async def settle(run: Run, frame: Frame) -> None:
        await run.settled(frame, outcome)

    await _with_task(call, token, settle)


async def _with_task(call: Call, text: str, act: Any) -> None:
    """TaskTimedOut covers tasks that are over in any way, as AWS words it."""
    if not await standard.with_task(call, _read(text), act):
        raise errors.TaskTimedOut("Provided task does not exist anymore")


def _read(text: str) -> tuple[int, int, str]:
    token = context.read_token(text)
    if token is None:
        raise errors.InvalidToken("Invalid token")
    return token
