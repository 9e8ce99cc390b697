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
    """A kind of templated target: how its resource begins, and what it must come with."""

    resource: str
    parameters: str = ""  # the member of the target that belongs to this kind
    required: bool = False
    json: bool = False  # whether its input must be JSON


_KINDS = {
    "lambda": _Kind("function:", json=True),
    "sqs": _Kind("", "SqsParameters"),
    "sns": _Kind(""),
    "kinesis": _Kind("stream/", "KinesisParameters", required=True),
    "firehose": _Kind("deliverystream/"),
    "events": _Kind("event-bus/", "EventBridgeParameters", required=True, json=True),
    "states": _Kind("stateMachine:", json=True),
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
    if kind.required and not target.get(kind.parameters):
        raise errors.ValidationException(f"{kind.parameters} must be provided for target {target['Arn']}.")
    if arn.service == "sqs" and arn.resource.endswith(".fifo") and not _group_id(target):
        raise errors.ValidationException("SqsParameters.MessageGroupId must be provided for a FIFO queue.")
    if kind.json and target.get("Input") is not None:
        _json(target["Input"])


@dataclass(frozen=True, slots=True)
class Invocation:
    """What a schedule calls, in the words of AWS's SDKs."""

    service: str
    action: str
    params: dict[str, Any]

    @property
    def arn(self) -> str:
        """As dead letters name the target."""
        return f"arn:aws:scheduler:::aws-sdk:{self.service}:{self.action}"

    @property
    def text(self) -> str:
        """As dead letters hold the request."""
        return orjson.dumps(self.params, option=orjson.OPT_SORT_KEYS).decode()


def invocation(call: Call, target: dict[str, Any], text: str) -> Invocation:
    """How a target is called with an input. ValidationException when that is not JSON but has to be."""
    if universal := _UNIVERSAL.fullmatch(target["Arn"]):
        return Invocation(universal["service"], universal["action"], _json(text))
    where = target["Arn"]
    arn = Arn.parse(where)
    match arn.service:
        case "lambda":
            return Invocation("lambda", "invoke", {"FunctionName": where, "InvocationType": "Event", "Payload": text})
        case "sqs":
            message = {"MessageBody": text, "QueueUrl": f"{call.platform.endpoint_url}/{arn.account}/{arn.resource}"}
            group = _group_id(target)
            return Invocation("sqs", "sendMessage", {**message, "MessageGroupId": group} if group else message)
        case "sns":
            return Invocation("sns", "publish", {"Message": text, "TopicArn": where})
        case "states":
            return Invocation("sfn", "startExecution", {"StateMachineArn": where, "Input": text})
        case "kinesis":
            record = {"Data": text, "StreamARN": where, **target["KinesisParameters"]}
            return Invocation("kinesis", "putRecord", record)
        case "firehose":
            name = arn.resource.removeprefix("deliverystream/")
            return Invocation("firehose", "putRecord", {"DeliveryStreamName": name, "Record": {"Data": text}})
        case _:
            entry = {**target["EventBridgeParameters"], "Detail": text, "EventBusName": where}
            return Invocation("eventbridge", "putEvents", {"Entries": [entry]})


async def send(call: Call, target: dict[str, Any], wanted: Invocation) -> None:
    """Call the target in the name of its role. ServiceError; MustWait for what cannot be in a transaction."""
    there = call.as_role(target["RoleArn"], "scheduler").into(region=call.region)
    if not _UNIVERSAL.fullmatch(target["Arn"]):
        there = there.at(target["Arn"])
        if wanted.service == "lambda":  # an event is kept in this transaction, where Invoke itself would wait
            await there.deliver(target["Arn"], wanted.params["Payload"].encode())
            return
    service, method, params = call.platform.sdk_call(wanted.service, wanted.action, wanted.params)
    answer = await getattr(getattr(there.aws, service), method)(**params)
    if answer.get("FailedEntryCount"):
        failure = next(entry for entry in answer["Entries"] if entry.get("ErrorCode"))
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
