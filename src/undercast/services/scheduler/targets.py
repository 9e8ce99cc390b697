"""Targets: which operation a schedule calls, with which parameters.

A templated target is a resource's ARN; a universal target names an operation of AWS's SDKs and its whole input.
https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import orjson

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.scheduler import errors

_UNIVERSAL = re.compile(r"arn:aws[a-z-]*:scheduler:::aws-sdk:(?P<service>[a-z0-9]+):(?P<action>[a-zA-Z0-9]+)")

# What universal targets must not begin with: they only read. ("Using universal targets", user guide)
_READS = (
    "get", "describe", "list", "poll", "receive", "search", "scan", "query", "select", "read", "lookup", "discover",
    "validate", "batchGet", "batchDescribe", "batchRead", "transactGet", "adminGet", "adminList", "testMigration",
    "retrieve", "testConnection", "translateDocument", "isAuthorized", "invokeModel",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of templated target: how its resource begins, and the SDK's name of what is called."""

    resource: str
    service: str
    action: str
    parameters: str = ""  # the member of the target that belongs to this kind
    required: bool = False
    json: bool = False  # whether its input must be JSON


_KINDS = {
    "lambda": _Kind("function:", "lambda", "invoke", json=True),
    "sqs": _Kind("", "sqs", "sendMessage", "SqsParameters"),
    "sns": _Kind("", "sns", "publish"),
    "kinesis": _Kind("stream/", "kinesis", "putRecord", "KinesisParameters", required=True),
    "firehose": _Kind("deliverystream/", "firehose", "putRecord"),
    "events": _Kind("event-bus/", "eventbridge", "putEvents", "EventBridgeParameters", required=True, json=True),
    "states": _Kind("stateMachine:", "sfn", "startExecution", json=True),
}
_ABSENT = ("ecs", "sagemaker", "codebuild", "codepipeline", "inspector")
_PARAMETERS = (
    "EcsParameters", "EventBridgeParameters", "EventBridgePutEventsV2Parameters", "EventBridgePutRawEventsParameters",
    "KinesisParameters", "SageMakerPipelineParameters", "SqsParameters",
)  # fmt: skip


class TargetFailed(ServiceError):
    """The target took the call, but not what was in it."""


def check(call: Call, target: dict[str, Any]) -> None:
    """Refuse what cannot be a target. ValidationException, or NotImplementedYet for services that are not here."""
    if universal := _UNIVERSAL.fullmatch(target["Arn"]):
        _check_universal(call, target, universal["service"], universal["action"])
        return
    arn = _parse(target["Arn"])
    if arn.service in _ABSENT:
        raise errors.unavailable(arn.service)
    kind = _KINDS.get(arn.service)
    if kind is None or not arn.resource.startswith(kind.resource):
        raise errors.ValidationException("Provided Arn is not in correct format.")
    _check_parameters(target, kind.parameters)
    call.platform.sdk_call(kind.service, kind.action, {})
    if kind.required and not target.get(kind.parameters):
        raise errors.ValidationException(f"{kind.parameters} must be provided for target {target['Arn']}.")
    if arn.service == "sqs" and arn.resource.endswith(".fifo") and not _group_id(target):
        raise errors.ValidationException("SqsParameters.MessageGroupId must be provided for a FIFO queue.")
    if kind.json and target.get("Input") is not None:
        _json(target["Input"])


async def send(call: Call, target: dict[str, Any], text: str) -> None:
    """Call the target with an input, in the name of its role. ServiceError; MustWait for what cannot be in a
    transaction."""
    acting = call.as_role(target["RoleArn"], "scheduler")
    if universal := _UNIVERSAL.fullmatch(target["Arn"]):
        service, method, params = call.platform.sdk_call(universal["service"], universal["action"], _json(text))
        await getattr(getattr(acting.into(region=call.region).aws, service), method)(**params)
        return
    arn = Arn.parse(target["Arn"])
    there = acting.at(target["Arn"])
    if arn.service in ("lambda", "sns"):
        await there.deliver(target["Arn"], text.encode())
    elif arn.service == "sqs":
        url = f"{call.platform.endpoint_url}/{arn.account}/{arn.resource}"
        await there.aws.sqs.send_message(QueueUrl=url, MessageBody=text, MessageGroupId=_group_id(target))
    elif arn.service == "kinesis":
        key = target["KinesisParameters"]["PartitionKey"]
        await there.aws.kinesis.put_record(StreamARN=target["Arn"], Data=text.encode(), PartitionKey=key)
    elif arn.service == "firehose":
        name = arn.resource.removeprefix("deliverystream/")
        await there.aws.firehose.put_record(DeliveryStreamName=name, Record={"Data": text.encode()})
    elif arn.service == "events":
        await _put_event(there, target, text)
    else:
        await there.aws.stepfunctions.start_execution(stateMachineArn=target["Arn"], input=text)


async def _put_event(call: Call, target: dict[str, Any], text: str) -> None:
    parameters = target["EventBridgeParameters"]
    entry = {**parameters, "Detail": text, "EventBusName": target["Arn"]}
    answer = await call.aws.events.put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        failure = answer["Entries"][0]
        error = TargetFailed(failure.get("ErrorMessage"))
        error.code = failure["ErrorCode"]
        raise error


def _check_universal(call: Call, target: dict[str, Any], service: str, action: str) -> None:
    _check_parameters(target, "")
    if action.startswith(_READS):
        raise errors.ValidationException(f"Provided Arn is not supported: {action} only reads.")
    given = _json(target.get("Input") or "{}")
    if not isinstance(given, dict):
        raise errors.ValidationException("Invalid RequestJson provided. Reason: it is not an object.")
    try:
        call.platform.sdk_call(service, action, given)
    except KeyError:
        raise errors.ValidationException("Provided Arn is not in correct format.") from None


def _check_parameters(target: dict[str, Any], allowed: str) -> None:
    for name in _PARAMETERS:
        if target.get(name) and name != allowed:
            raise errors.ValidationException(f"{name} cannot be used with target {target['Arn']}.")


def _parse(text: str) -> Arn:
    try:
        return Arn.parse(text)
    except ValueError:
        raise errors.ValidationException("Provided Arn is not in correct format.") from None


def _json(text: str) -> Any:
    """The input as JSON, with numbers for the context attributes that stand for some."""
    try:
        return orjson.loads(text.replace("<aws.scheduler.attempt-number>", "1"))
    except orjson.JSONDecodeError as error:
        raise errors.ValidationException(f"Invalid RequestJson provided. Reason: {error}") from None


def _group_id(target: dict[str, Any]) -> str | None:
    return (target.get("SqsParameters") or {}).get("MessageGroupId")
