"""What an execution tells others: events to EventBridge when its status changes, records to CloudWatch Logs."""

from __future__ import annotations

import logging
from typing import Any

import orjson

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.stepfunctions import arns, history
from undercast.services.stepfunctions.context import iso
from undercast.services.stepfunctions.model import Execution, Revision
from undercast.services.stepfunctions.run import Run

log_of_platform = logging.getLogger("undercast.stepfunctions")

_INCLUDED = {"included": True}
_FATAL = ("ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted")
_ENDS = (*_FATAL, "ExecutionSucceeded")


async def status_changed(run: Run) -> None:
    """Send "Step Functions Execution Status Change" to the default bus.

    https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
    """
    call, one = run.call, run.execution
    if one.parent and one.parent["express"]:
        return  # Express executions send none
    event = {
        "version": "0",
        "id": call.ids.uuid(),
        "detail-type": "Step Functions Execution Status Change",
        "source": "aws.states",
        "account": call.account,
        "time": iso(call.now)[:-5] + "Z",
        "region": call.region,
        "resources": [run.arn],
        "detail": _detail(call, run, one),
    }
    await call.deliver(call.arn("event-bus/default", "events"), orjson.dumps(event))


def _detail(call: Call, run: Run, one: Execution) -> dict[str, Any]:
    machine = run.revision.machine
    return {
        "executionArn": run.arn,
        "stateMachineArn": arns.machine(call, one.machine),
        "stateMachineVersionArn": None if one.version is None else arns.machine(call, machine, one.version),
        "stateMachineAliasArn": None if one.alias is None else arns.machine(call, machine, one.alias),
        "name": one.name,
        "status": one.status,
        "startDate": one.started_at,
        "stopDate": one.stopped_at,
        "input": one.input,
        "inputDetails": _INCLUDED,
        "output": one.output,
        "outputDetails": None if one.output is None else _INCLUDED,
        "error": one.error,
        "cause": one.cause,
        "redriveCount": one.redrives,
        "redriveDate": one.redriven_at,
        "redriveStatus": "REDRIVABLE" if one.why_not_redrivable(call.now) is None else "NOT_REDRIVABLE",
        "redriveStatusReason": one.why_not_redrivable(call.now),
    }


async def log(run: Run, arn: str = "") -> None:
    """Write a turn's events into the machine's log group, as its level asks for."""
    destination = _group(run.revision)
    if not destination:
        return
    config = run.revision.logging
    records = [event for event in run.events if _is_logged(config["level"], event["type"])]
    if not records:
        return
    call = run.call.as_role(run.revision.role, "states")
    messages = [
        {
            "timestamp": event["timestamp"],
            "message": orjson.dumps(_record(run, arn or run.arn, event, whole=config["includeExecutionData"])).decode(),
        }
        for event in records
    ]
    try:
        await _put(
            call, destination, f"states/{run.revision.machine}/{iso(call.now)[:13]}/{run.revision.id[:8]}", messages
        )
    except ServiceError as refusal:  # a log that cannot be written holds nothing up
        log_of_platform.warning("%s cannot write its log: %s", arn or run.arn, refusal)


def _group(revision: Revision) -> str:
    config = revision.logging
    if config["level"] == "OFF" or not config.get("destinations"):
        return ""
    arn: str = config["destinations"][0]["cloudWatchLogsLogGroup"]["logGroupArn"]
    return arn


def _is_logged(level: str, type: str) -> bool:
    """https://docs.aws.amazon.com/step-functions/latest/dg/cloudwatch-log-level.html"""
    if level == "ALL":
        return True
    if level == "FATAL":
        return type in _FATAL
    return type.endswith(("Failed", "TimedOut", "Aborted", "FailStateEntered"))


def _record(run: Run, arn: str, event: dict[str, Any], *, whole: bool) -> dict[str, Any]:
    shown = event if whole else history.without_data(event)
    details = dict(shown.get(history.key(event["type"])) or {})
    if not whole:
        details = {name: value for name, value in details.items() if not name.endswith("Details")}
    return {
        "id": str(event["id"]),
        "type": event["type"],
        "details": details,
        "redrive_count": str(run.execution.redrives),
        "previous_event_id": str(event["previousEventId"]),
        "event_timestamp": str(event["timestamp"]),
        "execution_arn": arn,
    }


async def _put(call: Call, group_arn: str, stream: str, events: list[dict[str, Any]]) -> None:
    there = call.at(group_arn)
    group = Arn.parse(group_arn).resource.removeprefix("log-group:").removesuffix(":*")
    where = {"logGroupName": group, "logStreamName": stream}
    try:
        await there.aws.logs.put_log_events(**where, logEvents=events)
    except ServiceError as error:
        if error.code != "ResourceNotFoundException":
            raise
        await there.aws.logs.create_log_stream(**where)
        await there.aws.logs.put_log_events(**where, logEvents=events)
