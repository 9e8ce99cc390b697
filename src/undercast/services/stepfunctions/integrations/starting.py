"""Starts a task: finds the integration that its resource names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from undercast.kit.call import Call, Platform
from undercast.kit.errors import NotImplementedYet
from undercast.kit.service import MustWait
from undercast.services.stepfunctions.integrations import (
    apis,
    events,
    executions,
    functions,
    messages,
    operations,
    web,
)
from undercast.services.stepfunctions.integrations.model import InvalidArguments, Outcome, Task
from undercast.services.stepfunctions.integrations.resources import Kind, Resource, find

_STARTERS: dict[str, Callable[[Call, Task], Awaitable[Outcome]]] = {
    "apigateway": apis.start,
    "dynamodb": operations.start,
    "events": events.start,
    "http": web.start,
    "lambda": functions.start,
    "sns": messages.start,
    "sqs": messages.start,
    "states": executions.start,
}
_OUTSIDE = ("apigateway", "http", "lambda")


def is_known(platform: Platform, arn: str) -> bool:
    """Whether AWS has what a Task of a definition names; Undercast may lack it, and refuse the task when it comes."""
    resource = find(arn)
    if resource is None or not resource.is_sdk:
        return resource is not None
    try:
        operations.operation_of(platform, resource)
    except KeyError:
        return False
    except NotImplementedYet:
        pass
    return True


def waits(resource: Resource) -> bool:
    """Whether it surely waits for the outside world."""
    return resource.kind is Kind.FUNCTION or (not resource.is_sdk and resource.service in _OUTSIDE)


async def is_relaxed(call: Call, resource: Resource) -> bool:
    """Whether its operation is right in a transaction that is not serializable. For what `check` let pass."""
    operation = operations.operation_of(call.platform, resource)
    service = await call.platform.service(operation.client)
    return hasattr(service.operations.get(operation.method), "relaxed")


def check(call: Call, task: Task) -> None:
    """Look at the arguments before the task is scheduled. InvalidArguments."""
    resource = task.resource
    if resource.kind is not Kind.TASK:
        return
    if not resource.service:
        raise InvalidArguments(f"The resource {resource.arn} is not recognized")
    if not resource.is_sdk and resource.service not in _STARTERS:
        raise InvalidArguments(f"Undercast does not have {resource.service} yet")
    if resource.service == "http" and not resource.is_sdk:
        web.check(task)
    elif resource.service == "apigateway" and not resource.is_sdk:
        apis.check(task)
    else:
        operations.check(call, task)


async def start(call: Call, task: Task) -> Outcome:
    """Make the call that a checked task asks for. MustWait in a transaction, when it waits."""
    resource = task.resource
    if call.in_transaction and waits(resource):
        raise MustWait(f"{resource.arn} waits and cannot be part of a transaction")
    if task.trace:
        call = call.into()
        call.trace = task.trace
    if resource.kind is Kind.FUNCTION:
        return await functions.start_direct(call, task)
    if resource.is_sdk:
        return await operations.start_sdk(call, task)
    return await _STARTERS[resource.service](call, task)
