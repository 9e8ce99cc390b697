"""The operation that runs an Express execution and answers with its result."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.kit.service import waits
from undercast.services.stepfunctions import arns, errors, express, requests
from undercast.services.stepfunctions.model import EXPRESS


@waits
async def start_sync_execution(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Run an execution of an Express machine to its end."""
    execution, type = await call.transact(requests.prepared, request)
    if type != EXPRESS:
        raise errors.StateMachineTypeNotSupported()
    arn = express.arn_of(call, execution)
    run = await express.run(call, execution, arn)
    shown: dict[str, Any] = {
        "executionArn": arn,
        "stateMachineArn": arns.machine(call, execution.machine),
        "name": execution.name,
        "startDate": execution.started_at,
        "stopDate": execution.stopped_at,
        "status": execution.status,
        "error": execution.error,
        "cause": execution.cause,
        "traceHeader": execution.trace,
        "billingDetails": express.billed(run),
    }
    if request.get("includedData") != "METADATA_ONLY":
        shown["input"], shown["inputDetails"] = execution.input, {"included": True}
        if execution.output is not None:
            shown["output"], shown["outputDetails"] = execution.output, {"included": True}
    return shown
