"""Streams to try: `stream("name", shards)` makes one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def kinesis(aws: Any) -> Any:
    return aws("kinesis")


@pytest.fixture
def stream(kinesis: Any) -> Callable[..., str]:
    """A stream; its ARN."""

    def make(name: str = "s", shards: int | None = 1, **settings: Any) -> str:
        if shards:
            settings["ShardCount"] = shards
        kinesis.create_stream(StreamName=name, **settings)
        return kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"]

    return make


@pytest.fixture
def read(kinesis: Any) -> Callable[..., list[dict[str, Any]]]:
    """The records of a shard from a place on."""

    def get(name: str = "s", shard: str = "shardId-000000000000", kind: str = "TRIM_HORIZON", **where: Any) -> Any:
        iterator = kinesis.get_shard_iterator(StreamName=name, ShardId=shard, ShardIteratorType=kind, **where)
        return kinesis.get_records(ShardIterator=iterator["ShardIterator"])["Records"]

    return get
