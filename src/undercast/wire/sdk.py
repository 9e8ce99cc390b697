"""Calls in the words of AWS's SDKs: service ids, actions in camelCase, members in any case.

Universal targets of schedules and SDK integrations of state machines name operations so: `sqs:sendMessage` with
`QueueUrl`, `rds:stopDBInstance` with `DbInstanceIdentifier`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any

from undercast.wire.models import Operation, ServiceModel, service
from undercast.wire.shapes import Member, Shape

# Service ids (in lower case, without spaces) whose boto3 client has another name.
_CLIENTS = {
    "cloudwatchlogs": "logs",
    "cognitoidentityprovider": "cognito-idp",
    "cognitoidentity": "cognito-identity",
    "configservice": "config",
    "elasticloadbalancingv2": "elbv2",
    "eventbridge": "events",
    "resourcegroups": "resource-groups",
    "sfn": "stepfunctions",
}


def client_name(service_id: str) -> str:
    """The boto3 client's name of a service id."""
    return _CLIENTS.get(service_id, service_id)


def find_operation(service_id: str, action: str) -> Operation:
    """KeyError when AWS has no such service or action."""
    model = service(client_name(service_id))
    return model.operations[_actions(model)[action.lower()]]


def fitted(operation: Operation, params: dict[str, Any]) -> dict[str, Any]:
    """The parameters under the names that boto3 knows, numbers of times read as seconds. Unknown members stay."""
    fit: dict[str, Any] = _fit(operation.input, params) if operation.input else params
    return fit


@cache
def _actions(model: ServiceModel) -> dict[str, str]:
    return {name.lower(): name for name in model.raw["operations"]}


def _fit(shape: Shape, value: Any) -> Any:
    if shape.kind == "structure" and isinstance(value, dict) and not shape.is_document:
        names = {name.lower(): name for name in shape.members}
        known: dict[str, Any] = {names.get(key.lower()) or key: inner for key, inner in value.items()}
        return {key: _member(shape.members.get(key), inner) for key, inner in known.items()}
    if shape.kind == "map" and isinstance(value, dict):
        return {key: _member(shape.item, inner) for key, inner in value.items()}
    if shape.kind == "list" and isinstance(value, list):
        return [_member(shape.item, inner) for inner in value]
    if shape.kind == "timestamp" and isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    return value


def _member(member: Member | None, value: Any) -> Any:
    return _fit(member.shape, value) if member else value
