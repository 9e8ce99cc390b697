"""Operations on what a bucket's events are sent to: queues, topics, functions, EventBridge."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import orjson

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.s3 import changes, errors, events, storage
from undercast.services.s3.errors import invalid_argument
from undercast.services.s3.events import Target
from undercast.services.s3.model import Bucket

_EVENTS = frozenset(
    f"s3:{name}"
    for name in (
        "ReducedRedundancyLostObject", "ObjectCreated:*", "ObjectCreated:Put", "ObjectCreated:Post",
        "ObjectCreated:Copy", "ObjectCreated:CompleteMultipartUpload", "ObjectRemoved:*", "ObjectRemoved:Delete",
        "ObjectRemoved:DeleteMarkerCreated", "ObjectRestore:*", "ObjectRestore:Post", "ObjectRestore:Completed",
        "ObjectRestore:Delete", "Replication:*", "Replication:OperationFailedReplication",
        "Replication:OperationNotTracked", "Replication:OperationMissedThreshold",
        "Replication:OperationReplicatedAfterThreshold", "LifecycleTransition", "IntelligentTiering", "ObjectAcl:Put",
        "LifecycleExpiration:*", "LifecycleExpiration:Delete", "LifecycleExpiration:DeleteMarkerCreated",
        "ObjectTagging:*", "ObjectTagging:Put", "ObjectTagging:Delete",
    )
)  # fmt: skip

# Member of the configuration; member that names the destination; what an error calls it; its service; its kind.
_KINDS = (
    ("TopicConfigurations", "TopicArn", "Topic", "sns", "topic"),
    ("QueueConfigurations", "QueueArn", "Queue", "sqs", "queue"),
    ("LambdaFunctionConfigurations", "LambdaFunctionArn", "CloudFunction", "lambda", "Lambda"),
)
_LONGEST_VALUE = 1024
_OVERLAP = (
    "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are "
    "overlapping for the same event type."
)


async def put_bucket_notification_configuration(call: Call, request: dict[str, Any]) -> None:
    """Say what the events of a bucket are sent to, in place of what was said before."""
    bucket = await storage.find_bucket(call, request)
    given = request["NotificationConfiguration"]
    wanted: dict[str, Any] = {}
    for member, arn, name, service, _ in _KINDS:
        if given.get(member):
            wanted[member] = [_read(call, one, arn, name, service) for one in given[member]]
    if given.get("EventBridgeConfiguration") is not None:
        wanted["EventBridgeConfiguration"] = {}
    found = changes.targets(wanted)
    for one, other in combinations(found, 2):
        if events.targets_overlap(one, other):
            raise _overlap(one, other)
    if not request.get("SkipDestinationValidation"):
        await _check_destinations(call, bucket, wanted)
        for target in found:
            if ":lambda:" not in target.arn:
                test = events.test_event(bucket, call.request_id, call.now)
                await changes.send(call, bucket, target.arn, orjson.dumps(test))
    await storage.set_setting(call, bucket, "notifications", wanted or None)


async def get_bucket_notification_configuration(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """What the events of a bucket are sent to."""
    bucket = await storage.find_bucket(call, request)
    return dict(bucket.settings.get("notifications", {}))


def _read(call: Call, one: Mapping[str, Any], arn: str, name: str, service: str) -> dict[str, Any]:
    """One destination as it is kept. InvalidArgument, MalformedXML."""
    try:
        parsed = Arn.parse(one[arn])
    except ValueError:
        raise invalid_argument("The ARN could not be parsed", name, one[arn]) from None
    if parsed.service != service:
        raise invalid_argument("The ARN is not well formed", name, one[arn])
    if service == "sqs" and parsed.resource.endswith(".fifo"):
        raise invalid_argument("FIFO SQS queues are not supported.", name, one[arn])
    for event in one["Events"]:
        if event not in _EVENTS:
            raise invalid_argument("The event is not supported for notifications", "Event", event)
    kept = {"Id": one.get("Id") or call.ids.uuid(), arn: one[arn], "Events": one["Events"]}
    rules = ((one.get("Filter") or {}).get("Key") or {}).get("FilterRules")
    return {**kept, "Filter": {"Key": {"FilterRules": _read_rules(rules)}}} if rules else kept


def _read_rules(rules: list[dict[str, str]]) -> list[dict[str, str]]:
    read: dict[str, str] = {}
    for rule in rules:
        name, value = rule.get("Name"), rule.get("Value")
        if name is None or value is None:
            raise errors.MalformedXML()
        name = name.capitalize()
        if name not in ("Prefix", "Suffix"):
            raise invalid_argument("filter rule name must be either prefix or suffix", "FilterRule.Name", rule["Name"])
        if name in read:
            raise invalid_argument(
                f"Cannot specify more than one {name.lower()} rule in a filter.", "FilterRule.Name", name.lower()
            )
        if len(value.encode("utf-8", "surrogateescape")) > _LONGEST_VALUE:
            raise invalid_argument(
                f"Size of filter rule value cannot exceed {_LONGEST_VALUE} bytes in UTF-8 representation",
                "FilterRule.Value", value,
            )  # fmt: skip
        read[name] = value
    return [{"Name": name, "Value": value} for name, value in read.items()]


def _overlap(one: Target, other: Target) -> errors.InvalidArgument:
    if any((one.prefix, one.suffix, other.prefix, other.suffix)):
        return errors.InvalidArgument(_OVERLAP)
    return errors.InvalidArgument(
        "Configurations overlap. Configurations on the same bucket cannot share a common event type. : "
        f"{one.id}, {other.id}"
    )


async def _check_destinations(call: Call, bucket: Bucket, wanted: Mapping[str, Any]) -> None:
    """All that cannot be reached are told at once. InvalidArgument."""
    refused: list[tuple[str, str]] = []
    for member, arn, _, _, kind in _KINDS:
        for one in wanted.get(member, ()):
            why = await _refusal(call, bucket, one[arn], kind)
            if why:
                refused.append((one[arn], why))
    if refused:
        raise errors.InvalidArgument(
            "Unable to validate the following destination configurations",
            **{f"ArgumentName{at}": arn for at, (arn, _) in enumerate(refused, 1)},
            **{f"ArgumentValue{at}": why for at, (_, why) in enumerate(refused, 1)},
        )


async def _refusal(call: Call, bucket: Bucket, arn: str, kind: str) -> str:
    """Why a destination cannot be one; '' when it can."""
    parsed = Arn.parse(arn)
    if parsed.region != bucket.region:
        return "The notification destination service region is not valid for the bucket location constraint"
    there = call.at(arn).as_service(events.S3).aws
    try:
        if kind == "queue":
            await there.sqs.get_queue_url(QueueName=parsed.resource, QueueOwnerAWSAccountId=parsed.account)
        elif kind == "topic":
            await there.sns.get_topic_attributes(TopicArn=arn)
        else:
            await there.lambda_.get_function_configuration(FunctionName=arn)
    except ServiceError:
        return f"The destination {kind} does not exist"
    return ""
