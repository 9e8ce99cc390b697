"""Following the shards of a stream (of Kinesis, of a DynamoDB table) for one reader: every record, in order, durably.

A reader (an event source mapping, a pipe) makes a `Follower` with its `Settings` and a `Consumer`, which processes
batches. Parents come before children, retries and bisecting are done here, and how far it came is committed.
"""

from .changes import change_event
from .checkpoints import forget
from .follower import Consumer, Follower
from .model import EXHAUSTED, EXPIRED, Batch, Record, Result, Settings, Window

__all__ = [
    "EXHAUSTED", "EXPIRED", "Batch", "Consumer", "Follower", "Record", "Result", "Settings", "Window", "change_event",
    "forget",
]  # fmt: skip
