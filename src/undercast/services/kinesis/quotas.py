"""How many streams and shards an account may have, and what was changed how often."""

from __future__ import annotations

from undercast.kit.call import Call

from . import errors, storage
from .model import ON_DEMAND, PROVISIONED, Stream

MOST_ON_DEMAND_STREAMS = 50
_LARGE_REGIONS = ("us-east-1", "us-west-2", "eu-west-1")
_DAY_MS = 86_400_000


async def check_limits(call: Call, mode: str, shards: int) -> None:
    """Whether there may be a further stream, or so many more shards. LimitExceededException."""
    if mode == ON_DEMAND:
        if await storage.count_streams(call, ON_DEMAND) >= MOST_ON_DEMAND_STREAMS:
            raise errors.LimitExceededException(
                f"This request would exceed the on-demand stream limit of {MOST_ON_DEMAND_STREAMS} for the account "
                f"{call.account} in {call.region}."
            )
        return
    limit = shard_limit(call)
    there = await storage.count_open_shards(call, mode=PROVISIONED)
    if there + shards > limit:
        raise errors.LimitExceededException(
            f"This request would exceed the shard limit for the account {call.account} in {call.region}. Current shard "
            f"count for the account: {there}. Limit: {limit}. Number of additional shards that would have resulted "
            f"from this request: {shards}. Refer to the AWS Service Limits page for current limits and how to request "
            "higher limits."
        )


def shard_limit(call: Call) -> int:
    """https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html"""
    return 20_000 if call.region in _LARGE_REGIONS else 6_000


def recent(call: Call, stream: Stream, setting: str) -> list[int]:
    """Which of the times in a setting were in the last 24 hours."""
    return [at for at in stream.settings.get(setting, ()) if at > call.now - _DAY_MS]
