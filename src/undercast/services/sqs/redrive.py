"""Moving messages from queue to queue: into a dead-letter queue when received too often, and back by a move task."""

from __future__ import annotations

from undercast.kit.call import Call
from undercast.services.sqs import storage
from undercast.services.sqs.model import Message, Queue

_AT_ONCE = 100  # messages that one job moves when the task has no limit
_SECOND_MS = 1000


async def move_messages(call: Call, payload: list[str]) -> None:
    """The job: move some messages, then come back for the rest."""
    move = await storage.find_move(call, *payload)
    if move is None or move["status"] != "RUNNING":
        return
    source = await storage.find_queue_by_name(call, move["source"])
    if source is None:
        await storage.save_move(
            call, {**move, "status": "FAILED", "failure": "AWS.SimpleQueueService.NonExistentQueue"}
        )
        return
    messages = await storage.oldest_messages(call, source, move["per_second"] or _AT_ONCE)
    for message in messages:
        target_arn = move["destination_arn"] or message.source_arn
        if not target_arn:  # it was sent here, so nobody knows where it came from
            move |= {"status": "FAILED", "failure": "CouldNotDetermineMessageSource"}
            break
        if not await _move(call, source, message, target_arn):
            move |= {"status": "FAILED", "failure": "AWS.SimpleQueueService.NonExistentQueue"}
            break
        move["moved"] += 1
    if not messages or (move["status"] == "RUNNING" and move["moved"] >= move["to_move"]):
        move["status"] = "COMPLETED"
    await storage.save_move(call, move)
    if move["status"] == "RUNNING":
        await call.later(call.now + (_SECOND_MS if move["per_second"] else 0), "move", payload)


async def _move(call: Call, source: Queue, message: Message, target_arn: str) -> bool:
    target = await storage.find_queue_by_name(call, target_arn.rpartition(":")[2])
    if target is None:
        return False
    await storage.delete_message(call, source, source.receipt(message))
    fresh = message._replace(
        seq=call.ids.sequence(), visible_at=call.now, receives=0, first_received_at=0, sent_at=call.now,
        source_arn=None,
    )  # fmt: skip
    await storage.add_message(call, target, fresh)
    call.notify(target.channel)
    return True


async def dead_letter_queue(call: Call, queue: Queue) -> Queue | None:
    """Where a queue's messages go that were received too often. Without it they stay: nothing is lost."""
    if queue.redrive is None:
        return None
    return await storage.find_queue_by_name(call, queue.redrive[0].rpartition(":")[2], queue.account)


async def give_up(call: Call, queue: Queue, message: Message, target: Queue) -> None:
    """Move a message to the dead-letter queue."""
    await storage.delete_message(call, queue, queue.receipt(message))
    moved = message._replace(
        seq=call.ids.sequence(),
        visible_at=call.now,
        receives=0,
        first_received_at=0,
        sent_at=call.now if queue.fifo else message.sent_at,  # standard queues keep the age of the message
        source_arn=queue.arn,
    )
    await storage.add_message(call, target, moved)
    call.notify(target.channel)
