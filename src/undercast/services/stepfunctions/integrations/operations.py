"""Operations of AWS as tasks: every one through `aws-sdk:…`, and those that Step Functions optimized.

SDK integrations answer and fail as the Java SDK 2 does, optimized ones as its version 1 with what went over HTTP besides.
https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

from __future__ import annotations

from contextlib import aclosing
from typing import Any

from undercast.engines.states.payloads import json_text
from undercast.kit.call import Call, Platform
from undercast.kit.errors import NotImplementedYet, SerializationException, ServiceError
from undercast.kit.sdk import SdkOperation
from undercast.kit.service import MustWait
from undercast.services.stepfunctions.integrations import metadata
from undercast.services.stepfunctions.integrations.model import Done, Failed, InvalidArguments, Outcome, Submitted, Task
from undercast.services.stepfunctions.integrations.resources import Resource

_SERVICE_IDS = {"states": "sfn", "events": "eventbridge"}  # whose name in optimized resources is another

# How version 1 of the SDK names the services in errors: in front of the exception's name, in the cause, and the
# exception that stands for every error without one of its own.
_V1 = {
    "dynamodb": ("DynamoDB", "AmazonDynamoDBv2", "AmazonDynamoDBException"),
    "events": ("EventBridge", "AmazonEventBridge", "AmazonEventBridgeException"),
    "lambda": ("Lambda", "AWSLambda", "AWSLambdaException"),
    "sns": ("SNS", "AmazonSNS", "AmazonSNSException"),
    "sqs": ("SQS", "AmazonSQS", "AmazonSQSException"),
    "states": ("StepFunctions", "AWSStepFunctions", "AWSStepFunctionsException"),
}
_LONGEST_STREAM = 1024 * 1024  # more than a result may have


def operation_of(platform: Platform, resource: Resource) -> SdkOperation:
    """The operation that a resource names. KeyError when AWS has none, NotImplementedYet when it is not here."""
    service_id = resource.service if resource.is_sdk else _SERVICE_IDS.get(resource.service, resource.service)
    return platform.sdk(service_id, resource.action)


def check(call: Call, task: Task) -> None:
    """Refuse arguments that the operation does not have, or lacks. InvalidArguments."""
    try:
        operation = operation_of(call.platform, task.resource)
    except KeyError:
        raise InvalidArguments(f"The resource {task.resource.arn} is not recognized") from None
    except NotImplementedYet as error:
        raise InvalidArguments(error.message) from None
    if not isinstance(task.arguments, dict):
        raise InvalidArguments("The arguments must be an object")
    given = {name.lower() for name in task.arguments}
    unknown = [name for name in task.arguments if name.lower() not in operation.fields or not name[:1].isupper()]
    missing = [name for name in operation.required if name.lower() not in given]
    problems = [f'The field "{name}" is not supported by Step Functions' for name in unknown]
    problems += [f'The field "{name}" is required but was missing' for name in missing]
    if problems:
        raise InvalidArguments(*problems)


async def start_sdk(call: Call, task: Task) -> Outcome:
    """`aws-sdk:service:action`, with or without a token."""
    operation = operation_of(call.platform, task.resource)
    try:
        output = await perform(call, task, operation, task.arguments)
    except ServiceError as error:
        return _failed(call, task, operation, error)
    return succeeded(task, operation.answer(output))


async def start(call: Call, task: Task) -> Outcome:
    """An optimized integration whose arguments are the operation's own."""
    return await start_with(call, task, task.arguments)


async def start_with(call: Call, task: Task, params: dict[str, Any]) -> Outcome:
    """The same with other parameters."""
    operation = operation_of(call.platform, task.resource)
    try:
        output = await perform(call, task, operation, params)
    except ServiceError as error:
        return failed_v1(call, task, operation, error)
    return succeeded(task, {**operation.answer_v1(output), **metadata.of(call, operation, output)})


async def perform(call: Call, task: Task, operation: SdkOperation, params: dict[str, Any]) -> dict[str, Any]:
    """Call an operation in the name of the task's role; nulls are left out. ServiceError, MustWait."""
    there = in_role(call, task)
    given = operation.params({name: value for name, value in params.items() if value is not None})
    output = await getattr(getattr(there.aws, operation.client), operation.method)(**given)
    return {name: await _whole(call, value) if hasattr(value, "__aiter__") else value for name, value in output.items()}


def in_role(call: Call, task: Task) -> Call:
    """The call as the task's role makes it, in the region of the state machine.

    A machine's own role is always one of its account, whatever a local user wrote (docs/decisions/0008).
    """
    there = call.as_role(task.role_arn, task.execution_arn.rpartition(":")[2][:64])
    return there.into(region=call.region, account="" if task.has_credentials else call.account)


def succeeded(task: Task, output: Any) -> Outcome:
    return Submitted(output) if task.resource.waits_for_token else Done(output)


def as_text(value: Any) -> str:
    """A text as it is, anything else as JSON: where AWS lets JSON stand for the text of it."""
    return value if isinstance(value, str) else json_text(value)


def failed_v1(call: Call, task: Task, operation: SdkOperation, error: ServiceError) -> Failed:
    """A failure in the words of version 1 of the SDK."""
    if unusable := _unusable(task, error):
        return unusable
    seen = operation.error(error)
    prefix, service, fallback = _V1[task.resource.service]
    cause = (
        f"{error.message} (Service: {service}; Status Code: {seen.status}; Error Code: {seen.code}; "
        f"Request ID: {call.ids.uuid()}; Proxy: null)"
    )
    return Failed(f"{prefix}.{seen.name_v1 or fallback}", cause, submitting=bool(task.resource.pattern))


def _failed(call: Call, task: Task, operation: SdkOperation, error: ServiceError) -> Failed:
    if unusable := _unusable(task, error):
        return unusable
    seen = operation.error(error)
    extended = f", Extended Request ID: {call.ids.hex(52)}" if operation.client == "s3" else ""
    cause = (
        f"{error.message} (Service: {operation.service}, Status Code: {seen.status}, "
        f"Request ID: {call.ids.uuid()}{extended}) (SDK Attempt Count: 1)"
    )
    name = seen.name or f"{operation.service}Exception"
    return Failed(f"{operation.service}.{name}", cause, submitting=bool(task.resource.pattern))


def _unusable(task: Task, error: ServiceError) -> Failed | None:
    """Parameters that the SDK itself refuses, or what is not here yet: nothing that a workflow could catch."""
    if isinstance(error, NotImplementedYet):
        return Failed("States.Runtime", error.message)
    if isinstance(error, SerializationException):
        text = json_text(task.arguments)
        return Failed(
            "States.Runtime", f"The Parameters '{text}' could not be used to start the Task: [{error.message}]"
        )
    return None


async def _whole(call: Call, stream: Any) -> bytes:
    """A streamed answer, as far as it matters: what is longer than a result may be fails for its size. MustWait."""
    async with aclosing(stream):
        if call.in_transaction:
            raise MustWait("a stream cannot be read in a transaction")
        content = bytearray()
        async for chunk in stream:
            content += chunk
            if len(content) > _LONGEST_STREAM:
                break
    return bytes(content)
