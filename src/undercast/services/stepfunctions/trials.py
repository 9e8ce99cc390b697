"""The operation that tries one state, really or with a mocked result.

https://docs.aws.amazon.com/step-functions/latest/dg/test-state-isolation.html
"""

from __future__ import annotations

import asyncio
from typing import Any

from undercast.engines.states import flow
from undercast.engines.states.actions import Action, CallTask, Failed, Failure, Outcome, Result, WaitUntil
from undercast.engines.states.machine import Task
from undercast.engines.states.payloads import json_text
from undercast.kit.call import Call
from undercast.kit.service import waits
from undercast.services.stepfunctions import compiled, inspections, integrations, trial_mocks, trial_requests
from undercast.services.stepfunctions.integrations import web
from undercast.services.stepfunctions.trial_requests import Trial

LONGEST_S = 300  # "TestState API", developer guide


@waits
async def test_state(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Run one state."""
    state = await compiled.apart(request["definition"], lambda: trial_requests.state_of(call, request))
    trial = await call.transact(Trial.of, state, request)
    trial_mocks.check(call, trial)
    action = flow.enter(
        trial.state, trial.input, trial.variables, trial.context, trial.moment, trial_mocks.attempts(trial)
    )
    trial.entered = action
    if isinstance(action, inspections.Ending):
        return inspections.answer(trial, action)
    outcome = trial_mocks.outcome(trial, action) if trial.mock else await _done(call, trial, action)
    if isinstance(outcome, Failed):
        return inspections.answer(trial, outcome)
    ending = flow.leave(
        trial.state, trial.input, outcome, trial_mocks.attempts(trial), trial.variables, trial.context, trial.moment
    )
    return inspections.answer(trial, ending, outcome)


async def _done(call: Call, trial: Trial, action: Action) -> Outcome | Failed:
    """What the work of a Wait or a Task came to, within the time that AWS gives."""
    try:
        async with asyncio.timeout(LONGEST_S):
            if isinstance(action, WaitUntil):
                await call.clock.sleep_until(action.at_ms)
                return Result(None)
            assert isinstance(action, CallTask)
            return await _called(call, trial, action)
    except TimeoutError:
        return Failure("States.Timeout", None)


async def _called(call: Call, trial: Trial, action: CallTask) -> Outcome | Failed:
    execution, machine = trial.context["Execution"], trial.context["StateMachine"]
    task = integrations.Task(
        integrations.parse(action.resource), action.arguments,
        (action.credentials or {}).get("RoleArn") or trial.role or "", execution["Id"], machine["Id"],
        action.timeout_s, has_credentials=bool(action.credentials),
    )  # fmt: skip
    assert isinstance(trial.state, Task)
    try:
        integrations.check(call, task)
    except integrations.InvalidArguments as problem:
        cause = (
            f"An error occurred while executing the state '{trial.state.name}' (entered at the event id #0). "
            f"The Parameters '{json_text(action.arguments)}' could not be used to start the Task: {problem}"
        )
        return Failed("States.Runtime", cause)
    async with asyncio.timeout(action.timeout_s):
        if task.resource.kind is integrations.Kind.TASK and task.resource.service == "http":
            trial.exchange = web.Exchange()
            outcome = await web.start(call, task, trial.exchange)
        else:
            outcome = await integrations.start(call, task)
    if isinstance(outcome, integrations.Failed):
        return Failure(outcome.error, outcome.cause)
    return Result(outcome.output)
