"""The events of an execution's history, as GetExecutionHistory shows them.

What follows what was learnt from recorded histories: the end of an iteration, `…StateSucceeded` and `…StateAborted` are
leaves (nothing follows them), but for the last iteration's end, which a Map's success follows.
"""

from __future__ import annotations

from typing import Any

from undercast.engines.states.payloads import json_text
from undercast.services.stepfunctions import integrations
from undercast.services.stepfunctions.integrations import Kind

MOST_EVENTS = 25_000  # https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
FULL = "The execution reached the maximum number of history events (25000)."

_WHOLE = {"truncated": False}
_DATA = ("input", "output", "parameters", "assignedVariables", "error", "cause")


def key(type: str) -> str:
    """The member that holds the details of an event of this type."""
    if type.endswith("StateEntered"):
        return "stateEnteredEventDetails"
    if type.endswith("StateExited"):
        return "stateExitedEventDetails"
    return f"{type[0].lower()}{type[1:]}EventDetails"


def event(id: int, previous: int, at: int, type: str, details: dict[str, Any] | None) -> dict[str, Any]:
    """An event; `details` None for types that have none."""
    shown = {} if details is None else {key(type): details}
    return {"timestamp": at, "type": type, "id": id, "previousEventId": previous, **shown}


def with_input(text: str, **more: Any) -> dict[str, Any]:
    return {**more, "input": text, "inputDetails": _WHOLE}


def with_output(text: str, **more: Any) -> dict[str, Any]:
    return {**more, "output": text, "outputDetails": _WHOLE}


def failure(error: str | None, cause: str | None, **more: Any) -> dict[str, Any]:
    """Details of a failure: what is not known is left out."""
    known = {"error": error, "cause": cause}
    return {**more, **{name: text for name, text in known.items() if text is not None}}


def exited(name: str, output: str, assigned: dict[str, Any]) -> dict[str, Any]:
    """…StateExited, with what the state assigned."""
    details = with_output(output, name=name)
    if assigned:
        details["assignedVariables"] = {variable: json_text(value) for variable, value in assigned.items()}
        details["assignedVariablesDetails"] = _WHOLE
    return details


def scheduled(task: integrations.Task, region: str, limits: dict[str, int], credentials: Any) -> dict[str, Any]:
    """TaskScheduled, LambdaFunctionScheduled or ActivityScheduled."""
    resource = task.resource
    if resource.kind is Kind.TASK:
        details = {**named(resource), "region": region, "parameters": json_text(task.arguments), **limits}
    else:
        limits = {name: limit for name, limit in limits.items() if resource.kind is Kind.ACTIVITY or "time" in name}
        details = with_input(json_text(task.arguments), resource=resource.arn, **limits)
    if credentials and resource.kind is not Kind.ACTIVITY:
        details["taskCredentials"] = {"roleArn": credentials.get("RoleArn")}
    return details


def named(resource: integrations.Resource) -> dict[str, str]:
    """How events name a task; functions and activities are named once, when scheduled."""
    if resource.kind is Kind.TASK:
        return {"resourceType": resource.resource_type, "resource": resource.resource}
    return {}


def without_data(event: dict[str, Any]) -> dict[str, Any]:
    """An event as it is shown when `includeExecutionData` is false."""
    return {
        name: {inner: shown for inner, shown in value.items() if inner not in _DATA}
        if isinstance(value, dict)
        else value
        for name, value in event.items()
    }
