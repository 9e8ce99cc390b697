"""Operations on queues."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from undercast.kit import paging
from undercast.kit.call import Call
from undercast.kit.service import waits
from undercast.services.sqs import attributes, errors, storage, sweeps
from undercast.services.sqs.model import Queue

_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
_FIFO_NAME = re.compile(r"[A-Za-z0-9_-]{1,75}\.fifo")
_PURGE_PAUSE_MS = 60_000


async def create_queue(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Create a queue, or find the one that is there with the same attributes."""
    name, wanted = request["QueueName"], request.get("Attributes") or {}
    _check_name(name, wanted)
    checked = await attributes.check(call, name, wanted)
    existing = await storage.find_queue_by_name(call, name)
    if existing:
        _check_same(existing, checked)
        return {"QueueUrl": url(call, existing)}
    kept = {key: value for key, value in checked.items() if value != ""}
    queue = Queue(
        call.account, call.region, name, call.ids.sequence(), call.now, call.now, 0, kept, request.get("tags") or {}
    )
    await storage.add_queue(call, queue)
    await call.later(call.now + queue.retention_ms, "expire", [name, queue.created_at, queue.retention_ms])
    return {"QueueUrl": url(call, queue)}


async def delete_queue(call: Call, request: dict[str, Any]) -> None:
    """Delete a queue with all that is in it."""
    queue = await storage.find_queue(call, request["QueueUrl"])
    await storage.delete_queue(call, queue)
    await sweeps.drain(call, queue)


async def purge_queue(call: Call, request: dict[str, Any]) -> None:
    """Delete what is in a queue, in flight too."""
    queue = await storage.find_queue(call, request["QueueUrl"])
    if call.now - queue.purged_at < _PURGE_PAUSE_MS:
        raise errors.PurgeQueueInProgress(f"Only one PurgeQueue operation on {queue.name} is allowed every 60 seconds.")
    await storage.save_queue(call, replace(queue, id=call.ids.sequence(), purged_at=call.now))
    await sweeps.drain(call, queue)
    call.notify(queue.channel)  # who waits on the old generation looks again


async def get_queue_url(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The URL of a queue, also of another account's."""
    account = request.get("QueueOwnerAWSAccountId") or call.account
    queue = await storage.find_queue(call, f"{account}/{request['QueueName']}")
    return {"QueueUrl": url(call, queue)}


async def list_queues(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The URLs of queues by name."""
    limit = request.get("MaxResults")
    if limit is not None and not 1 <= limit <= 1000:
        raise errors.invalid_value(limit, "MaxResults", "MaxResults must be an integer between 1 and 1000.")
    queues = await storage.list_queues(call, request.get("QueueNamePrefix") or "", _after(request), (limit or 1000) + 1)
    shown = queues[: limit or 1000]
    return {
        "QueueUrls": [url(call, queue) for queue in shown] or None,
        "NextToken": paging.encode_token(shown[-1].name) if limit and len(queues) > limit else None,
    }


async def list_dead_letter_source_queues(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The queues that give up their messages to this one."""
    target = await storage.find_queue(call, request["QueueUrl"])
    sources = [q for q in await storage.queues_with_redrive(call) if q.redrive and q.redrive[0] == target.arn]
    after, limit = _after(request), request.get("MaxResults")
    sources = [queue for queue in sources if queue.name > after]
    shown = sources[: limit or 1000]
    return {
        "queueUrls": [url(call, queue) for queue in shown],
        "NextToken": paging.encode_token(shown[-1].name) if limit and len(sources) > limit else None,
    }


async def set_queue_attributes(call: Call, request: dict[str, Any]) -> None:
    """Change some attributes."""
    queue = await storage.find_queue(call, request["QueueUrl"])
    changes = await attributes.check(call, queue.name, request["Attributes"])
    changed = replace(queue, attributes=attributes.merge(queue, changes), modified_at=call.now)
    await storage.save_queue(call, changed)
    if changed.retention_ms != queue.retention_ms:
        there = call.into(account=queue.account)
        await there.later(call.now, "expire", [queue.name, queue.created_at, changed.retention_ms])


@waits
async def get_queue_attributes(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Attributes that were set, defaults, and counts."""
    queue = await call.transact(storage.find_queue, request["QueueUrl"])
    names = set(request.get("AttributeNames") or [])
    if unknown := names - attributes.READABLE - {"All"}:
        raise errors.InvalidAttributeName(f"Unknown Attribute {min(unknown)}.")
    counts: dict[str, str] = {}
    if "All" in names or names & attributes.COUNTS:
        visible, in_flight, delayed = await storage.count_messages(call, queue)
        counts["ApproximateNumberOfMessages"] = str(visible)
        counts["ApproximateNumberOfMessagesNotVisible"] = str(in_flight)
        counts["ApproximateNumberOfMessagesDelayed"] = str(delayed)
    shown = attributes.describe(queue, counts)
    chosen = {name: value for name, value in shown.items() if "All" in names or name in names}
    return {"Attributes": chosen or None}


async def tag_queue(call: Call, request: dict[str, Any]) -> None:
    """Add or change tags."""
    queue = await storage.find_queue(call, request["QueueUrl"])
    tags = {**queue.tags, **request["Tags"]}
    if len(tags) > 50:
        raise errors.InvalidParameterValue(f"Too many tags added for queue {queue.name}.")
    await storage.save_queue(call, replace(queue, tags=tags))


async def untag_queue(call: Call, request: dict[str, Any]) -> None:
    """Remove tags."""
    queue = await storage.find_queue(call, request["QueueUrl"])
    kept = {key: value for key, value in queue.tags.items() if key not in request["TagKeys"]}
    await storage.save_queue(call, replace(queue, tags=kept))


async def list_queue_tags(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A queue's tags."""
    queue = await storage.find_queue(call, request["QueueUrl"])
    return {"Tags": dict(queue.tags) or None}


def url(call: Call, queue: Queue) -> str:
    """The queue's URL under the host name that the client used."""
    request = call.request
    base = f"{request.scheme}://{request.host}" if request and request.host else call.platform.endpoint_url
    return f"{base}/{queue.account}/{queue.name}"


def _after(request: dict[str, Any]) -> str:
    token = request.get("NextToken")
    try:
        return str(paging.decode_token(token)) if token else ""
    except paging.InvalidToken:
        raise errors.InvalidParameterValue("Invalid or expired next token.") from None


def _check_name(name: str, wanted: dict[str, str]) -> None:
    fifo = wanted.get("FifoQueue") == "true"
    if fifo and not _FIFO_NAME.fullmatch(name):
        raise errors.InvalidParameterValue("The name of a FIFO queue can only include alphanumeric characters, hyphens, "
                                           "or underscores, must end with .fifo suffix and be 1 to 80 in length.")  # fmt: skip
    if not fifo and not _NAME.fullmatch(name):
        raise errors.InvalidParameterValue(
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
        )


def _check_same(existing: Queue, wanted: dict[str, str]) -> None:
    shown = attributes.describe(existing, {})
    for key, value in wanted.items():
        if shown.get(key, "") != value:
            raise errors.QueueNameExists(
                f"A queue already exists with the same name and a different value for attribute {key}"
            )
