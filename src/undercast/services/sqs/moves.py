"""Message move tasks: redrive from a dead-letter queue, by jobs that go on after a restart."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.kit.service import waits
from undercast.services.sqs import errors, storage
from undercast.services.sqs.model import Queue


@waits
async def start_message_move_task(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Begin to move the messages of a dead-letter queue to where they came from, or to a queue of choice."""
    source = await call.transact(_check_start, request)
    waiting, _, _ = await storage.count_messages(call, source)
    move = await call.transact(_start, source, request, waiting)
    return {"TaskHandle": _handle(source, move["id"])}


async def cancel_message_move_task(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Stop a task; what it moved stays moved."""
    source_arn, move_id = _read_handle(request["TaskHandle"])
    move = await storage.find_move(call, source_arn.rpartition(":")[2], move_id)
    if await storage.find_queue_by_name(call, source_arn.rpartition(":")[2]) is None:
        raise errors.ResourceNotFoundException(_missing("SourceArn"))
    if move is None:
        raise errors.ResourceNotFoundException("Task does not exist.")
    if move["status"] != "RUNNING":
        raise errors.InvalidParameterValue("Only active tasks can be cancelled.")
    await storage.save_move(call, {**move, "status": "CANCELLED"})
    return {"ApproximateNumberOfMessagesMoved": move["moved"]}


async def list_message_move_tasks(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The latest tasks of a dead-letter queue."""
    source = await _queue_of(call, request["SourceArn"], "SourceArn")
    limit = request.get("MaxResults") or 1
    if not 1 <= limit <= 10:
        raise errors.invalid_value(limit, "MaxResults", "Value for parameter MaxResults must be between 1 and 10.")
    return {"Results": [_show(source, move) for move in await storage.list_moves(call, source.name, limit)]}


async def _check_start(call: Call, request: dict[str, Any]) -> Queue:
    source = await _queue_of(call, request["SourceArn"], "SourceArn")
    if not any(q.redrive and q.redrive[0] == source.arn for q in await storage.queues_with_redrive(call)):
        raise errors.InvalidParameterValue("Source queue must be configured as a Dead Letter Queue.")
    if request.get("DestinationArn"):
        await _queue_of(call, request["DestinationArn"], "DestinationArn")
    rate = request.get("MaxNumberOfMessagesPerSecond")
    if rate is not None and not 1 <= rate <= 500:
        raise errors.invalid_value(rate, "MaxNumberOfMessagesPerSecond", "Must be between 1 and 500.")
    if any(move["status"] == "RUNNING" for move in await storage.list_moves(call, source.name, 1)):
        raise errors.InvalidParameterValue(
            "There is already a task running. Only one active task is allowed for a source queue arn at a given time."
        )
    return source


async def _start(call: Call, source: Queue, request: dict[str, Any], waiting: int) -> dict[str, Any]:
    move = {
        "id": call.ids.uuid(),
        "source": source.name,
        "destination_arn": request.get("DestinationArn") or "",
        "per_second": request.get("MaxNumberOfMessagesPerSecond") or 0,
        "status": "RUNNING",
        "started_at": call.now,
        "to_move": waiting,
        "moved": 0,
        "failure": "",
    }
    await storage.add_move(call, move)
    await call.later(call.now, "move", [source.name, move["id"]])
    return move


async def _queue_of(call: Call, arn: str, parameter: str) -> Queue:
    parts = arn.split(":")
    queue = None
    if len(parts) == 6 and (parts[2], parts[3], parts[4]) == ("sqs", call.region, call.account):
        queue = await storage.find_queue_by_name(call, parts[5])
    if queue is None:
        raise errors.ResourceNotFoundException(_missing(parameter))
    return queue


def _show(source: Queue, move: dict[str, Any]) -> dict[str, Any]:
    return {
        "TaskHandle": _handle(source, move["id"]) if move["status"] == "RUNNING" else None,
        "Status": move["status"],
        "SourceArn": source.arn,
        "DestinationArn": move["destination_arn"] or None,
        "MaxNumberOfMessagesPerSecond": move["per_second"] or None,
        "ApproximateNumberOfMessagesMoved": move["moved"],
        "ApproximateNumberOfMessagesToMove": move["to_move"],
        "FailureReason": move["failure"] or None,
        "StartedTimestamp": move["started_at"],
    }


def _handle(source: Queue, move_id: str) -> str:
    return b64encode(orjson.dumps({"taskId": move_id, "sourceArn": source.arn})).decode()


def _read_handle(handle: str) -> tuple[str, str]:
    try:
        content = orjson.loads(b64decode(handle, validate=True))
        return str(content["sourceArn"]), str(content["taskId"])
    except (ValueError, binascii.Error, KeyError, TypeError):
        raise errors.InvalidParameterValue("Value for parameter TaskHandle is invalid.") from None


def _missing(parameter: str) -> str:
    return f"The resource that you specified for the {parameter} parameter doesn't exist."
