"""How each kind of target in the platform takes an event: mostly in the transaction that accepts it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import orjson

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.events import archive_storage, inputs
from undercast.services.events.failures import PRINCIPAL, Undeliverable
from undercast.services.events.model import Delivery


async def to_receiver(call: Call, delivery: Delivery) -> None:
    """A topic, a function, a discoverer of schemas: whatever takes bytes."""
    await _acting(call, delivery).deliver(delivery.arn, delivery.payload.encode())


async def to_queue(call: Call, delivery: Delivery) -> None:
    """A queue; a message for a FIFO queue has a group."""
    group = (delivery.target.get("SqsParameters") or {}).get("MessageGroupId")
    if not group and not delivery.trace:
        await to_receiver(call, delivery)
        return
    arn, extra = Arn.parse(delivery.arn), {}
    if group:
        extra["MessageGroupId"] = group
    if delivery.trace:
        header = {"DataType": "String", "StringValue": delivery.trace}
        extra["MessageSystemAttributes"] = {"AWSTraceHeader": header}
    url = f"{call.platform.endpoint_url}/{arn.account}/{arn.resource}"
    await _acting(call, delivery).aws.sqs.send_message(QueueUrl=url, MessageBody=delivery.payload, **extra)


async def to_stream(call: Call, delivery: Delivery) -> None:
    """A Kinesis stream; records of one partition key keep their order."""
    event = orjson.loads(delivery.event)
    path = (delivery.target.get("KinesisParameters") or {}).get("PartitionKeyPath")
    key = inputs.value_at(path, event) if path else event["id"]
    await _acting(call, delivery).aws.kinesis.put_record(
        StreamARN=delivery.arn, Data=delivery.payload.encode(), PartitionKey=_text(key) or event["id"]
    )


async def to_firehose(call: Call, delivery: Delivery) -> None:
    """A delivery stream."""
    name = Arn.parse(delivery.arn).resource.partition("/")[2]
    await _acting(call, delivery).aws.firehose.put_record(
        DeliveryStreamName=name, Record={"Data": delivery.payload.encode()}
    )


async def to_log_group(call: Call, delivery: Delivery) -> None:
    """A log group: a stream for each hour of a rule. A template may say timestamp and message."""
    group = Arn.parse(delivery.arn).resource.removeprefix("log-group:").removesuffix(":*")
    there = _acting(call, delivery)
    rule = delivery.rule_arn.rpartition("/")[2]
    stream = f"{rule}/{there.now // 3_600_000}"
    try:
        await there.aws.logs.create_log_stream(logGroupName=group, logStreamName=stream)
    except ServiceError as error:
        if error.code != "ResourceAlreadyExistsException":
            raise
    entry = _log_entry(delivery, there.now)
    await there.aws.logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[entry])


async def to_archive(call: Call, delivery: Delivery) -> None:
    """The archive whose managed rule this is."""
    name = delivery.rule_arn.rpartition("/Events-Archive-")[2]
    archive = await archive_storage.find(call, name)
    if archive is None:
        raise Undeliverable("NO_RESOURCE", f"Archive {name} does not exist.")
    await archive_storage.add_event(call, archive, delivery.event)


async def to_state_machine(call: Call, delivery: Delivery) -> None:
    """An execution, named after the event and the target."""
    event = orjson.loads(delivery.event)
    await _acting(call, delivery).aws.stepfunctions.start_execution(
        stateMachineArn=delivery.arn, name=f"{event['id']}_{delivery.target['Id']}"[:80], input=delivery.payload
    )


SENDERS: dict[str, Callable[[Call, Delivery], Awaitable[None]]] = {
    "sqs": to_queue,
    "sns": to_receiver,
    "lambda": to_receiver,
    "schemas": to_receiver,
    "kinesis": to_stream,
    "firehose": to_firehose,
    "logs": to_log_group,
    "states": to_state_machine,
    "archive": to_archive,
}


def _acting(call: Call, delivery: Delivery) -> Call:
    """The call in the target's account and region, in the name of EventBridge or of the target's role."""
    role = delivery.target.get("RoleArn")
    return (call.as_role(role, "events") if role else call.as_service(PRINCIPAL)).at(delivery.arn)


def _log_entry(delivery: Delivery, now: int) -> dict[str, Any]:
    entry = {"timestamp": now, "message": delivery.payload}
    if delivery.target.get("InputTransformer"):
        try:
            made = orjson.loads(delivery.payload)
        except orjson.JSONDecodeError:
            raise Undeliverable("INVALID_JSON", "What the input template makes is not JSON.") from None
        if isinstance(made, dict) and isinstance(made.get("message"), str):
            entry["message"] = made["message"]
            timestamp = made.get("timestamp")
            entry["timestamp"] = timestamp if isinstance(timestamp, int) else now
    return entry


def _text(value: object) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode() if value is not None else ""
