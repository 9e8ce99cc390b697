"""How much a shard takes and gives in a second. https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html

Writes to a shard of a provisioned stream: 1,000 records and 1 MiB a second. On-demand streams grow with their traffic
on AWS; here they are not limited, so they are what a load test wants. Reads by clients: 5 calls and 2 MiB a second of
a shard. Lambda and pipes in this process are woken by writes and do not poll, so their reads do not count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from undercast.kit.call import Call

from . import errors
from .model import PROVISIONED, Stream, shard_id

WRITES = (1_000, 1 << 20)  # records and bytes a second
READS = (5, 2 << 20)  # calls and bytes a second
_MOST_BUCKETS = 100_000


@dataclass(slots=True)
class Bucket:
    """Tokens for a second of work; `spend` may go below zero once, and is paid back by waiting."""

    counts: float
    bytes: float
    at: int

    def refill(self, rates: tuple[int, int], now: int) -> None:
        """Add what came since the last time."""
        passed_s = max(0, now - self.at) / 1000
        self.counts = min(rates[0], self.counts + rates[0] * passed_s)
        self.bytes = min(rates[1], self.bytes + rates[1] * passed_s)
        self.at = now

    def spend(self, size: int) -> bool:
        """One more of `size` bytes; False when there is no room for it. A large one has room in a full bucket."""
        if self.counts < 1 or (self.bytes < size and self.bytes < WRITES[1]):
            return False
        self.counts -= 1
        self.bytes -= size
        return True


def admits(call: Call, stream: Stream, shard: int, size: int) -> bool:
    """Whether a shard takes a record now."""
    if stream.mode != PROVISIONED:
        return True
    bucket = _bucket(call, "write", WRITES, stream.id, shard)
    return bucket.spend(size)


def check_read(call: Call, stream: Stream, shard: int) -> None:
    """One call of GetRecords. ProvisionedThroughputExceededException."""
    if not call.from_client:
        return
    bucket = _bucket(call, "read", READS, stream.id, shard)
    if bucket.counts < 1 or bucket.bytes <= 0:
        raise rate_exceeded(stream, shard)
    bucket.counts -= 1


def charge_read(call: Call, stream: Stream, shard: int, size: int) -> None:
    """What the call gave."""
    if call.from_client:
        _bucket(call, "read", READS, stream.id, shard).bytes -= size


def rate_exceeded(stream: Stream, shard: int) -> errors.ProvisionedThroughputExceededException:
    """As AWS words it."""
    return errors.ProvisionedThroughputExceededException(
        f"Rate exceeded for shard {shard_id(shard)} in stream {stream.name} under account {stream.account}."
    )


def _bucket(call: Call, kind: str, rates: tuple[int, int], stream_id: int, shard: int) -> Bucket:
    buckets: dict[Any, Bucket] = call.platform.things.setdefault("kinesis.buckets", {})
    now = call.clock.now()
    key = (kind, stream_id, shard)
    bucket = buckets.get(key)
    if bucket is None:
        if len(buckets) >= _MOST_BUCKETS:
            buckets.clear()  # who was at the limit may go on; the rest would have been full by now
        bucket = buckets[key] = Bucket(*rates, now)
    bucket.refill(rates, now)
    return bucket
