"""How many messages of a queue may be in flight: received, and neither deleted nor visible again.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
"""

from __future__ import annotations

from undercast.kit.call import Call
from undercast.services.sqs import errors, storage
from undercast.services.sqs.model import Queue

LIMIT = 120_000  # of a queue; several processes over one database each count what they gave out themselves
_BOUNDS = "sqs in flight"


async def has_room(call: Call, queue: Queue) -> bool:
    """Whether a queue may give out more. OverLimit for a standard queue; a FIFO queue then just has nothing to give.

    A bound grows with every receive, and messages are counted only when it has come to the limit.
    """
    bounds = _bounds(call)
    if bounds.get(queue.id, LIMIT) >= LIMIT:
        bounds[queue.id] = await storage.count_in_flight(call, queue, LIMIT)
    if bounds[queue.id] < LIMIT:
        return True
    if queue.fifo:
        return False
    raise errors.OverLimit()


def gave(call: Call, queue: Queue, count: int) -> None:
    """Messages were received."""
    _bounds(call)[queue.id] += count


def _bounds(call: Call) -> dict[int, int]:
    bounds: dict[int, int] = call.platform.things.setdefault(_BOUNDS, {})
    return bounds
