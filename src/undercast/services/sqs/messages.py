"""Operations on messages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.kit.service import relaxed, waits
from undercast.services.sqs import batches, cipher, errors, flight, redrive, storage
from undercast.services.sqs.errors import invalid_value
from undercast.services.sqs.model import (
    DEDUPLICATION_MS,
    LONGEST_VISIBILITY_S,
    Draft,
    Message,
    Queue,
    Receipt,
    attributes_md5,
    body_md5,
    unpack_attributes,
)
from undercast.services.sqs.sending import send

_SYSTEM_ATTRIBUTES = {
    "SenderId", "SentTimestamp", "ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp", "SequenceNumber",
    "MessageDeduplicationId", "MessageGroupId", "AWSTraceHeader", "DeadLetterQueueSourceArn",
}  # fmt: skip


@relaxed
async def send_message(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Put one message on a queue."""
    queue = await storage.find_queue(call, request["QueueUrl"])
    draft = Draft.parse(request, queue)
    if draft.size > queue.largest_message:
        raise errors.InvalidParameterValue(
            f"One or more parameters are invalid. Reason: Message must be shorter than {queue.largest_message} bytes."
        )
    return await send(call, queue, draft)


@relaxed
async def send_message_batch(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Put up to ten messages on a queue; each succeeds or fails by itself."""
    queue = await storage.find_queue(call, request["QueueUrl"])
    entries = batches.check(request["Entries"], "SendMessageBatchRequestEntry")
    batches.check_size(entries)
    if queue.key_id:
        await cipher.ready(call, queue)  # without it the whole batch fails, not each entry

    async def send_entry(entry: dict[str, Any]) -> dict[str, Any]:
        draft = Draft.parse(entry, queue)
        if draft.size > queue.largest_message:  # recorded: test_send_batch_message_size
            raise errors.InvalidParameterValue(
                "One or more parameters cannot be validated. Reason: Message must be shorter than "
                f"{queue.largest_message} bytes."
            )
        return await send(call, queue, draft)

    return await batches.each(entries, send_entry)


@waits
async def receive_message(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Take up to ten messages; wait for one if there is none."""
    wanted = _Wanted(request, speaks_query=storage.speaks_query(call))
    queue, messages = await call.transact_relaxed(_receive, request, wanted)
    wait_s = request.get("WaitTimeSeconds")
    wait_s = queue.seconds("ReceiveMessageWaitTimeSeconds", 0) if wait_s is None else wait_s
    if not messages and wait_s:
        messages = await _wait_for_messages(call, request, wanted, queue, call.now + 1000 * wait_s)
    return {"Messages": [_show(queue, message, wanted) for message in messages] or None}


@relaxed
async def delete_message(call: Call, request: dict[str, Any]) -> None:
    """Delete a message that was received; deleting it again does nothing."""
    queue = await storage.find_queue(call, request["QueueUrl"])
    await _delete(call, queue, request["ReceiptHandle"])


@relaxed
async def delete_message_batch(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete up to ten messages; each succeeds or fails by itself."""
    queue = await storage.find_queue(call, request["QueueUrl"])
    entries = batches.check(request["Entries"], "DeleteMessageBatchRequestEntry")
    return await batches.each(entries, lambda entry: _delete(call, queue, entry["ReceiptHandle"]))


@relaxed
async def change_message_visibility(call: Call, request: dict[str, Any]) -> None:
    """Hide a received message for longer, or show it again."""
    queue = await storage.find_queue(call, request["QueueUrl"])
    await _change_visibility(call, queue, request["ReceiptHandle"], request["VisibilityTimeout"])


@relaxed
async def change_message_visibility_batch(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change the visibility of up to ten messages; each succeeds or fails by itself."""
    queue = await storage.find_queue(call, request["QueueUrl"])
    entries = batches.check(request["Entries"], "ChangeMessageVisibilityBatchRequestEntry")

    def change(entry: dict[str, Any]) -> Awaitable[None]:
        return _change_visibility(call, queue, entry["ReceiptHandle"], entry.get("VisibilityTimeout"))

    return await batches.each(entries, change)


# --- receiving ---


class _Wanted:
    """What a ReceiveMessage asks for. InvalidParameterValue when that cannot be."""

    __slots__ = ("attempt", "attributes", "limit", "system", "visibility_s")

    def __init__(self, request: dict[str, Any], *, speaks_query: bool) -> None:
        limit = request.get("MaxNumberOfMessages")
        self.limit = 1 if limit is None else limit
        if not 1 <= self.limit <= 10:
            raise invalid_value(self.limit, "MaxNumberOfMessages", "Must be between 1 and 10, if provided.")
        self.visibility_s = request.get("VisibilityTimeout")
        if self.visibility_s is not None and not 0 <= self.visibility_s <= LONGEST_VISIBILITY_S:
            raise invalid_value(self.visibility_s, "VisibilityTimeout", "Must be >= 0 and <= 43200, if provided.")
        wait_s = request.get("WaitTimeSeconds")
        if wait_s is not None and not 0 <= wait_s <= 20:
            raise invalid_value(wait_s, "WaitTimeSeconds", "Must be >= 0 and <= 20, if provided.")
        old, new = request.get("AttributeNames") or (), request.get("MessageSystemAttributeNames") or ()
        # recorded: test_message_system_attribute_names_with_attribute_names, which differs by protocol
        self.system = set(new or old) if speaks_query else {*old, *new}
        if unknown := self.system - _SYSTEM_ATTRIBUTES - {"All"}:
            raise errors.InvalidAttributeName(f"Unknown Attribute {min(unknown)}.")
        self.attributes: list[str] = request.get("MessageAttributeNames") or []
        self.attempt: str | None = request.get("ReceiveRequestAttemptId")

    def wants(self, name: str) -> bool:
        """Whether a message attribute is asked for: by name, by prefix (`foo.*`), or all."""
        return any(
            pattern in ("All", ".*", name) or (pattern.endswith(".*") and name.startswith(pattern[:-2]))
            for pattern in self.attributes
        )


async def _receive(call: Call, request: dict[str, Any], wanted: _Wanted) -> tuple[Queue, list[Message]]:
    queue = await storage.find_queue(call, request["QueueUrl"])
    visibility_s = queue.seconds("VisibilityTimeout", 30) if wanted.visibility_s is None else wanted.visibility_s
    hide_until = call.now + 1000 * visibility_s
    if wanted.attempt and not queue.fifo:
        raise invalid_value(
            wanted.attempt,
            "ReceiveRequestAttemptId",
            "The request includes a parameter that is not valid for this queue type.",
        )
    if wanted.attempt:
        again = await _received_before(call, queue, wanted.attempt, hide_until)
        if again:
            return queue, again
    if not await flight.has_room(call, queue):
        return queue, []
    claim = storage.claim_group_messages if queue.fifo else storage.claim_messages
    messages = await _claim(call, queue, claim, wanted.limit, hide_until)
    if any(message.lock for message in messages):  # in this transaction: what cannot be opened was not received
        messages = await cipher.opened(call, queue, messages)
    flight.gave(call, queue, len(messages))
    if wanted.attempt and messages:
        taken = [[message.seq, message.receives] for message in messages]
        await storage.remember(call, queue, f"receive:{wanted.attempt}", call.now + DEDUPLICATION_MS, taken)
    return queue, messages


_Claim = Callable[[Call, Queue, int, int], Awaitable[list[Message]]]


async def _claim(call: Call, queue: Queue, claim: _Claim, limit: int, hide_until: int) -> list[Message]:
    """Claim messages, leaving out those that are too old and those that were received too often."""
    oldest = call.now - queue.retention_ms
    letters = await redrive.dead_letter_queue(call, queue)
    most = queue.redrive[1] if queue.redrive and letters else 2**31
    while True:
        claimed = await claim(call, queue, limit, hide_until)
        good = [message for message in claimed if message.sent_at > oldest and message.receives <= most]
        for message in claimed:
            if message.sent_at <= oldest:
                await storage.delete_message(call, queue, queue.receipt(message))
            elif message.receives > most and letters:
                await redrive.give_up(call, queue, message, letters)
        if good or not claimed:  # a second claim beside good ones could take those again: they may be hidden for 0 s
            return good


async def _received_before(call: Call, queue: Queue, attempt: str, hide_until: int) -> list[Message]:
    """The messages of an earlier ReceiveMessage with this attempt id, while they are still in flight."""
    again: list[Message] = []
    for seq, receives in await storage.recent(call, queue, f"receive:{attempt}") or []:
        message = await storage.find_message(call, queue, Receipt(queue.id, seq, receives))
        if message is None or message.receives != receives or message.visible_at <= call.now:
            return []
        await storage.hide_message(call, queue, message, hide_until)
        again.append(message)
    return await cipher.opened(call, queue, again)


async def _wait_for_messages(
    call: Call, request: dict[str, Any], wanted: _Wanted, queue: Queue, deadline: int
) -> list[Message]:
    with call.listen(queue.channel) as signal:
        while True:
            (queue, messages), now = await call.transact_relaxed(_receive, request, wanted), call.clock.now()
            if messages or now >= deadline:
                return messages
            visible_at = await call.transact_relaxed(storage.next_visible_at, queue)
            until = deadline if visible_at is None else min(deadline, visible_at)
            await signal.wait(max(0.001, (until - now) / 1000))


def _show(queue: Queue, message: Message, wanted: _Wanted) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "MessageId": message.id,
        "ReceiptHandle": queue.receipt_handle(message),
        "MD5OfBody": body_md5(message.body),
        "Body": message.body,
    }
    if wanted.system:
        system = _system_attributes(queue, message)
        shown["Attributes"] = {k: v for k, v in system.items() if k in wanted.system or "All" in wanted.system} or None
    if wanted.attributes and message.attributes:
        chosen = {k: v for k, v in unpack_attributes(message.attributes).items() if wanted.wants(k)}
        if chosen:
            shown["MD5OfMessageAttributes"] = attributes_md5(chosen)
            shown["MessageAttributes"] = chosen
    return shown


def _system_attributes(queue: Queue, message: Message) -> dict[str, str]:
    shown = {
        "SenderId": message.sender_id,
        "ApproximateFirstReceiveTimestamp": str(message.first_received_at),
        "ApproximateReceiveCount": str(message.receives),
        "SentTimestamp": str(message.sent_at),
    }
    if queue.fifo:
        shown["SequenceNumber"] = message.sequence_number
    if message.dedup_id is not None:
        shown["MessageDeduplicationId"] = message.dedup_id
    if message.group_id is not None:
        shown["MessageGroupId"] = message.group_id
    if message.source_arn is not None:
        shown["DeadLetterQueueSourceArn"] = message.source_arn
    for name, value in unpack_attributes(message.system_attributes).items():
        shown[name] = value["StringValue"]
    return shown


# --- received messages ---


async def _delete(call: Call, queue: Queue, handle: str) -> None:
    receipt = queue.read_receipt_handle(handle)
    if queue.fifo:
        message = await storage.find_message(call, queue, receipt)
        if message and (message.receives != receipt.receives or message.visible_at <= call.now):
            # recorded: test_fifo_delete_after_visibility_timeout
            raise invalid_value(handle, "ReceiptHandle", "The receipt handle has expired.")
    await storage.delete_message(call, queue, receipt)


async def _change_visibility(call: Call, queue: Queue, handle: str, timeout_s: int | None) -> None:
    receipt = queue.read_receipt_handle(handle)
    if timeout_s is None:
        raise errors.MissingParameter("The request must contain the parameter VisibilityTimeout.")
    if not 0 <= timeout_s <= LONGEST_VISIBILITY_S:
        raise invalid_value(timeout_s, "VisibilityTimeout", "VisibilityTimeout must be between 0 and 43200 seconds.")
    message = await storage.find_message(call, queue, receipt)
    if message is None or message.receives == 0:
        raise _not_in_flight(handle)
    if queue.fifo and (message.receives != receipt.receives or message.visible_at <= call.now):
        raise _not_in_flight(handle)
    visible_at = call.now + 1000 * timeout_s
    if visible_at - message.first_received_at > 1000 * LONGEST_VISIBILITY_S and message.visible_at > call.now:
        raise invalid_value(
            timeout_s,
            "VisibilityTimeout",
            "Total VisibilityTimeout for the message is beyond the limit [43200 seconds].",
        )
    await storage.hide_message(call, queue, message, visible_at)
    call.notify(queue.channel)


def _not_in_flight(handle: str) -> ServiceError:
    return invalid_value(
        handle, "ReceiptHandle", "Message does not exist or is not available for visibility timeout change."
    )
