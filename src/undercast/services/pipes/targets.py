"""Targets: how each kind takes a batch.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-target.html
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import orjson

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.services.pipes import functions, http_calls, machines
from undercast.services.pipes.items import Failed, Item
from undercast.services.pipes.model import Pipe
from undercast.services.pipes.records import Event
from undercast.services.pipes.templates import resolved

_RUNNERS: dict[str, tuple[Callable[..., Awaitable[bytes]], str]] = {
    "lambda": (functions.invoke, "LambdaFunctionParameters"),
    "states": (machines.execute, "StepFunctionStateMachineParameters"),
}
_Sender = Callable[[Call, Pipe, Sequence[Item]], Awaitable[set[int]]]


async def send(call: Call, pipe: Pipe, items: Sequence[Item], events: Sequence[Event]) -> set[int]:
    """Hand a batch to the target. Which of the items it did not take. ServiceError, Failed: none of them."""
    kind = Arn.parse(pipe.target).service
    if kind in _RUNNERS:
        return await _to_runner(call, pipe, items, events, kind)
    sender = _SENDERS["http" if kind == "execute-api" or ":api-destination/" in pipe.target else kind]
    failed = await sender(call.as_role(pipe.role, "pipe").at(pipe.target), pipe, items)
    if len(failed) == len(items):
        raise Failed(f"The target {pipe.target} took none of the events.")
    return failed


async def _to_runner(call: Call, pipe: Pipe, items: Sequence[Item], events: Sequence[Event], kind: str) -> set[int]:
    """A function or a state machine gets the whole batch."""
    run, parameters = _RUNNERS[kind]
    wait = pipe.parameters(parameters).get("InvocationType") != "FIRE_AND_FORGET"
    answer = await run(call, pipe, pipe.target, [item.payload for item in items], wait=wait)
    return _reported(answer, events) if wait else set()


def _reported(answer: bytes, events: Sequence[Event]) -> set[int]:
    """Which events a target reports as failed; all of them when its report cannot be trusted."""
    try:
        report = orjson.loads(answer) if answer else None
    except orjson.JSONDecodeError:
        return set()
    failures = report.get("batchItemFailures") if isinstance(report, dict) else None
    if not isinstance(failures, list):
        return set()
    places = {name: place for place, event in enumerate(events) for name in event.names}
    named = [str(failure.get("itemIdentifier")) if isinstance(failure, dict) else "" for failure in failures]
    if any(name not in places for name in named):
        return set(range(len(events)))
    return {places[name] for name in named}


async def _to_queue(call: Call, pipe: Pipe, items: Sequence[Item]) -> set[int]:
    arn, given = Arn.parse(pipe.target), pipe.parameters("SqsQueueParameters")
    entries = [
        {
            "Id": str(place),
            "MessageBody": item.text,
            **{name: resolved(text, item.read) for name, text in given.items() if text},
        }
        for place, item in enumerate(items)
    ]
    url = f"{call.platform.endpoint_url}/{arn.account}/{arn.resource}"
    answer = await call.aws.sqs.send_message_batch(QueueUrl=url, Entries=entries)
    return {int(failure["Id"]) for failure in answer.get("Failed") or ()}


async def _to_topic(call: Call, pipe: Pipe, items: Sequence[Item]) -> set[int]:
    entries = [{"Id": str(place), "Message": item.text} for place, item in enumerate(items)]
    answer = await call.aws.sns.publish_batch(TopicArn=pipe.target, PublishBatchRequestEntries=entries)
    return {int(failure["Id"]) for failure in answer.get("Failed") or ()}


async def _to_stream(call: Call, pipe: Pipe, items: Sequence[Item]) -> set[int]:
    key = pipe.parameters("KinesisStreamParameters")["PartitionKey"]
    records = [{"Data": item.text.encode(), "PartitionKey": resolved(key, item.read)} for item in items]
    answer = await call.aws.kinesis.put_records(StreamARN=pipe.target, Records=records)
    return {place for place, one in enumerate(answer["Records"]) if one.get("ErrorCode")}


async def _to_firehose(call: Call, pipe: Pipe, items: Sequence[Item]) -> set[int]:
    name = Arn.parse(pipe.target).resource.partition("/")[2]
    records = [{"Data": item.text.encode()} for item in items]
    answer = await call.aws.firehose.put_record_batch(DeliveryStreamName=name, Records=records)
    return {place for place, one in enumerate(answer["RequestResponses"]) if one.get("ErrorCode")}


async def _to_bus(call: Call, pipe: Pipe, items: Sequence[Item]) -> set[int]:
    answer = await call.aws.events.put_events(Entries=[_entry(pipe, item) for item in items])
    return {place for place, one in enumerate(answer["Entries"]) if one.get("ErrorCode")}


def _entry(pipe: Pipe, item: Item) -> dict[str, Any]:
    """An event for a bus. What its type and source are without parameters is seen in rules that people write for it."""
    given = pipe.parameters("EventBridgeEventBusParameters")
    entry = {
        "EventBusName": pipe.target,
        "Detail": item.text,
        "DetailType": resolved(
            given.get("DetailType") or f"Event from aws:{Arn.parse(pipe.source).service}", item.read
        ),
        "Source": resolved(given.get("Source") or f"Pipe {pipe.name}", item.read),
        "Resources": [resolved(text, item.read) for text in given.get("Resources") or ()],
    }
    time = resolved(given["Time"], item.read) if given.get("Time") else ""
    return {**entry, "Time": time} if time else entry


async def _to_log_group(call: Call, pipe: Pipe, items: Sequence[Item]) -> set[int]:
    group = Arn.parse(pipe.target).resource.removeprefix("log-group:").removesuffix(":*")
    given = pipe.parameters("CloudWatchLogsParameters")
    entries: list[dict[str, Any]] = []
    for item in items:
        said = resolved(given["Timestamp"], item.read) if given.get("Timestamp") else ""
        entries.append({"timestamp": int(said) if said.isdecimal() else call.now, "message": item.text})
    entries.sort(key=lambda entry: entry["timestamp"])
    stream = resolved(given["LogStreamName"], items[0].read)
    await call.aws.logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=entries)
    return set()


async def _to_http(call: Call, pipe: Pipe, items: Sequence[Item]) -> set[int]:
    for item in items:
        await http_calls.post(call, pipe, pipe.target, item, pipe.parameters("HttpParameters"))
    return set()


_SENDERS: dict[str, _Sender] = {
    "sqs": _to_queue,
    "sns": _to_topic,
    "kinesis": _to_stream,
    "firehose": _to_firehose,
    "events": _to_bus,
    "logs": _to_log_group,
    "http": _to_http,
}
