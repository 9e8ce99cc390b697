"""`states:startExecution`: another workflow, waited for with `.sync` and `.sync:2`.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson

from undercast.engines.states.payloads import json_text
from undercast.kit.call import Call
from undercast.services.stepfunctions.integrations import operations
from undercast.services.stepfunctions.integrations.model import Done, Failed, Outcome, Submitted, Task
from undercast.services.stepfunctions.integrations.resources import Resource

_SUCCEEDED = "SUCCEEDED"


async def start(call: Call, task: Task) -> Outcome:
    """Start the execution. `Input` may be any JSON."""
    params = {name: value for name, value in task.arguments.items() if value is not None}
    if "Input" in params:
        params["Input"] = operations.as_text(params["Input"])
    outcome = await operations.start_with(call, task, params)
    if isinstance(outcome, Done) and task.resource.waits_for_execution:
        return Submitted(outcome.output, execution_arn=outcome.output["ExecutionArn"])
    if isinstance(outcome, Failed):
        return replace(outcome, submitting=bool(task.resource.pattern))
    return outcome


def finished(resource: Resource, description: dict[str, Any]) -> Outcome:
    """What a task comes to whose execution ended, as DescribeExecution tells of it.

    `.sync` has input and output as texts, `.sync:2` as JSON.
    """
    output = _capitalised(description)
    if resource.pattern == ".sync:2":
        output.update({name: orjson.loads(output[name]) for name in ("Input", "Output") if name in output})
    if output["Status"] == _SUCCEEDED:
        return Done(output)
    return Failed("States.TaskFailed", json_text(output))


def _capitalised(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {name[:1].upper() + name[1:]: _capitalised(inner) for name, inner in value.items() if inner is not None}
