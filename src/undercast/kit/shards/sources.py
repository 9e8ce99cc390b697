"""The two kinds of streams, read alike: which shards there are, where to begin, what comes next."""

from __future__ import annotations

from typing import Any, Protocol

import orjson

from undercast.kit.arn import Arn
from undercast.kit.call import Call

from .model import Record, Settings, Shard

_DAY_MS = 86_400_000


class Source(Protocol):
    """A stream. `call` has no transaction and is in the account and region of the stream."""

    channel: str  # notified when records are added
    largest_read: int

    async def shards(self, call: Call) -> list[Shard]:
        """All shards, parents first."""
        ...

    async def iterator(self, call: Call, shard: str, kind: str, **where: Any) -> str:
        """An iterator of a ShardIteratorType."""
        ...

    async def start(self, call: Call, shard: str, settings: Settings) -> str:
        """An iterator at the starting position of the reader."""
        ...

    async def since(self, call: Call, shard: str, at: int) -> str:
        """An iterator at a time."""
        ...

    async def read(self, call: Call, iterator: str, limit: int) -> tuple[list[Record], str | None, bool]:
        """The next records, the next iterator (None at the end of a closed shard), and whether there are none behind."""
        ...


class KinesisStream:
    """A stream of Kinesis, also by the ARN of one of its consumers."""

    largest_read = 10_000

    def __init__(self, arn: str) -> None:
        self.arn = arn.partition("/consumer/")[0]
        self.channel = f"kinesis:{self.arn}"

    async def shards(self, call: Call) -> list[Shard]:
        found: list[Shard] = []
        where: dict[str, Any] = {"StreamARN": self.arn}
        while where:
            answer = await call.aws.kinesis.list_shards(**where)
            for one in answer["Shards"]:
                parents = (one.get("ParentShardId"), one.get("AdjacentParentShardId"))
                found.append(Shard(one["ShardId"], tuple(parent for parent in parents if parent)))
            where = {"NextToken": answer["NextToken"]} if answer.get("NextToken") else {}
        return found

    async def iterator(self, call: Call, shard: str, kind: str, **where: Any) -> str:
        if "SequenceNumber" in where:
            where["StartingSequenceNumber"] = where.pop("SequenceNumber")
        answer = await call.aws.kinesis.get_shard_iterator(
            StreamARN=self.arn, ShardId=shard, ShardIteratorType=kind, **where
        )
        return str(answer["ShardIterator"])

    async def start(self, call: Call, shard: str, settings: Settings) -> str:
        if settings.starting_position == "AT_TIMESTAMP":
            return await self.since(call, shard, settings.starting_at)
        return await self.iterator(call, shard, "TRIM_HORIZON")

    async def since(self, call: Call, shard: str, at: int) -> str:
        # Kinesis refuses a time that is to come; the reader leaves out what arrives before it.
        return await self.iterator(call, shard, "AT_TIMESTAMP", Timestamp=min(at, call.clock.now()))

    async def read(self, call: Call, iterator: str, limit: int) -> tuple[list[Record], str | None, bool]:
        answer = await call.aws.kinesis.get_records(ShardIterator=iterator, Limit=limit, StreamARN=self.arn)
        records = [
            Record(
                one["SequenceNumber"], one["PartitionKey"], one["ApproximateArrivalTimestamp"],
                len(one["Data"]) * 4 // 3 + 512, one,
            )
            for one in answer["Records"]
        ]  # fmt: skip
        return records, answer.get("NextShardIterator"), not answer["MillisBehindLatest"]


class TableStream:
    """The stream of a DynamoDB table."""

    largest_read = 1_000

    def __init__(self, arn: str) -> None:
        self.arn = arn
        self.channel = f"dynamodbstreams:{arn}"

    async def shards(self, call: Call) -> list[Shard]:
        found: list[Shard] = []
        where: dict[str, Any] = {}
        while True:
            answer = (await call.aws.dynamodbstreams.describe_stream(StreamArn=self.arn, **where))["StreamDescription"]
            for one in answer.get("Shards") or ():
                parent = one.get("ParentShardId")
                found.append(Shard(one["ShardId"], (parent,) if parent else ()))
            if not answer.get("LastEvaluatedShardId"):
                return found
            where = {"ExclusiveStartShardId": answer["LastEvaluatedShardId"]}

    async def iterator(self, call: Call, shard: str, kind: str, **where: Any) -> str:
        answer = await call.aws.dynamodbstreams.get_shard_iterator(
            StreamArn=self.arn, ShardId=shard, ShardIteratorType=kind, **where
        )
        return str(answer["ShardIterator"])

    async def start(self, call: Call, shard: str, settings: Settings) -> str:
        return await self.iterator(call, shard, "TRIM_HORIZON")

    async def since(self, call: Call, shard: str, at: int) -> str:
        return await self.iterator(call, shard, "TRIM_HORIZON")  # the reader leaves out what is older

    async def read(self, call: Call, iterator: str, limit: int) -> tuple[list[Record], str | None, bool]:
        answer = await call.aws.dynamodbstreams.get_records(ShardIterator=iterator, Limit=limit)
        records = [_change(one) for one in answer.get("Records") or ()]
        return records, answer.get("NextShardIterator"), not records


def source(arn: str) -> Source:
    """What an ARN names. ValueError when it is no stream."""
    service = Arn.parse(arn).service
    if service == "kinesis":
        return KinesisStream(arn)
    if service == "dynamodb":
        return TableStream(arn)
    raise ValueError(f"not a stream: {arn}")


def _change(one: dict[str, Any]) -> Record:
    change = one["dynamodb"]
    key = orjson.dumps(change["Keys"], default=bytes.hex, option=orjson.OPT_SORT_KEYS).decode()
    # JSON is longer than an item as DynamoDB counts it
    return Record(
        change["SequenceNumber"], key, change["ApproximateCreationDateTime"], 512 + 3 * change["SizeBytes"], one
    )
